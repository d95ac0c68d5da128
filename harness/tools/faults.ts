import { setTimeout as delay } from 'node:timers/promises';
import { canonicalJson, isRecord, mapTexts } from '../json.ts';
import { type FaultKind, passingFaults } from '../results/codes.ts';
import type { Faults, MetFaults } from '../results/world.ts';
import { deriveSeed } from '../seed.ts';
import type { Connections } from './mcp/connections.ts';
import { checkResult } from './mcp/schema-check.ts';
import { notOfSchema, type Surface, type Tool, type ToolResult } from './mcp/surface.ts';
import { explainWrite } from './policy.ts';

/** What a client says of a call that failed on the way; the codes are those of MCP's SDK. */
const words: Partial<Record<FaultKind, (tool: string) => string>> = {
  error: (tool) => `${tool} failed: a service behind it did not respond.`,
  protocol: () => 'MCP error -32603: Internal error',
  busy: () => '429 Too Many Requests: the rate limit was reached.',
  timeout: () => 'MCP error -32001: Request timed out',
  dropped: () => 'MCP error -32000: Connection closed',
};

/** Whether a fault means that no answer of the server came back. */
export function isLost(kind: FaultKind): boolean {
  return words[kind] !== undefined;
}

/** Kinds after which the server has done nothing. */
const withheld: ReadonlySet<FaultKind> = new Set(['error', 'protocol', 'busy']);

/** From 0 to 1, alike for the same words. */
const drawn = (seed: number, ...path: (string | number)[]) => deriveSeed(seed, 'fault', ...path) / 2 ** 31;

/** Whether a tool has a lasting fault: the same in all trials of a run's data. */
function hasFault({ rates }: Faults, kind: 'renamed' | 'schemaless', seed: number, tool: Tool): boolean {
  return drawn(seed, kind, tool.server, tool.name) < (rates[kind] ?? 0);
}

/** The servers where some tools no longer declare what they return. */
export function withoutSchemas(surface: Surface, faults: Faults, seed: number): Surface {
  return surface.map((server) => ({
    ...server,
    tools: server.tools.map((tool) => {
      if (!hasFault(faults, 'schemaless', seed, tool)) return tool;
      const { outputSchema: _, ...rest } = tool;
      return rest;
    }),
  }));
}

/** What is known of one call, however often it was made. */
type Call = {
  attempts: number;
  /** How often it took effect. */
  landed: number;
  /** Whether it failed by a fault when it was made last. */
  hasFailed: boolean;
};

/** What a dial works with. */
type DialSettings = {
  faults: Faults;
  /** For lasting faults, alike in all trials, and for passing ones, alike in all variants of a repeat. */
  seeds: { data: number; trial: number };
  /** The trial's own folder, whose name is no difference between calls. */
  directory: string;
};

/**
 * Lets calls fail between a client and its servers, of any kind. Whether a call meets a fault follows from seed, tool,
 * arguments and how often the call was made before, so that all patterns meet the same ones. It serves one trial.
 */
export class FaultDial {
  readonly #settings: DialSettings;
  readonly #calls = new Map<string, Call>();
  readonly #ways = new Map<string, { underWay: Set<Promise<unknown>>; restart: Promise<void> | undefined }>();
  readonly #met: Partial<Record<FaultKind, number>> = {};
  #retried = 0;
  #wroteTwice = 0;

  constructor(settings: DialSettings) {
    this.#settings = settings;
  }

