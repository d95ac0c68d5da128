import { hash } from 'node:crypto';
import { canonicalJson, ownMember } from '../json.ts';
import { rememberLong } from '../remember.ts';
import { type WorkRecord, workRecordFormat } from '../results/trace.ts';
import type { Connections } from './mcp/connections.ts';
import { type Redact, redactBeginning } from './mcp/secrets.ts';
import type { Tool, ToolResult } from './mcp/surface.ts';
import { explainWrite } from './policy.ts';

/** Calls that are kept; a program may make as many by default. */
const mostCalls = 20_000;
/** Characters kept of one text, and of all. */
const mostOfOne = 2_000;
const mostOfAll = 128 * 1024;
/** Results wait up to this many characters, so that in most trials none is read while something is being timed. */
const mostWaitingCharacters = 16 * 1024 * 1024;

type Answered = { tool: Tool; args: Record<string, unknown>; result: ToolResult; written: boolean };

/** What the recorder knows of a trial: its own folder, whose name is no difference, and the scenario's `volatile`. */
export type WorkSettings = {
  directory: string;
  volatile: FieldsByTool | undefined;
  /** Takes the servers' secrets out of the texts that are kept. */
  redact?: Redact | undefined;
};

/** Notes what a trial asks of its servers and what they answer, however the patterns come to ask. */
export class WorkRecorder {
  readonly #settings: WorkSettings;
  readonly #tools: WorkRecord['tools'] = [];
  readonly #calls: WorkRecord['calls'] = [];
  readonly #texts = new Map<string, string>();
  /** By place in the order of calls; a call that has not been answered is not there. */
  #waiting = new Map<number, Answered>();
  #waitingCharacters = 0;
  #keptCharacters = 0;
  #asked = 0;
  #left = 0;
  #hasWritten = false;

  constructor(settings: WorkSettings) {
    this.#settings = settings;
  }

  /** The same connections, with every answer taken note of. */
  readonly watch = (connections: Pick<Connections, 'call'>): Pick<Connections, 'call'> => ({
    call: async (tool, args, signal, traceparent) => {
      const place = this.#asked;
      const written = this.#hasWritten;
      this.#asked += 1;
      this.#hasWritten ||= explainWrite(tool) !== undefined;
      const result = await connections.call(tool, args, signal, traceparent);
      if (place >= mostCalls) {
        this.#left += 1;
        return result;
      }
      this.#waiting.set(place, { tool, args, result, written });
      this.#waitingCharacters += result.text.length;
      if (this.#waitingCharacters > mostWaitingCharacters) this.#readWaiting();
      return result;
    },
  });

  /** What was answered so far, in the order in which it was asked. */
  read(): WorkRecord {
    this.#readWaiting();
    return {
      format: workRecordFormat,
      tools: this.#tools,
      calls: Object.values(this.#calls),
      left: this.#left,
      texts: Object.fromEntries(this.#texts),
    };
  }

  #readWaiting(): void {
    for (const [place, answered] of [...this.#waiting].sort(([a], [b]) => a - b)) {
      this.#calls[place] = this.#note(answered);
    }
    this.#waiting.clear();
    this.#waitingCharacters = 0;
  }

  #note({ tool, args, result, written }: Answered): WorkRecord['calls'][number] {
    const { directory, volatile } = this.#settings;
    const comparable = (text: string) => text.replaceAll(directory, '<trial>');
    const asked = this.#keep(comparable(canonicalJson(args)));
    const text = comparable(comparableText(result, fieldsOf(tool.server, tool.name, volatile) ?? []));
    return [this.#indexOf(tool), asked, this.#keep(text), Buffer.byteLength(result.text), written];
  }

  #indexOf(tool: Tool): number {
    const known = this.#tools.findIndex((each) => each.server === tool.server && each.tool === tool.name);
    if (known >= 0) return known;
    this.#tools.push({ server: tool.server, tool: tool.name, readOnly: explainWrite(tool) === undefined });
    return this.#tools.length - 1;
  }

  /** The digest of a text, of whose beginning as much is kept as there is room for. */
  #keep(text: string): string {
    const digest = hash('sha256', text).slice(0, 16);
    if (this.#texts.has(digest)) return digest;
    const { redact = (each: string) => each } = this.#settings;
    const beginning = redactBeginning(text, 4 * mostOfOne, redact)
      .slice(0, mostOfOne)
      .toWellFormed();
    if (this.#keptCharacters + beginning.length > mostOfAll) return digest;
    this.#keptCharacters += beginning.length;
    this.#texts.set(digest, beginning);
    return digest;
  }
}

/** What is named of results, by server and tool. */
export type FieldsByTool = Record<string, Record<string, Volatile>>;

/** What is named of the results of a tool. */
export function fieldsOf(server: string, tool: string, all: FieldsByTool | undefined): Volatile | undefined {
  return ownMember(ownMember(all, server), tool);
}

/** Names of fields at any depth, paths from the root such as `items[].id`, or patterns of text; see a scenario's `volatile`. */
export type Volatile = readonly (string | RegExp)[];

/**
 * A result as trials are compared by it: without what may differ, with the keys of JSON in one order, and errors told apart
 * from what they may look like.
 */
export function comparableText({ isError, isJson, text }: ToolResult, volatile: Volatile): string {
  const left = isJson ? canonical(text, JSON.stringify(volatile.filter(isName))) : text;
  const kept = volatile.reduce<string>(
    (rest, part) => (part instanceof RegExp ? rest.replaceAll(everywhere(part), '') : rest),
    left,
  );
  return isError ? `error: ${kept}` : kept;
}

const canonical = rememberLong((text, names) => {
  const fields = new Set<string>(JSON.parse(names));
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(fields.size > 0 ? withoutFields(value, fields) : value);
  } catch {
    // Nested more deeply than can be walked.
    return text;
  }
});

/** Calls `note` with each field of a value that may differ, and its place, such as `items[3].id`. */
export function fieldsIn(value: unknown, volatile: Volatile, note: NoteField): void {
  const fields = new Set(volatile.filter(isName));
  if (fields.size > 0) withoutFields(value, fields, note);
}

type NoteField = (place: string, value: unknown) => void;

/** A value without some fields. `path` is where it stands, with `[]` for each item of an array; `place` says which item. */
function withoutFields(
  value: unknown,
  fields: ReadonlySet<string>,
  note?: NoteField,
  path = '',
  place = '',
): unknown {
  if (Array.isArray(value))
    return value.map((item, at) =>
      withoutFields(item, fields, note, `${path}[]`, note ? `${place}[${at}]` : ''),
    );
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const inside = path === '' ? name : `${path}.${name}`;
    const at = !note || place === '' ? name : `${place}.${name}`;
    if (fields.has(name) || fields.has(inside)) note?.(at, member);
    else kept.push([name, withoutFields(member, fields, note, inside, at)]);
  }
  return Object.fromEntries(kept);
}

function isName(part: string | RegExp): part is string {
  return typeof part === 'string';
}

/** The pattern with all its matches in a text, wherever it is. */
export function everywhere(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
}
