import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { Overflow } from '../../meter/meter.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import { counted } from '../../numbers.ts';
import type { MessageParam, ToolParam, ToolResultBlockParam, ToolUseBlock } from '../../results/messages.ts';
import type { ProgramEnd, Sandbox, SandboxLimits } from '../../sandbox/sandbox.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import type { CallTool } from '../../tools/tool-caller.ts';
import { tellOutputLimit } from '../model/request-limits.ts';
import type { Quote } from './quote.ts';

/** What the model is asked, and the servers it may use. The same for every pattern. */
export type Task = {
  text: string;
  surface: Surface;
  /** Stands first in the system prompt, so that no other trial's prompt cache serves it. */
  salt?: string;
};

/** What a pattern works with. It is handed everything and builds no client of its own. */
export type PatternContext = {
  model: Model;
  callTool: CallTool;
  sandbox: Sandbox;
  limits: { roundTrips: number; outputTokens: number };
  /** How programs learn of a tool's error: by an exception unless given. */
  toolErrors?: 'exceptions' | 'values';
  /** Marks results as data; without it they enter the conversation as they are. */
  quote?: Quote | undefined;
  /** Limits of each program, where the sandbox's defaults do not hold. */
  programLimits: Partial<SandboxLimits>;
  /** Called when a program of the code pattern has ended. */
  onProgram(program: ProgramReport): void;
  signal: AbortSignal;
};

/** What one program did, for the trace. */
export type ProgramReport = Pick<
  ProgramEnd,
  'status' | 'calls' | 'stoppedCalls' | 'logBytes' | 'measured'
> & { sha256: string; valueBytes: number; error?: string };

/** How a trial ended. An infrastructure error is never a wrong answer, and a wrong answer is never infrastructure. */
export type Outcome =
  | { status: 'completed'; answer: string }
  | ({ status: 'context_overflow' } & Overflow)
  | { status: 'limit_reached'; limit: string }
  | { status: 'model_stopped'; reason: string }
  /** `scenarioFault`: it was the scenario's own code that threw. */
  | { status: 'infrastructure_error'; error: string; scenarioFault?: true };

/** Works on a task until the model has answered or cannot go on. Rejects only for infrastructure. */
export type Pattern = (task: Task, context: PatternContext) => Promise<Outcome>;

/**
 * What a tool use comes to: a text, or references to deferred tools, whose definitions the API puts in their place. `isData`: the
 * text is that of a result, or of a program that may have put results into it.
 */
export type Executed = { text: string; isError: boolean; references?: string[]; isData?: true };

/** Answers one tool use of the model's. */
export type Execute = (use: ToolUseBlock) => Promise<Executed>;

/**
 * The loop that all patterns share: ask, run the tools that the model asks for, hand the results back, until it answers without
 * asking for any. The uses of one response run at once, but for those that change something.
 */
export async function converse(
  task: Task,
  tools: ToolParam[],
  execute: Execute,
  context: PatternContext,
  changes: (use: ToolUseBlock) => boolean = () => false,
): Promise<Outcome> {
  const { model, limits, signal } = context;
  const system = [
    {
      type: 'text' as const,
      text: systemPrompt(task),
      cache_control: { type: 'ephemeral' as const },
    },
  ];
  const messages: MessageParam[] = [];
  appendUser(messages, [{ type: 'text', text: task.text }]);
  try {
    for (let roundTrip = 1; roundTrip <= limits.roundTrips; roundTrip += 1) {
      signal.throwIfAborted();
      const response = await model.respond(
        { model: model.id, max_tokens: limits.outputTokens, system, tools, messages },
        signal,
      );
      messages.push({ role: 'assistant', content: response.content as ContentBlockParam[] });
      switch (response.stop_reason) {
        case 'refusal':
          return { status: 'model_stopped', reason: 'The model refused.' };
        case 'max_tokens':
          return { status: 'limit_reached', limit: tellOutputLimit(limits.outputTokens) };
        case 'model_context_window_exceeded':
          return { status: 'limit_reached', limit: 'the context window, while answering' };
      }
      const uses = response.content.filter((block) => block.type === 'tool_use');
      if (uses.length === 0) {
        const answer = response.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
        return { status: 'completed', answer };
      }
      appendUser(messages, await runInOrder(uses, changes, (use) => answerUse(use, execute, context.quote)));
    }
  } catch (error) {
    if (error instanceof ModelStopped) return { status: 'model_stopped', reason: error.message };
    throw error;
  }
  return { status: 'limit_reached', limit: counted(limits.roundTrips, 'round trip') };
}

/** Works through the uses of one response: those that change something one after another, in their place among the others. */
export async function runInOrder<T, R>(
  items: readonly T[],
  changes: (item: T) => boolean,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const done: R[] = [];
  while (done.length < items.length) {
    const rest = items.slice(done.length);
    const first = rest.findIndex(changes);
    const together = first === 0 ? 1 : first < 0 ? rest.length : first;
    done.push(...(await Promise.all(rest.slice(0, together).map(work))));
  }
  return done;
}

async function answerUse(
  use: ToolUseBlock,
  execute: Execute,
  quote: Quote | undefined,
): Promise<ToolResultBlockParam> {
  const { text: said, isError, references, isData } = await execute(use);
  // The API accepts no empty text block.
  const text = said || '(empty)';
  const content = references
    ? references.map((name) => ({ type: 'tool_reference' as const, tool_name: name }))
    : [{ type: 'text' as const, text: isData && quote ? quote(text, use.id) : text }];
  return { type: 'tool_result', tool_use_id: use.id, content, ...(isError ? { is_error: true } : {}) };
}

type UserContent = Extract<ContentBlockParam, { cache_control?: unknown }>[];

/**
 * Appends a user message and moves the cache breakpoints: on the end of the prompt, and on the end of the prompt before,
 * so that the entry written last time is found however many blocks were added since. With the system prompt's that makes
 * three of the four that the API allows.
 */
function appendUser(messages: MessageParam[], content: UserContent): void {
  const last = content.at(-1);
  if (last) last.cache_control = { type: 'ephemeral' };
  messages.push({ role: 'user', content });
  // Every other message is a user message; the one before the previous loses its breakpoint.
  const stale = messages[messages.length - 5];
  const block = typeof stale?.content === 'string' ? undefined : stale?.content.at(-1);
  if (block && 'cache_control' in block) delete block.cache_control;
}

/** The same words for both patterns, with what each server says about itself. */
function systemPrompt({ surface, salt }: Task): string {
  const servers = surface.map(
    ({ server, instructions }) => `## ${server}\n${instructions?.trim() || '(no instructions)'}`,
  );
  const prompt = ['You complete tasks for a user with the tools of these MCP servers.', ...servers];
  return [...(salt === undefined ? [] : [`Session ${salt}.`]), ...prompt].join('\n\n');
}
