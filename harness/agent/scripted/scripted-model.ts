import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { messageOf } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { type Model, ModelStopped } from '../../meter/model.ts';
import type {
  ModelRequest,
  ModelResponse,
  ToolResultBlockParam,
  ToolUseBlock,
} from '../../results/messages.ts';
import type { CompletedCall, GuestCall, Sandbox, SandboxLimits } from '../../sandbox/sandbox.ts';
import { placeInFile, writeProgram } from '../../scenario/program-source.ts';
import type { Step, StepSource } from '../../scenario/scenario.ts';
import { findToolUses } from '../../scenario/tool-uses.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { toApi } from '../patterns/code.ts';
import type { OwnWords } from './player.ts';
import type { Schedule } from './schedule.ts';

/** As many as clients commonly see a model ask for at once. */
export const mostParallelCalls = 10;

/** What a scripted model follows: the steps of a scenario's reference program over these servers. */
export type ReferencePlan = {
  modelId: string;
  steps: Step[];
  sources: StepSource[];
  /** Input of every program: the parameters, and what the task gives. */
  input: JsonObject;
  surface: Surface;
  /** CPU milliseconds that the program may take, in either pattern. */
  cpuMs: number | undefined;
  /** What is another thing each time these servers are started. */
  own: OwnWords;
  /** How often a call is made again that failed, in any pattern; never unless given. */
  retries?: number;
  /** How direct calls are asked for; as the programs are written where there is none. */
  schedule?: Schedule | undefined;
  /** Told when direct calls leave the schedule: after how many calls, and why. */
  onLeave?: (left: LeftSchedule) => void;
};

/** From where on calls went as the program is written, and why. */
export type LeftSchedule = { calls: number; because: string };

/** A step (counted from 0) as text. */
export function sourceOf({ sources }: ReferencePlan, step: number): StepSource {
  const source = sources[step];
  if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
  return source;
}

/** The program of a step; `seen` is what the model took from the step before. */
export function writeStep(plan: ReferencePlan, step: number, seen: JsonObject): string {
  return writeProgram(sourceOf(plan, step), { ...plan.input, ...seen });
}

/**
 * What the model, which reads what it was shown, takes into the next step from the JSON text that this one returned; undefined
 * where it was the last.
 */
export function lookAhead(
  { steps, input }: ReferencePlan,
  step: number,
  returned: string,
): JsonObject | undefined {
  const next = steps[step + 1];
  if (!next) return undefined;
  let seen: Json = returned;
  try {
    seen = JSON.parse(returned) as Json;
  } catch {
    // A text that is no JSON is seen as it is.
  }
  try {
    return next.look?.(seen, input) ?? {};
  } catch (error) {
    throw new ModelStopped(`Looking at the result of a step failed: ${messageOf(error)}`);
  }
}

/**
 * The functions that the programs use, in the order of the surface. Of a server that a program reaches by other means than
 * names, such as `mcp.crm[name]`, those whose names it has as a property or in quotes.
 */
export function usedFunctions(sources: readonly StepSource[], surface: Surface): Tool[] {
  const found = sources.map(({ body }) => findToolUses(body));
  const isUsed = (server: string, tool: string) =>
    found.some(
      ({ uses, open, words }) =>
        uses.some((use) => use.server === server && use.tool === tool) ||
        ((open.includes(server) || open.includes(null)) && words.has(tool)),
    );
  return surface.flatMap(({ server, tools }) => tools.filter(({ identifier }) => isUsed(server, identifier)));
}

/**
 * The program runs for as long as the conversation lasts, and what it holds is what a model has in its context. So the limits
 * of the code pattern do not apply to it.
 */
const limits: Partial<SandboxLimits> = {
  wallMs: 3_600_000,
  calls: 1_000_000,
  memoryBytes: 512 * 1024 ** 2,
  valueBytes: 64 * 1024 ** 2,
};

/** One step of the reference program under way: it decides what a model that makes its calls directly asks for next. */
export type RunningProgram = Awaited<ReturnType<typeof openStep>>;

/** Opens the program of a step, as `writeStep` gives it. */
export async function openStep(
  plan: ReferencePlan,
  sandbox: Sandbox,
  step: number,
  seen: JsonObject,
  signal: AbortSignal,
) {
  const { cpuMs } = plan;
  const program = await sandbox.open(
    { source: writeStep(plan, step, seen), api: toApi(plan.surface) },
    { limits: { ...limits, ...(cpuMs && { cpuMs }) }, signal, trusted: true },
  );
  const pending: GuestCall[] = [];
  /** Calls that it made and has no result of. */
  let unanswered = 0;
  return {
    /** Calls that the program waits for and the model has not asked for yet, in the order in which they were made. */
    pending,
    /** Hands in results, the first time none. Undefined where the program waits for more; else the JSON text it returned. */
    async resume(results: CompletedCall[], signal: AbortSignal): Promise<string | undefined> {
      const { calls, end } = await program.advance(results);
      signal.throwIfAborted();
      if (!end) {
        for (const call of calls) pending.push(call);
        unanswered += calls.length - results.length;
        if (unanswered > 0) return undefined;
        throw new ModelStopped('The reference program waits for something that is not a tool call.');
      }
      await program.stop();
      pending.length = 0;
      if (end.status === 'ok') return end.valueJson ?? '';
      const { name, message, line } = end.error;
      const place = line === undefined ? undefined : placeInFile(sourceOf(plan, step), line);
      throw new ModelStopped(
        `The reference program failed: ${end.status}: ${name}: ${message}${place ? ` (${place})` : ''}`,
      );
    },
    stop: () => program.stop(),
  };
}

