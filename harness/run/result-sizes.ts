import { isRecord } from '../json.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import { rememberLong } from '../remember.ts';
import type { ResultSizes } from '../results/trace.ts';
import type { Tool } from '../tools/mcp/surface.ts';
import { type ToolResult, toValue } from '../tools/mcp/surface.ts';
import type { CallTool } from '../tools/tool-caller.ts';

/** Results wait up to this many characters, so that in most trials none is measured while something is being timed. */
const mostWaitingCharacters = 16 * 1024 * 1024;

/** Results keyed by data have as many fields as data; the largest say enough. */
const mostFields = 64;
const mostFieldsInMemory = 4_096;

/** An error's text is for people to see what went wrong; servers may send any amount of it. */
const mostErrorCharacters = 200;
const mostErrorTexts = 64;

/** Sums up what each tool's results take, whole and field by field. The sums do not depend on the order of results. */
export class ResultSizeMeter {
  readonly #counter: TokenCounter;
  readonly #sums = new Map<string, ResultSizes>();
  readonly #fields = new Map<string, Map<string, number>>();
  readonly #errors = new Map<string, Map<string, number>>();
  #waiting: { tool: Tool; result: ToolResult; read: boolean }[] = [];
  #waitingCharacters = 0;

  constructor(counter: TokenCounter) {
    this.#counter = counter;
  }

  /** The same way to the tools, with every result that comes back taken note of. */
  readonly watch = (callTool: CallTool): CallTool => {
    return async (tool, args, caller, ...rest) => {
      const result = await callTool(tool, args, caller, ...rest);
      this.#waiting.push({ tool, result, read: caller.kind === 'model' });
      this.#waitingCharacters += result.text.length;
      if (this.#waitingCharacters > mostWaitingCharacters) this.#measureWaiting();
      return result;
    };
  };

  /** What has come back so far, sorted by server and tool. */
  read(): ResultSizes[] {
    this.#measureWaiting();
    return [...this.#sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, sums]) => {
        const [error] = byCount(this.#errors.get(key) ?? new Map());
        const fields = largest(this.#fields.get(key) ?? new Map());
        return { ...sums, ...(error && { error: error[0] }), fields };
      });
  }

  #measureWaiting(): void {
    for (const { tool, result, read } of this.#waiting) this.#measure(tool, result, read);
    this.#waiting = [];
    this.#waitingCharacters = 0;
  }

  #measure(tool: Tool, result: ToolResult, readByModel: boolean): void {
    const key = `${tool.server}\n${tool.name}`;
    const sums = this.#sums.get(key) ?? {
      server: tool.server,
      tool: tool.name,
      calls: 0,
      errors: 0,
      bytes: 0,
      tokens: 0,
      fields: {},
    };
    this.#sums.set(key, sums);
    sums.calls += 1;
    sums.errors += result.isError ? 1 : 0;
    sums.bytes += Buffer.byteLength(result.text);
    if (result.isError) this.#countError(key, result.text);
    if (readByModel) sums.tokens += this.#counter.count(result.text);
    if (!result.isJson) return;
    const fields = this.#fields.get(key) ?? new Map<string, number>();
    this.#fields.set(key, fields);
    for (const [path, bytes] of fieldSizes(result.text)) {
      if (fields.has(path) || fields.size < mostFieldsInMemory)
        fields.set(path, (fields.get(path) ?? 0) + bytes);
    }
  }

  #countError(key: string, text: string): void {
    const counts = this.#errors.get(key) ?? new Map<string, number>();
    this.#errors.set(key, counts);
    const start = text.slice(0, mostErrorCharacters);
    const cut = start.length < text.length ? `${start}…` : start;
    if (counts.has(cut) || counts.size < mostErrorTexts) counts.set(cut, (counts.get(cut) ?? 0) + 1);
  }
}

/** The largest first, and what is equal by name. */
function byCount(counts: Map<string, number>): [name: string, count: number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

/** The bytes of the fields of one result, by their paths. */
const fieldSizes = rememberLong((text) => {
  const fields = new Map<string, number>();
  addFields(fields, toValue(text), '', { names: 2, lists: 4 });
  return fields;
});

/**
 * Adds the bytes of each field to its path, such as `order.total` or `contacts[].notes`. What lies deeper than so many
 * names or lists is one value: what a server nests must not overflow the stack.
 */
function addFields(
  fields: Map<string, number>,
  value: unknown,
  path: string,
  deeper: { names: number; lists: number },
): void {
  const { names, lists } = deeper;
  if (Array.isArray(value) && lists > 0) {
    for (const item of value) addFields(fields, item, `${path}[]`, { names, lists: lists - 1 });
    return;
  }
  if (isRecord(value) && names > 0) {
    // A million entries of two take seconds to make.
    for (const name of Object.keys(value)) {
      addFields(fields, value[name], path === '' ? name : `${path}.${name}`, { names: names - 1, lists });
    }
    return;
  }
  if (path === '' || (!fields.has(path) && fields.size >= mostFieldsInMemory)) return;
  fields.set(path, (fields.get(path) ?? 0) + Buffer.byteLength(JSON.stringify(value)));
}

function largest(fields: Map<string, number>): Record<string, number> {
  const byBytes = byCount(fields).slice(0, mostFields);
  return Object.fromEntries(byBytes.sort(([a], [b]) => (a < b ? -1 : 1)));
}
