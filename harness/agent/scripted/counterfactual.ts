import type { OpenProgram, Sandbox, SandboxLimits } from '../../sandbox/sandbox.ts';
import type { Counterfactual, MadeCall, RunCounterfactual, Shape } from './schedule.ts';

/** A program and the calls that it made when it ran. */
type RecordedProgram = {
  /** The program's text, the body of an async function. */
  source: string;
  api: Record<string, string[]>;
  calls: readonly MadeCall[];
};

const limits: Partial<SandboxLimits> = {
  wallMs: 3_600_000,
  calls: 10_000_000,
  memoryBytes: 512 * 1024 ** 2,
  resultBytes: 512 * 1024 ** 2,
};

/** CPU milliseconds after which a run that has a process to itself is taken to be in a loop that foreign results made endless. */
const endlessMs = 5_000;

/**
 * Runs the program in the sandbox with results that it did not get, which it is given there: no server is called. A shape that
 * once put it into an endless loop, or cost it its memory, is not tried again. To close it ends the sandbox process.
 */
export function createCounterfactuals(
  program: RecordedProgram,
  sandbox: Sandbox,
  signal: AbortSignal,
): { run: RunCounterfactual; close(): Promise<void> } {
  const endless = new Set<Shape>();
  let opened: { program: OpenProgram; call: number; told: Set<number>; runs: number } | undefined;
  const close = async () => {
    await opened?.program.stop();
    opened = undefined;
  };
  const open = async () => {
    const guest = { source: guestSource(program.source), api: { host: ['load', 'still', 'next'] } };
    const started = await sandbox.open(guest, {
      limits: { ...limits, cpuMs: endlessMs },
      signal,
      trusted: true,
    });
    const first = await started.advance([]);
    const loaded = await started.advance(answer(first.calls[0]?.id ?? 1, loadJson(program)));
    opened = { program: started, call: loaded.calls[0]?.id ?? 2, told: new Set(), runs: 0 };
    return opened;
  };
  const run = async (shape: Shape, answered: ReadonlySet<number>): Promise<Counterfactual> => {
    if (endless.has(shape)) return nothing;
    const current = opened ?? (await open());
    const known = [...answered].filter((place) => !current.told.has(place));
    for (const place of known) current.told.add(place);
    let { calls, end } = await current.program.advance(
      answer(current.call, JSON.stringify({ shape, known })),
    );
    if (calls[0]?.tool === 'still') {
      ({ calls, end } = await current.program.advance(answer(calls[0].id, 'null')));
    }
    signal.throwIfAborted();
    const [next] = calls;
    if (end || !next) {
      const hadItsOwn = current.runs === 0;
      await close();
      // The runs before took a part of the time.
      if (!hadItsOwn) return run(shape, answered);
      endless.add(shape);
      return nothing;
    }
    current.call = next.id;
    current.runs += 1;
    const { asked, ended, standIns, count, characters } = next.args as Report;
    const work = workOfRun + count + characters / charactersOfCall;
    return { asked: new Set(asked), isConclusive: ended, standIns, work };
  };
  return { run, close };
}

/** What is known of a program that never came to an end. */
const nothing: Counterfactual = { asked: new Set(), isConclusive: false, standIns: '', work: 0 };

/** What starting a run takes, in simulated calls, and how much text takes as long to read as a call to simulate. */
const workOfRun = 100;
const charactersOfCall = 200;

function answer(id: number, valueJson: string) {
  return [{ id, result: { ok: true as const, valueJson } }];
}

function loadJson({ api, calls }: RecordedProgram): string {
  return JSON.stringify({
    api,
    calls: calls.map(({ server, tool, args, result }) => ({
      server,
      tool,
      args: JSON.stringify(args),
      ...(result.ok ? { json: result.valueJson } : { error: result.error }),
    })),
  });
}

/** The program that runs in the sandbox: it asks the host which shape to run next and reports what was asked for. */
function guestSource(source: string): string {
  return `const program = async (mcp, console) => {\n${source}\n};\nreturn (${guest.toString()})(program, mcp.host, ToolError);`;
}

type LoadedCall = {
  server: string;
  tool: string;
  args: string;
  json?: string | undefined;
  error?: { code: string; message: string };
};
type Loaded = { api: Record<string, string[]>; calls: LoadedCall[] };
/**
 * `asked`: places of calls without a true result yet. `ended`: the program returned. `standIns`: a digest of what it got. `count`
 * and `characters`: calls that were simulated, and what was read of results for them.
 */
type Report = { asked: number[]; ended: boolean; standIns: string; count: number; characters: number };
type Host = {
  load(): Promise<Loaded>;
  /** Answers once all that was under way in the isolate has run. */
  still(): Promise<void>;
  next(report: Report): Promise<{ shape: Shape; known: number[] }>;
};
type GuestProgram = (mcp: unknown, console: unknown) => Promise<unknown>;
type NewToolError = new (code: string, server: string, tool: string, message: string) => Error;

