import { messageOf } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { ModelStopped } from '../../meter/model.ts';
import type {
  CompletedCall,
  GuestCall,
  OpenProgram,
  ProgramEnd,
  Sandbox,
  SandboxLimits,
} from '../../sandbox/sandbox.ts';
import { placeInFile, writeProgram } from '../../scenario/program-source.ts';
import type { Step, StepSource } from '../../scenario/scenario.ts';
import { findToolUses } from '../../scenario/tool-uses.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { toApi } from '../patterns/code.ts';
import type { Schedule } from './schedule.ts';
import type { OwnWords } from './translation.ts';

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

/** The model reads what it was shown and decides what the next step works with. */
function look(step: Step, seen: Json, input: JsonObject): JsonObject {
  try {
    return step.look?.(seen, input) ?? {};
  } catch (error) {
    const reason = messageOf(error);
    throw new ModelStopped(`Looking at the result of a step failed: ${reason}`);
  }
}

/**
 * What the model takes into the next step from what this one (counted from 0) returned; undefined where it was the last.
 */
export function lookAhead(
  { steps, input }: ReferencePlan,
  step: number,
  returned: string,
): JsonObject | undefined {
  const next = steps[step + 1];
  return next && look(next, parseReturned(returned), input);
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

/** What a program returned, from the JSON text that the model was shown. */
function parseReturned(returned: string): Json {
  try {
    return JSON.parse(returned) as Json;
  } catch {
    return returned;
  }
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
export class RunningProgram {
  readonly #program: OpenProgram;
  readonly #source: StepSource;
  readonly #pending: GuestCall[] = [];
  /** Calls that it made and has no result of. */
  #unanswered = 0;

  private constructor(program: OpenProgram, source: StepSource) {
    this.#program = program;
    this.#source = source;
  }

  /** Opens a step (counted from 0); `seen` is what the model took from the step before. */
  static async open(
    plan: ReferencePlan,
    sandbox: Sandbox,
    step: number,
    seen: JsonObject,
    signal: AbortSignal,
  ): Promise<RunningProgram> {
    const source = plan.sources[step];
    if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
    const program = {
      source: writeProgram(source, { ...plan.input, ...seen }),
      api: toApi(plan.surface),
    };
    const { cpuMs } = plan;
    const open = await sandbox.open(program, {
      limits: { ...limits, ...(cpuMs && { cpuMs }) },
      signal,
      trusted: true,
    });
    return new RunningProgram(open, source);
  }

  /** Hands in results, the first time none. Undefined where the program waits for more; else the JSON text it returned. */
  async resume(results: CompletedCall[], signal: AbortSignal): Promise<string | undefined> {
    const batch = await this.#program.advance(results);
    signal.throwIfAborted();
    if (batch.end) {
      await this.stop();
      this.#pending.length = 0;
      return this.#returned(batch.end);
    }
    for (const call of batch.calls) this.#pending.push(call);
    this.#unanswered += batch.calls.length - results.length;
    if (this.#unanswered > 0) return undefined;
    throw new ModelStopped('The reference program waits for something that is not a tool call.');
  }

  /** Calls that the program waits for and the model has not asked for yet, in the order in which they were made. */
  get pending(): readonly GuestCall[] {
    return this.#pending;
  }

  /** Takes these calls, to ask for them. */
  take(): GuestCall[] {
    return this.#pending.splice(0);
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  #returned(end: ProgramEnd): string {
    if (end.status === 'ok') return end.valueJson ?? '';
    const { name, message, line } = end.error;
    const place = line === undefined ? undefined : placeInFile(this.#source, line);
    throw new ModelStopped(
      `The reference program failed: ${end.status}: ${name}: ${message}${place ? ` (${place})` : ''}`,
    );
  }
}
