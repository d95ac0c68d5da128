import type { JsonObject } from '../../json.ts';
import { ModelStopped } from '../../meter/model.ts';
import type {
  GuestCall,
  OpenProgram,
  ProgramEnd,
  Sandbox,
  SandboxLimits,
  Settlement,
} from '../../sandbox/sandbox.ts';
import { writeProgram } from '../../scenario/program-source.ts';
import { toApi } from '../patterns/program-api.ts';
import type { Script } from './reference-plan.ts';

/**
 * A mind thinks for as long as its conversation lasts, and what it holds is what a model has in its context: the limits of
 * the code pattern are not its own.
 */
const limits: Partial<SandboxLimits> = {
  wallMs: 3_600_000,
  calls: 1_000_000,
  memoryBytes: 512 * 1024 ** 2,
  valueBytes: 64 * 1024 ** 2,
};

/** One step of the reference program under way, in the head of a model that makes its calls directly. */
export class Mind {
  readonly #program: OpenProgram;
  readonly #step: number;
  readonly #pending: GuestCall[] = [];

  private constructor(program: OpenProgram, step: number) {
    this.#program = program;
    this.#step = step;
  }

  /** Starts on a step (from 0); `seen` is what the model took from the step before. */
  static async open(
    script: Script,
    sandbox: Sandbox,
    step: number,
    seen: JsonObject,
    signal: AbortSignal,
  ): Promise<Mind> {
    const source = script.sources[step];
    if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
    const program = {
      source: writeProgram(source, { ...script.input, ...seen }),
      api: toApi(script.surface),
    };
    const { cpuMs } = script;
    const open = await sandbox.open(program, { limits: { ...limits, ...(cpuMs && { cpuMs }) }, signal });
    return new Mind(open, step);
  }

  /** Goes on with the results until the program waits for more (undefined) or has ended (the JSON text it returned). */
  async think(settlements: Settlement[], signal: AbortSignal): Promise<string | undefined> {
    const wave = await this.#program.advance(settlements);
    signal.throwIfAborted();
    if (wave.end) {
      await this.stop();
      this.#pending.length = 0;
      return this.#returned(wave.end);
    }
    this.#pending.push(...wave.calls);
    if (this.#pending.length > 0) return undefined;
    throw new ModelStopped('The reference program waits for something that is not a tool call.');
  }

  /** Calls that it waits for and has not asked for yet, in the order in which the program made them. */
  get pending(): readonly GuestCall[] {
    return this.#pending;
  }

  /** Takes the next calls to ask for. */
  take(most: number): GuestCall[] {
    return this.#pending.splice(0, most);
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  #returned(end: ProgramEnd): string {
    if (end.status === 'ok') return end.valueJson ?? '';
    const { name, message, line } = end.error;
    const place = line === undefined ? '' : ` (line ${line} of step ${this.#step + 1})`;
    throw new ModelStopped(`The reference program failed: ${end.status}: ${name}: ${message}${place}`);
  }
}
