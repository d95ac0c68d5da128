import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { createRandom, type Random } from '../../../mock-servers/random.ts';
import type { Model } from '../../meter/model.ts';
import type {
  MessageParam,
  ModelRequest,
  ModelResponse,
  ToolResultBlockParam,
  ToolUseBlock,
} from '../../results/messages.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import { browseTools, runCode } from '../patterns/code-tools.ts';
import { toolResults } from './messages.ts';
import { brokenProgram, forgetfulProgram, forgetPage, needlessCall, wrongCall } from './mistakes.ts';
import type { Mistake, Rates } from './rates.ts';

/** A scripted model that makes mistakes, and how many it has made. */
export type Imperfect = { model: Model; made(): Partial<Record<Mistake, number>> };

export type ImperfectOptions = { rates: Rates; seed: number; surface: Surface };

/**
 * A scripted model that errs as declared and then goes on as before. It stands around the perfect model, which never learns
 * of the detours. One opportunity for a mistake is
 *
 * - failed-program: each program (its first version calls functions that do not exist); in classic, the first call of each
 *   tool (made first under a name that does not exist);
 * - wasted-discovery: once a trial, at the beginning: a look at a function that the task does not need; where nothing is
 *   looked up, a call of such a tool without its arguments, which gives an error;
 * - forgotten-page: each program that follows pages (it stops after the first); in classic, each result that has a next page
 *   (the model takes it for the last). The answer is then incomplete, and so wrong;
 * - repeated-call: each call, or program, whose result has come: it is made once more, in a round trip of its own.
 *
 * Every kind draws from a stream of its own, so that a change of one rate leaves the other mistakes where they were.
 */
export function createImperfect(perfect: Model, { rates, seed, surface }: ImperfectOptions): Imperfect {
  const made: Partial<Record<Mistake, number>> = {};
  const draws = new Map<Mistake, Random>();
  const errs = (mistake: Mistake): boolean => {
    const draw = draws.get(mistake) ?? createRandom(seed, mistake);
    draws.set(mistake, draw);
    return draw.chance(rates[mistake] ?? 0);
  };
  const note = (mistake: Mistake) => {
    made[mistake] = (made[mistake] ?? 0) + 1;
  };

  /** A response that waits until a detour is over. */
  let held: ModelResponse | undefined;
  /** Results that the perfect model has not been shown yet, because a call is being repeated. */
  let waiting: ToolResultBlockParam[] | undefined;
  let last: ModelResponse | undefined;
  let asked = 0;
  let hasStarted = false;
  const known = new Set<string>();

  const nextId = () => {
    asked += 1;
    return `toolu_mistake_${asked}`;
  };
  const detour = (like: ModelResponse, content: ContentBlock[]): ModelResponse => ({
    ...like,
    id: `msg_mistake_${asked}`,
    content,
    stop_reason: 'tool_use',
  });

  /** What the model does wrong before a response of the perfect one; undefined for nothing. */
  function before(response: ModelResponse): ContentBlock[] | undefined {
    const uses = response.content.filter((block) => block.type === 'tool_use');
    if (uses.length === 0) return undefined;
    if (!hasStarted) {
      hasStarted = true;
      const needless = errs('wasted-discovery') ? needlessCall(uses, surface, nextId) : undefined;
      if (needless) {
        note('wasted-discovery');
        return [needless];
      }
    }
    const wrong = uses.flatMap((use): ContentBlock[] => {
      if (use.name === browseTools) return [];
      const isProgram = use.name === runCode;
      if (!isProgram && known.has(use.name)) return [];
      known.add(use.name);
      const mistake =
        errs('failed-program') && (isProgram ? brokenProgram(use, nextId) : wrongCall(use, nextId));
      return mistake ? [mistake] : [];
    });
    for (const _ of wrong) note('failed-program');
    return wrong.length > 0 ? wrong : undefined;
  }

  /** Programs that follow pages may forget to. */
  function forget(response: ModelResponse): ModelResponse {
    const content = response.content.map((block) => {
      if (block.type !== 'tool_use' || block.name !== runCode) return block;
      const forgetful = forgetfulProgram(block);
      if (!forgetful || !errs('forgotten-page')) return block;
      note('forgotten-page');
      return forgetful;
    });
    return { ...response, content };
  }

  function overlookPages(results: ToolResultBlockParam[], uses: ToolUseBlock[]): ToolResultBlockParam[] {
    const programs = new Set(uses.filter((use) => use.name === runCode).map((use) => use.id));
    return results.map((result) => {
      const last = programs.has(result.tool_use_id) ? undefined : forgetPage(result);
      if (!last || !errs('forgotten-page')) return result;
      note('forgotten-page');
      return last;
    });
  }

  async function respond(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse> {
    if (held) {
      // The detour's results are seen and dropped.
      const response = held;
      held = undefined;
      last = response;
      return response;
    }
    let results = waiting ?? toolResults(request);
    const uses = last?.content.filter((block) => block.type === 'tool_use') ?? [];
    if (!waiting) {
      results = overlookPages(results, uses);
      const again = uses.filter((use) => use.name !== browseTools && errs('repeated-call'));
      if (again.length > 0 && last) {
        waiting = results;
        for (const _ of again) note('repeated-call');
        return detour(
          last,
          again.map((use) => ({ ...use, id: nextId() })),
        );
      }
    }
    waiting = undefined;
    // What was ready to be asked for is not known once a mistake is among it.
    const { waiting: _ready, ...answered } = await perfect.respond(showing(request, results), signal);
    const response = forget(answered);
    const wrong = before(response);
    last = response;
    if (!wrong) return response;
    held = response;
    return detour(response, wrong);
  }

  return {
    model: { id: perfect.id, evidence: 'scripted', respond, close: () => perfect.close() },
    made: () => ({ ...made }),
  };
}

/** The request as it would be had there been no detour: its last message brings these results. */
function showing(request: ModelRequest, results: ToolResultBlockParam[]): ModelRequest {
  if (results.length === 0) return request;
  const content = results as MessageParam['content'];
  return { ...request, messages: [...request.messages.slice(0, -1), { role: 'user', content }] };
}