/** Runs inside the isolate, from its text: nothing outside of it can be named. */
async function guest(program: GuestProgram, host: Host, ToolError: NewToolError): Promise<void> {
  const { api, calls } = await host.load();
  const known = calls.map(() => false);
  /** By tool and arguments, calls that are alike, each after its place. */
  const alike = Map.groupBy(calls.entries(), ([, { server, tool, args }]) => `${server} ${tool} ${args}`);
  /** By tool, calls that gave a result. */
  const answered = Map.groupBy(
    calls.filter(({ json }) => json !== undefined),
    ({ server, tool }) => `${server} ${tool}`,
  );
  const silent = { log() {}, info() {}, warn() {}, error() {}, debug() {} };
  // To ask a function about each member makes the whole search half as slow again.
  const isFlat = (args: unknown) =>
    typeof args === 'object' &&
    args !== null &&
    Object.values(args).every((value) => typeof value !== 'object' || value === null);
  const toJson = (args: unknown) =>
    isFlat(args)
      ? JSON.stringify(args)
      : JSON.stringify(args ?? {}, (_, value) =>
          value instanceof Map ? Object.fromEntries(value) : value instanceof Set ? [...value] : value,
        );

  const shift = (text: string) =>
    text
      .replace(/[a-z]/g, (letter) => String.fromCharCode(97 + ((letter.charCodeAt(0) - 96) % 26)))
      .replace(/[A-Z]/g, (letter) => String.fromCharCode(65 + ((letter.charCodeAt(0) - 64) % 26)))
      .replace(/\d/g, (digit) => String((Number(digit) + 1) % 10));
  /** The JSON or the lines in a text, changed; else the text itself, changed. */
  const within = (
    text: string,
    change: (value: unknown) => unknown,
    other: (text: string) => string,
  ): string => {
    if (!/^\s*[[{]/.test(text)) return other(text);
    try {
      return JSON.stringify(change(JSON.parse(text)));
    } catch {
      return other(text);
    }
  };
  const walk = (
    value: unknown,
    leaf: (value: unknown) => unknown,
    list = (items: unknown[]) => items,
  ): unknown => {
    if (Array.isArray(value)) return list(value).map((item) => walk(item, leaf, list));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, leaf, list)]));
    }
    return leaf(value);
  };
  const changed = (value: unknown): unknown =>
    walk(value, (leaf) => {
      if (typeof leaf === 'number') return leaf + 1;
      return typeof leaf === 'string' ? within(leaf, changed, shift) : leaf;
    });
  const opposite = (value: unknown): unknown => {
    if (typeof value === 'boolean') return !value;
    if (value === null) return 'something';
    if (typeof value === 'number') return value === 0 ? 1 : -value;
    if (typeof value === 'string') {
      return value === '' ? 'something' : within(value, opposite, () => '');
    }
    if (Array.isArray(value)) return value.length === 0 ? [{ id: 'something' }] : [];
    if (typeof value !== 'object') return value;
    const members = Object.entries(value);
    if (members.length === 0) return { id: 'something' };
    return Object.fromEntries(members.map(([key, item]) => [key, opposite(item)]));
  };
  const fewer = (isNone: boolean) => {
    const few = <T>(items: T[]) => items.slice(0, isNone ? 0 : Math.ceil(items.length / 2));
    const lines = (text: string) => few(text.split('\n')).join('\n');
    const shrink = (value: unknown): unknown =>
      walk(
        value,
        (leaf) => {
          if (typeof leaf === 'number') return isNone ? 0 : Math.floor(leaf / 2);
          if (typeof leaf === 'boolean') return leaf && !isNone;
          if (typeof leaf !== 'string') return leaf;
          return within(leaf, shrink, (text) => (text.includes('\n') ? lines(text) : text));
        },
        few,
      );
    return (value: unknown) => (typeof value === 'string' ? within(value, shrink, lines) : shrink(value));
  };
  const shapes: Partial<Record<Shape, (value: unknown) => unknown>> = {
    opposite,
    less: fewer(false),
    none: fewer(true),
  };
  const made = new Map<string, Map<string, string>>();
  /** The JSON that stands in for a call's result; undefined where it fails. */
  const standIn = (
    shape: Shape,
    server: string,
    tool: string,
    own: string | undefined,
  ): string | undefined => {
    if (shape === 'failed') return undefined;
    const all = answered.get(`${server} ${tool}`) ?? [];
    if (shape === 'first' || shape === 'last') {
      const isOther = ({ json }: LoadedCall) => json !== own;
      const other = shape === 'first' ? all.find(isOther) : all.findLast(isOther);
      if (other) return other.json;
    }
    const text = own ?? all[0]?.json ?? '{}';
    const change = shapes[shape] ?? changed;
    const texts = made.get(shape) ?? new Map<string, string>();
    made.set(shape, texts);
    const json = texts.get(text) ?? JSON.stringify(change(JSON.parse(text)) ?? null);
    texts.set(text, json);
    return json;
  };

  type Asked = (server: string, tool: string, place: number | undefined) => Promise<unknown>;
  /** The servers of one run. Each call gets the place of the next call like it that was recorded, where there is one. */
  const serve = (asked: Asked) => {
    const made = new Map<string, number>();
    const find = (key: string): number | undefined => {
      const time = made.get(key) ?? 0;
      made.set(key, time + 1);
      return alike.get(key)?.[time]?.[0];
    };
    const call = (server: string, tool: string) => (args: unknown) =>
      asked(server, tool, find(`${server} ${tool} ${toJson(args)}`));
    return Object.fromEntries(
      Object.entries(api).map(([server, tools]) => [
        server,
        Object.fromEntries(tools.map((tool) => [tool, call(server, tool)])),
      ]),
    );
  };
  // Most of a run is true results once more. To copy a small one takes a quarter of the time of reading its JSON.
  const parsed = new Map<string, unknown>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(copy);
    const made: Record<string, unknown> = {};
    for (const key of Object.keys(value)) made[key] = copy((value as Record<string, unknown>)[key]);
    return made;
  };
  const readValue = (json: string): unknown => {
    if (json.length > 2_000 || json.includes('__proto__')) return JSON.parse(json);
    if (!parsed.has(json)) parsed.set(json, JSON.parse(json));
    return copy(parsed.get(json));
  };
  /** What finding a schedule takes is bounded: calls that were simulated, and characters of results that were read. */
  let [count, characters] = [0, 0];
  const settle = (
    server: string,
    tool: string,
    { json, error = { code: 'tool_error', message: 'It failed.' } }: Pick<LoadedCall, 'json' | 'error'> = {},
  ): Promise<unknown> => {
    if (json !== undefined) {
      characters += json.length;
      return Promise.resolve(readValue(json));
    }
    const { code, message } = error;
    const failed = Promise.reject(new ToolError(code, server, tool, message));
    failed.catch(() => {});
    return failed;
  };

  /** The run that goes on from level to level and gets nothing but true results: what it has asked for so far. */
  const waiting = new Map<number, () => void>();
  const live = new Set<number>();
  let isStarted = false;
  const goOn = async () => {
    if (!isStarted) {
      const mcp = serve((server, tool, place) => {
        count += 1;
        if (place === undefined) return new Promise(() => {});
        live.add(place);
        if (known[place]) return settle(server, tool, calls[place]);
        const { promise, resolve } = Promise.withResolvers<unknown>();
        waiting.set(place, () => resolve(settle(server, tool, calls[place])));
        return promise;
      });
      program(mcp, silent).catch(() => {});
    }
    isStarted = true;
    // A call leaves once everything else has run.
    await host.still();
    return { asked: [...live].filter((place) => !known[place]), ended: false, standIns: '' };
  };

  const digests = new Map<string, number>();
  const digestOf = (text: string): number => {
    const before = digests.get(text);
    if (before !== undefined) return before;
    let digest = 0;
    for (const letter of text.slice(0, 2_000)) digest = (digest * 31 + letter.charCodeAt(0)) % 4_294_967_291;
    digests.set(text, digest);
    return digest;
  };

  /** A run with true results for the calls that are known and one shape of foreign ones for all others. */
  const runOnce = async (shape: Shape) => {
    const asked: number[] = [];
    let digest = 0;
    let [isOver, ended] = [false, false];
    const mcp = serve((server, tool, place) => {
      // More than it ever made: what it does from here on says nothing of the calls that are looked for.
      if (count > calls.length + 20) isOver = true;
      if (isOver) return new Promise(() => {});
      count += 1;
      if (place !== undefined && known[place]) return settle(server, tool, calls[place]);
      if (place !== undefined) asked.push(place);
      const json = standIn(shape, server, tool, place === undefined ? undefined : calls[place]?.json);
      digest = (digest * 31 + digestOf(json ?? shape)) % 4_294_967_291;
      return settle(server, tool, { json });
    });
    program(mcp, silent).then(
      () => {
        [isOver, ended] = [true, !isOver];
      },
      () => {
        isOver = true;
      },
    );
    // It is still when it has made no further call for long; nothing but its own microtasks runs in here.
    for (let [still, seen] = [0, -1]; !isOver && still < 10_000; still += 1) {
      if (count !== seen) [still, seen] = [0, count];
      await null;
    }
    return { asked, ended, standIns: digest.toString(36) };
  };
  let report: Report = { asked: [], ended: false, standIns: '', count: 0, characters: 0 };
  for (;;) {
    const job = await host.next(report);
    [count, characters] = [0, 0];
    for (const place of job.known) {
      known[place] = true;
      waiting.get(place)?.();
      waiting.delete(place);
    }
    const found = job.shape === 'waiting' ? await goOn() : await runOnce(job.shape);
    report = { ...found, count, characters };
  }
}
