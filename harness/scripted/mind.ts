import type { JsonObject } from '../json.ts';
import { toApi } from '../mcp/program-api.ts';
import { ModelStopped } from '../model/model.ts';
import type {
  GuestCall,
  OpenProgram,
  ProgramEnd,
  Sandbox,
  SandboxLimits,
  Settlement,
} from '../sandbox/sandbox.ts';
import { writeProgram } from '../scenario/program-source.ts';
import { look, parseReturned, type Script } from './script.ts';

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

/** The reference program under way, step after step. */
export class Mind {
  readonly #script: Script;
  readonly #sandbox: Sandbox;
  readonly #pending: GuestCall[] = [];
  #open: OpenProgram | undefined;
  #step = 0;
  #input: JsonObject = {};

  constructor(script: Script, sandbox: Sandbox) {
    this.#script = script;
    this.#sandbox = sandbox;
  }

  /** Goes on with the results until the program waits for more (undefined) or the last step has ended (the answer). */
  async think(settlements: Settlement[], signal: AbortSignal): Promise<string | undefined> {
    let results = settlements;
    for (;;) {
      this.#open ??= await this.#start(signal);
      const wave = await this.#open.advance(results);
      signal.throwIfAborted();
      results = [];
      if (!wave.end) {
        this.#pending.push(...wave.calls);
        if (this.#pending.length > 0) return undefined;
        throw new ModelStopped('The reference program waits for something that is not a tool call.');
      }
      await this.#open.stop();
      this.#open = undefined;
      this.#pending.length = 0;
      const answer = this.#finishStep(wave.end);
      if (answer !== undefined) return answer;
    }
  }

  /** The next calls to make, in the order in which the program made them. */
  take(most: number): GuestCall[] {
    return this.#pending.splice(0, most);
  }

  async stop(): Promise<void> {
    await this.#open?.stop();
  }

  #start(signal: AbortSignal): Promise<OpenProgram> {
    const { sources, input, surface } = this.#script;
    const source = sources[this.#step];
    if (!source) throw new Error(`The reference program has no step ${this.#step + 1}.`);
    const program = { source: writeProgram(source, { ...input, ...this.#input }), api: toApi(surface) };
    const { cpuMs } = this.#script;
    return this.#sandbox.open(program, { limits: { ...limits, ...(cpuMs && { cpuMs }) }, signal });
  }

  #finishStep(end: ProgramEnd): string | undefined {
    if (end.status !== 'ok') {
      const { name, message, line } = end.error;
      const place = line === undefined ? '' : ` (line ${line} of step ${this.#step + 1})`;
      throw new ModelStopped(`The reference program failed: ${end.status}: ${name}: ${message}${place}`);
    }
    this.#step += 1;
    const next = this.#script.steps[this.#step];
    const returned = end.valueJson ?? '';
    if (!next) return returned;
    this.#input = look(next, parseReturned(returned), this.#script.input);
    return undefined;
  }
}
