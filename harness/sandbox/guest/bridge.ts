import type { Start } from '../protocol.ts';
import type { Primordials } from './bootstrap.ts';
import type { Encode } from './encode.ts';
import type { Format, Text } from './text.ts';

/** Lines that V8 and the directive put before the program's own first line. */
const LINES_BEFORE = 3;

/**
 * Runs inside the isolate: `mcp` and `console` for the guest, and three functions for the child, which exchange strings
 * only. No function of the host exists in here; calls, output and the end are queued and taken.
 */
export function createBridge(
  p: Primordials,
  text: Text,
  encode: Encode,
  format: Format,
  linesBefore: number,
) {
  type Settled = { ok: true; value: unknown } | { ok: false; code: string; message: string };
  type Waiting = { resolve: (settled: Settled) => void; server: string; tool: string };

  let limits = {} as Start;
  let ended = false;
  let end = '';
  let queue = '';
  let made = 0;
  let attempts = 0;
  let logs = '';
  /** What was taken last may not have arrived, where something came up in the middle of it: it is then taken again. */
  let takenTurn = 0;
  let takenCalls = '';
  let takenLogs = '';
  let logKept = 0;
  let logTotal = 0;
  let unknownTool = 0;
  let invalidArguments = 0;
  let argumentTooLarge = 0;
  let tooMuchAtOnce = 0;
  let waiting = p.create(null) as Record<number, Waiting>;

  const hidden = (target: object, key: PropertyKey, value: unknown): void => {
    p.define(target, key, {
      __proto__: null,
      value,
      writable: true,
      configurable: true,
    } as PropertyDescriptor);
  };
  const fixed = (target: object, key: PropertyKey, value: unknown, enumerable = true): void => {
    p.define(target, key, { __proto__: null, value, enumerable } as PropertyDescriptor);
  };

  class ToolError extends p.Error {
    constructor(code: string, server: string, tool: string, message: string) {
      super(message);
      hidden(this, 'code', code);
      hidden(this, 'server', server);
      hidden(this, 'tool', tool);
    }
  }
  hidden(ToolError.prototype, 'name', 'ToolError');
  p.freeze(ToolError);

  function finish(status: string, fields: string): void {
    if (ended) return;
    ended = true;
    end = `{"status":"${status}"${fields}}`;
  }
  function errorFields(name: string, message: string, place: string): string {
    const kept = message.length > limits.errorChars ? `${p.slice(message, 0, limits.errorChars)}…` : message;
    return `,"error":{"name":${p.stringify(p.slice(name, 0, 200))},"message":${p.stringify(kept)}${place}}`;
  }

  /** `,"line":…,"column":…` from the first stack frame in the program's own source. */
  function place(stack: string): string {
    const mark = 'program.ts:';
    const at = p.indexOf(p.slice(stack, 0, 20_000), mark);
    if (at < 0) return '';
    let i = at + mark.length;
    let line = 0;
    let column = 0;
    for (let code = p.charCodeAt(stack, i); code >= 48 && code < 58; code = p.charCodeAt(stack, ++i)) {
      line = line * 10 + code - 48;
    }
    i++;
    for (let code = p.charCodeAt(stack, i); code >= 48 && code < 58; code = p.charCodeAt(stack, ++i)) {
      column = column * 10 + code - 48;
    }
    line -= linesBefore;
    return line > 0 && line < 1e7 && column > 0 && column < 1e7 ? `,"line":${line},"column":${column}` : '';
  }

  /** Reads one property of a thrown value; a hostile getter counts as absent. */
  function peek(thrown: unknown, key: string): string | undefined {
    try {
      const value: unknown = (thrown as Record<string, unknown>)[key];
      return typeof value === 'string' ? value : undefined;
    } catch {
      return undefined;
    }
  }
  function describe(thrown: unknown): string {
    if (typeof thrown === 'object' && thrown !== null) {
      const message = peek(thrown, 'message');
      if (message !== undefined) {
        return errorFields(peek(thrown, 'name') ?? 'Error', message, place(peek(thrown, 'stack') ?? ''));
      }
    }
    return errorFields(
      'Error',
      `The program threw ${format(thrown, limits.errorChars)}, which is not an Error.`,
      '',
    );
  }

  async function callTool(server: string, tool: string, given: unknown): Promise<unknown> {
    if (ended)
      throw new ToolError('program_ended', server, tool, 'The program has ended; it can make no more calls.');
    const encoded = encode(given === undefined ? {} : given, {
      root: 'args',
      bytes: limits.argumentBytes,
      depth: limits.argumentDepth,
      strictNumbers: true,
    });
    if (encoded.fault !== undefined) {
      const { kind, message } = encoded.fault;
      if (kind === 'size') argumentTooLarge += 1;
      else invalidArguments += 1;
      const tooLarge = `The arguments are larger than ${limits.argumentBytes} bytes as JSON; pass less, or an id.`;
      const code = kind === 'size' ? 'argument_too_large' : 'invalid_arguments';
      throw new ToolError(
        code,
        server,
        tool,
        `mcp.${server}.${tool}: ${kind === 'size' ? tooLarge : message}`,
      );
    }
    if (queue.length + (encoded.json ?? '').length > limits.callBatchChars) {
      tooMuchAtOnce += 1;
      const message = `mcp.${server}.${tool}: too much was passed on at once; await some calls before you make more.`;
      throw new ToolError('too_much_at_once', server, tool, message);
    }
    attempts += 1;
    if (attempts > limits.calls) return await new p.Promise(() => {});
    const id = ++made;
    const args = encoded.json ?? 'null';
    queue += `${queue === '' ? '' : ','}{"id":${id},"server":${p.stringify(server)},"tool":${p.stringify(tool)},"args":${args}}`;
    const settled = await new p.Promise((resolve: (settled: Settled) => void) => {
      waiting[id] = { resolve, server, tool };
    });
    if (!settled.ok) throw new ToolError(settled.code, server, tool, settled.message);
    return settled.value;
  }

  /** Own properties only; anything else is an error that names what is near. */
  function guarded<T extends object>(target: T, missing: (name: string) => never): T {
    p.freeze(target);
    return new p.Proxy(target, {
      __proto__: null,
      get(of: T, key: PropertyKey): unknown {
        if (typeof key === 'symbol') return undefined;
        if (p.hasOwn(of, key)) return (of as Record<PropertyKey, unknown>)[key];
        // What `await`, JSON and templates ask any object for is simply absent.
        if (key === 'then' || key === 'toJSON') return undefined;
        return missing(key as string);
      },
    } as ProxyHandler<T>);
  }
  function shown(name: string): string {
    return p.stringify(name.length > 60 ? `${p.slice(name, 0, 60)}…` : name);
  }
  function near(name: string, names: string[]): string {
    return names.length === 0 ? 'There is none.' : `Nearest: ${text.nearest(name, names)}.`;
  }
  function makeMcp(api: Record<string, string[]>): object {
    const mcp = p.create(null);
    const servers = p.keys(api);
    for (let i = 0; i < servers.length; i++) {
      const server = servers[i] as string;
      const tools = api[server] as string[];
      const functions = p.create(null);
      for (let j = 0; j < tools.length; j++) {
        const tool = tools[j] as string;
        const call = (args: unknown): Promise<unknown> => callTool(server, tool, args);
        fixed(call, 'name', tool, false);
        fixed(functions, tool, p.freeze(call));
      }
      const offered = guarded(functions, (name) => {
        unknownTool += 1;
        const message = `mcp.${server} has no tool ${shown(name)}. ${near(name, tools)}`;
        throw new ToolError('unknown_tool', server, p.slice(name, 0, 60), message);
      });
      fixed(mcp, server, offered);
    }
    return guarded(mcp, (name) => {
      unknownTool += 1;
      const message = `mcp has no server ${shown(name)}. ${near(name, servers)}`;
      throw new ToolError('unknown_tool', p.slice(name, 0, 60), '', message);
    });
  }

  function print(line: string): void {
    const bytes = text.utf8Length(line) + 1;
    logTotal += bytes;
    const room = limits.logBytes - logKept;
    if (bytes <= room) {
      logs += `${line}\n`;
      logKept += bytes;
    } else if (room > 0) {
      logs += text.cut(line, room);
      logKept = limits.logBytes;
    }
    if (logTotal > limits.logFlood) {
      const message = `The program printed ${logTotal} bytes; ${limits.logBytes} are kept. Print less, return what matters.`;
      finish('output_limit', errorFields('OutputLimit', message, ''));
      throw new p.Error(message);
    }
  }
  function makeConsole(): object {
    const console = p.create(null);
    const log = (...values: unknown[]): void => {
      let line = '';
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        line +=
          (i > 0 ? ' ' : '') + (typeof value === 'string' ? value : format(value, limits.logBytes + 100));
      }
      print(line);
    };
    const names = ['log', 'info', 'warn', 'error', 'debug'];
    for (let i = 0; i < names.length; i++) fixed(console, names[i] as string, log);
    return p.freeze(console);
  }

  /** Written out by hand: no object of the guest's realm is asked for anything. */
  function stoppedField(): string {
    if (unknownTool + invalidArguments + argumentTooLarge + tooMuchAtOnce === 0) return '';
    return `,"stopped":{"unknown_tool":${unknownTool},"invalid_arguments":${invalidArguments},"argument_too_large":${argumentTooLarge},"too_much_at_once":${tooMuchAtOnce}}`;
  }

  function returned(value: unknown): void {
    const encoded = encode(value, {
      root: 'value',
      bytes: limits.valueBytes,
      depth: limits.valueDepth,
      strictNumbers: false,
    });
    if (encoded.fault === undefined) {
      finish('ok', encoded.json === undefined ? '' : `,"valueJson":${p.stringify(encoded.json)}`);
    } else if (encoded.fault.kind === 'size') {
      const message = `The returned value is larger than ${limits.valueBytes} bytes as JSON; return a summary of it.`;
      finish('output_limit', errorFields('OutputLimit', message, ''));
    } else {
      const message = `The program's return value: ${encoded.fault.message}`;
      finish('guest_error', errorFields('TypeError', message, ''));
    }
  }
  function failed(thrown: unknown): void {
    finish('guest_error', describe(thrown));
  }

  return {
    /** Compiles and starts the program. Text when it does not parse as one function body: then nothing has run. */
    start(body: string, settings: string): string {
      limits = p.parse(settings) as Start;
      hidden(globalThis, 'mcp', makeMcp(limits.api));
      hidden(globalThis, 'console', makeConsole());
      hidden(globalThis, 'ToolError', ToolError);
      let program: () => Promise<unknown>;
      try {
        program = new p.AsyncFunction(body);
      } catch (error) {
        return (error as Error).message;
      }
      p.promiseThen(
        program(),
        (value) => {
          try {
            returned(value);
          } catch (error) {
            failed(error);
          }
        },
        failed,
      );
      return '';
    },

    /** Hands over a JSON array of `{id, v}` or `{id, code, message}`; ids that are not waited for are ignored. */
    settle(batch: string): void {
      let list: { id: number; v?: unknown; code?: string; message?: string }[];
      try {
        list = p.parse(batch) as typeof list;
      } catch {
        finish('crashed', errorFields('HostError', 'A tool result was not valid JSON.', ''));
        return;
      }
      for (let i = 0; i < list.length; i++) {
        const item = list[i] as (typeof list)[number];
        const call = waiting[item.id];
        if (call === undefined) continue;
        delete waiting[item.id];
        const settled = p.hasOwn(item, 'code')
          ? { __proto__: null, ok: false, code: item.code as string, message: item.message as string }
          : { __proto__: null, ok: true, value: item.v };
        call.resolve(settled as unknown as Settled);
      }
    },

    /**
     * All that happened since the last turn, as the JSON of a Reply; the same turn twice gives it twice. `stopped` is the end
     * that the child imposes, if any.
     */
    take(stopped: string, turn: number): string {
      if (turn !== takenTurn) takenCalls = takenLogs = '';
      takenTurn = turn;
      if (!ended && stopped !== '') {
        ended = true;
        end = stopped;
      }
      if (!ended && attempts > limits.calls) {
        const message = `The program made ${attempts} calls; ${limits.calls} are allowed. Ask for more with each call.`;
        finish('call_limit', errorFields('CallLimit', message, ''));
      }
      if (ended) waiting = p.create(null) as Record<number, Waiting>;
      takenCalls += takenCalls === '' || queue === '' ? queue : `,${queue}`;
      takenLogs += logs;
      queue = logs = '';
      return `{"calls":[${takenCalls}],"logs":${p.stringify(takenLogs)},"logBytes":${logTotal}${stoppedField()}${end === '' ? '' : `,"end":${end}`}}`;
    },

    /** As if nothing had been started yet. */
    reset(): void {
      ended = false;
      end = queue = logs = takenCalls = takenLogs = '';
      takenTurn = made = attempts = logKept = logTotal = 0;
      unknownTool = invalidArguments = argumentTooLarge = tooMuchAtOnce = 0;
      waiting = p.create(null) as Record<number, Waiting>;
    },
  };
}

export { LINES_BEFORE };