  /** The same connections with faults in the way to them. `restart` starts a server again whose connection broke. */
  over(
    connections: Pick<Connections, 'call'>,
    restart: (server: string) => Promise<void>,
  ): Pick<Connections, 'call'> {
    return {
      call: async (tool, args, signal, traceparent) => {
        const { directory, seeds } = this.#settings;
        const text = canonicalJson(args).replaceAll(directory, '<trial>');
        const call = this.#callOf(`${tool.server} ${tool.name} ${text}`);
        call.attempts += 1;
        const isAgain = call.hasFailed;
        if (isAgain) this.#retried += 1;
        const kind = this.#draw(drawn(seeds.trial, tool.server, tool.name, text, call.attempts));
        const forward = async () => {
          const result = await this.#underWay(tool.server, () =>
            connections.call(tool, args, signal, traceparent),
          );
          if (!result.isError) {
            call.landed += 1;
            if (isAgain && call.landed > 1 && explainWrite(tool) !== undefined) this.#wroteTwice += 1;
          }
          return result;
        };
        const result = await this.#answer(tool, kind, forward, () => restart(tool.server), signal);
        // An error that comes late is the tool's own.
        call.hasFailed = result.isError && result.fault !== undefined && result.fault !== 'slow';
        if (result.fault) this.#met[result.fault] = (this.#met[result.fault] ?? 0) + 1;
        return result;
      },
    };
  }

  /** What was met so far; `isSilent`: whether the trial ended with a wrong answer as if all were well. */
  report(isSilent: boolean): MetFaults {
    const failed = [...this.#calls.values()].filter(({ hasFailed }) => hasFailed);
    return {
      met: Object.fromEntries(Object.entries(this.#met).sort(([a], [b]) => (a < b ? -1 : 1))),
      retried: this.#retried,
      gaveUp: failed.length,
      wroteTwice: this.#wroteTwice,
      silent: isSilent ? 1 : 0,
    };
  }

  #callOf(key: string): Call {
    const call = this.#calls.get(key) ?? { attempts: 0, landed: 0, hasFailed: false };
    this.#calls.set(key, call);
    return call;
  }

  #draw(at: number): FaultKind | undefined {
    let sum = 0;
    return passingFaults.find((kind) => {
      sum += this.#settings.faults.rates[kind] ?? 0;
      return at < sum;
    });
  }

  async #answer(
    tool: Tool,
    kind: FaultKind | undefined,
    forward: () => Promise<ToolResult>,
    restart: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { delayMs } = this.#settings.faults;
    const said = kind && words[kind];
    if (kind && said) {
      if (!withheld.has(kind)) await forward();
      if (kind === 'timeout') await delay(delayMs, undefined, { signal });
      if (kind === 'dropped') await this.#restart(tool.server, restart);
      return { isError: true, text: said(tool.name), isJson: false, fault: kind };
    }
    const result = this.#rename(tool, await forward());
    if (kind === 'slow') {
      await delay(delayMs, undefined, { signal });
      return { ...result, fault: 'slow' };
    }
    if (kind !== 'cut' || result.isError) return result;
    if (tool.outputSchema)
      return { ...notOfSchema(tool.name, 'there is no structured content'), fault: 'cut' };
    const half = result.text.slice(0, Math.ceil(result.text.length / 2)).toWellFormed();
    return { isError: false, text: half, isJson: false, fault: 'cut' };
  }

  /** Gives one field of a tool's results another name, where the tool has that fault. */
  #rename(tool: Tool, result: ToolResult): ToolResult {
    const { faults, seeds } = this.#settings;
    if (!result.isJson || !hasFault(faults, 'renamed', seeds.data, tool)) return result;
    const value: unknown = JSON.parse(result.text);
    const rank = (name: string) => drawn(seeds.data, 'field', tool.server, tool.name, name);
    const [field] = [...fieldsOf(value)].sort((a, b) => rank(a) - rank(b));
    if (field === undefined) return result;
    const other = `${field}${field.includes('_') ? '_value' : 'Value'}`;
    const changed = mapTexts(
      value,
      (text) => text,
      (name) => (name === field ? other : name),
    );
    const text = JSON.stringify(changed);
    const problem = tool.outputSchema && checkResult(tool.outputSchema, changed, text.length);
    if (problem !== undefined) return { ...notOfSchema(tool.name, problem), fault: 'renamed' };
    return { ...result, text, fault: 'renamed' };
  }

  #wayTo(server: string) {
    const way = this.#ways.get(server) ?? { underWay: new Set(), restart: undefined };
    this.#ways.set(server, way);
    return way;
  }

  /** Makes a call once its server is there. */
  async #underWay(server: string, work: () => Promise<ToolResult>): Promise<ToolResult> {
    const way = this.#wayTo(server);
    while (way.restart) await way.restart;
    const working = work();
    way.underWay.add(working);
    try {
      return await working;
    } finally {
      way.underWay.delete(working);
    }
  }

  /** Starts a server again when no call to it is under way: which others it would break would be chance. */
  async #restart(server: string, restart: () => Promise<void>): Promise<void> {
    const way = this.#wayTo(server);
    while (way.restart) await way.restart;
    way.restart = Promise.allSettled(way.underWay).then(restart);
    try {
      await way.restart;
    } finally {
      way.restart = undefined;
    }
  }
}

/** Names of the fields with plain values, at any depth. */
function fieldsOf(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) fieldsOf(item, found);
  else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'object' && member !== null) fieldsOf(member, found);
      else found.add(name);
    }
  }
  return found;
}