/** A response: its blocks, and how many more calls were ready to be asked for, where there were any. */
export type Said = ContentBlock[] | { blocks: ContentBlock[]; waiting: number };

/** A model that answers by a program; no API counted its tokens, so its usage is null. */
export function scripted(
  id: string,
  next: (request: ModelRequest, signal: AbortSignal) => Said | Promise<Said>,
  close = async () => {},
): Model {
  let responses = 0;
  return {
    id,
    evidence: 'scripted',
    close,
    async respond(request, signal): Promise<ModelResponse> {
      const said = await next(request, signal);
      const { blocks: content, waiting } = Array.isArray(said) ? { blocks: said, waiting: 0 } : said;
      responses += 1;
      const callsTools = content.some((block) => block.type === 'tool_use');
      return {
        id: `msg_scripted_${responses}`,
        type: 'message',
        role: 'assistant',
        model: id,
        container: null,
        content,
        diagnostics: null,
        stop_details: null,
        stop_reason: callsTools ? 'tool_use' : 'end_turn',
        stop_sequence: null,
        usage: null,
        waiting,
      };
    },
  };
}

/** The tool results that the last message of a request brings. */
export function toolResults(request: ModelRequest): ToolResultBlockParam[] {
  const content = request.messages.at(-1)?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap((block) => (block.type === 'tool_result' ? [block] : []));
}

export function resultText(block: ToolResultBlockParam): string {
  if (!Array.isArray(block.content)) return block.content ?? '';
  return block.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

export function text(value: string): ContentBlock {
  return { type: 'text', text: value, citations: null };
}

export function toolUse(id: string, name: string, input: JsonObject): ToolUseBlock {
  return { type: 'tool_use', id, name, input, caller: { type: 'direct' } };
}

/** What a scripted model conducts a conversation with. */
export type Turn = {
  plan: ReferencePlan;
  /** The request to answer now, and the signal that cancels the work on it. */
  request: ModelRequest;
  signal: AbortSignal;
  /** A use of a tool, under an id of its own. */
  use(name: string, input: JsonObject): ToolUseBlock;
  /** Opens the program of a step; the one opened last ends with the conversation. */
  open(step: number, seen: JsonObject): Promise<RunningProgram>;
};

/** A conversation, or a part of one. Each `yield` is a response, after which the turn has the next request. */
export type Conversation<Result> = AsyncGenerator<Said, Result, void>;

/**
 * A model that takes the steps of the plan one after another, and then answers with what the last one returned. `takeStep` gives
 * that, with what the model took from the step before; `prepare` comes before the first.
 */
export function takingSteps(
  plan: ReferencePlan,
  sandbox: Sandbox,
  takeStep: (turn: Turn, step: number, seen: JsonObject) => Conversation<string>,
  prepare?: (turn: Turn) => Conversation<void>,
): Model {
  let uses = 0;
  let program: RunningProgram | undefined;
  async function* conduct(turn: Turn): Conversation<string> {
    if (prepare) yield* prepare(turn);
    let seen: JsonObject | undefined = {};
    let returned = '';
    for (let step = 0; seen; step += 1) {
      returned = yield* takeStep(turn, step, seen);
      seen = lookAhead(plan, step, returned);
    }
    return returned;
  }
  let begun: { turn: Turn; conversation: Conversation<string> } | undefined;
  return scripted(
    plan.modelId,
    async (request, signal) => {
      if (!begun) {
        const turn: Turn = {
          ...{ plan, request, signal },
          use(name, input) {
            uses += 1;
            return toolUse(toolUseId(uses), name, input);
          },
          async open(step, seen) {
            program = await openStep(plan, sandbox, step, seen, turn.signal);
            return program;
          },
        };
        begun = { turn, conversation: conduct(turn) };
      }
      Object.assign(begun.turn, { request, signal });
      const next = await begun.conversation.next();
      return next.done ? [text(next.value)] : next.value;
    },
    async () => program?.stop(),
  );
}

export function toolUseId(number: number): string {
  return `toolu_${String(number).padStart(8, '0')}`;
}
