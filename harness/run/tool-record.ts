import { hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { declare } from '../agent/patterns/classic.ts';
import { readJson, writeJson } from '../files.ts';
import { isRecord } from '../json.ts';
import { renderDefinition } from '../meter/prompt-parts.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import { rememberLong } from '../remember.ts';
import {
  type DefinitionSizes,
  type Part,
  type ResultSizes,
  type ToolRecord,
  toolRecordFormat,
  toolRecordSchema,
} from '../results/trace.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { classicName } from '../tools/mcp/names.ts';
import { type Surface, type Tool, type ToolResult, toValue } from '../tools/mcp/surface.ts';
import type { CallTool } from '../tools/tool-caller.ts';
import type { Attempt } from './attempt.ts';
import type { Trial } from './plan.ts';

/** Writes the record of a trial beside its trace. Throws an `InfrastructureError` where the disk refuses. */
export function writeToolRecord(
  traceFile: string,
  trial: Trial,
  // Fields are named by servers.
  { surface, redact = (text) => text }: Pick<Attempt, 'surface' | 'redact'>,
  results: ResultSizeMeter,
): void {
  const { counter } = results;
  const record: ToolRecord = {
    format: toolRecordFormat,
    scenario: trial.scenario.name,
    params: trial.params,
    variant: trial.variant.name,
    model: trial.model.id,
    repeat: trial.repeat,
    // What servers tell about themselves as a whole, which is part of the system prompt.
    instructions: Object.fromEntries(
      surface.map(({ server, instructions = '' }) => [server, measureText(instructions, counter)]),
    ),
    definitions: measureDefinitions(surface, counter),
    results: results.read().map((sizes) => ({
      ...sizes,
      ...(sizes.error !== undefined && { error: redact(sizes.error) }),
      fields: Object.fromEntries(Object.entries(sizes.fields).map(([name, bytes]) => [redact(name), bytes])),
    })),
  };
  writeJson(traceFile.replace(/\.jsonl$/, '.tools.json'), record, 0);
}

/** All tool records of a run, wherever under `trials` they lie; in order of path. */
export function readToolRecords(directory: string): ToolRecord[] {
  const trials = join(directory, 'trials');
  let names: string[];
  try {
    names = readdirSync(trials, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  const advice = 'It was changed since the run wrote it.';
  return names
    .filter((name) => name.endsWith('.tools.json'))
    .sort()
    .map((name) => readJson(join(trials, name), toolRecordSchema, 'the tool record of a trial', advice));
}

/**
 * What each definition of a surface takes, whole and part by part, so that a later change of it can be told from the
 * record alone. Parts are `description`, `input.<property>`, `input` (what is left of that schema), and the same for
 * `output`; whole is what classic declares up front, and the declaration that code looks up.
 */
export function measureDefinitions(surface: Surface, counter: TokenCounter): DefinitionSizes[] {
  const known = measured.get(counter) ?? new Map<string, DefinitionSizes[]>();
  measured.set(counter, known);
  const key = JSON.stringify(surface);
  const sizes = known.get(key) ?? measure(surface, counter);
  known.set(key, sizes);
  return sizes;
}

/** All trials of a scenario see the same surface, and declarations take a millisecond a tool; a run has one counter. */
const measured = new WeakMap<TokenCounter, Map<string, DefinitionSizes[]>>();

function measure(surface: Surface, counter: TokenCounter): DefinitionSizes[] {
  const directory = createDirectory(surface);
  return surface.flatMap(({ server, tools }) =>
    tools.map((tool) => {
      const parts = partsOf(tool);
      const declared = renderDefinition(declare(classicName(tool.server, tool.identifier), tool));
      return {
        server,
        tool: tool.name,
        hash: shortHash(JSON.stringify(parts)),
        declaredTokens: counter.count(declared),
        declarationTokens: counter.count(directory.browse(`/${server}/${tool.identifier}`)),
        parts: Object.fromEntries(parts.map(([name, text]) => [name, measureText(text, counter)])),
      };
    }),
  );
}

function measureText(text: string, counter: TokenCounter): Part {
  return { tokens: counter.count(text), hash: shortHash(text) };
}

function partsOf({ title, annotations, ...tool }: Tool): [name: string, text: string][] {
  return [
    ['description', tool.description],
    ...(title === undefined ? [] : [['title', title] as [string, string]]),
    ...(annotations ? [['annotations', JSON.stringify(annotations)] as [string, string]] : []),
    ...schemaParts('input', tool.inputSchema),
    ...schemaParts('output', tool.outputSchema),
  ];
}

/** A schema cut at its properties, two names deep, under the same paths as the fields of results. */
function schemaParts(path: string, schema: unknown, levels = 2, name?: string): [string, string][] {
  const text = (rest: unknown) =>
    `${name === undefined ? '' : `${JSON.stringify(name)}:`}${JSON.stringify(rest)}`;
  if (!isRecord(schema)) return schema === undefined ? [] : [[path, text(schema)]];
  const { properties, items, ...rest } = schema;
  if (levels > 0 && isRecord(properties)) {
    const members = Object.entries(properties).flatMap(([member, inner]) =>
      schemaParts(`${path}.${member}`, inner, levels - 1, member),
    );
    return [[path, text(items === undefined ? rest : { ...rest, items })], ...members];
  }
  if (levels > 0 && isRecord(items)) return [[path, text(rest)], ...schemaParts(`${path}[]`, items, levels)];
  return [[path, text(schema)]];
}

/** Twelve digits tell a few thousand definitions apart; a record of sizes is no target for an attack. */
function shortHash(text: string): string {
  return hash('sha256', text).slice(0, 12);
}

/** Results wait up to this many characters, so that in most trials none is measured while something is being timed. */
const mostWaitingCharacters = 16 * 1024 * 1024;

/** Results keyed by data have as many fields as data; the largest say enough. */
const mostFields = 64;
const mostFieldsInMemory = 4_096;

/** An error's text is for people to see what went wrong; servers may send any amount of it. */
const mostErrorCharacters = 200;
const mostErrorTexts = 64;

/** What the results of one tool take: bytes by the paths of fields, and how often each error was told. */
type ToolSums = Omit<ResultSizes, 'fields' | 'error'> & {
  fields: Map<string, number>;
  errorTexts: Map<string, number>;
};

/** Sums up what each tool's results take, whole and field by field. The sums do not depend on the order of results. */
export class ResultSizeMeter {
  readonly counter: TokenCounter;
  readonly #sums = new Map<string, ToolSums>();
  #waiting: { tool: Tool; result: ToolResult; read: boolean }[] = [];
  #waitingCharacters = 0;

  constructor(counter: TokenCounter) {
    this.counter = counter;
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
      .map(([, { errorTexts, fields, ...sums }]) => {
        const [error] = byCount(errorTexts);
        const largest = byCount(fields).slice(0, mostFields);
        return {
          ...sums,
          fields: Object.fromEntries(largest.sort(([a], [b]) => (a < b ? -1 : 1))),
          ...(error && { error: error[0] }),
        };
      });
  }

  #measureWaiting(): void {
    for (const { tool, result, read } of this.#waiting) this.#measure(tool, result, read);
    this.#waiting = [];
    this.#waitingCharacters = 0;
  }

  #measure({ server, name: tool }: Tool, { text, isError, isJson }: ToolResult, readByModel: boolean): void {
    const key = `${server}\n${tool}`;
    const sums: ToolSums = this.#sums.get(key) ?? {
      ...{ server, tool, calls: 0, errors: 0, bytes: 0, tokens: 0 },
      ...{ fields: new Map(), errorTexts: new Map() },
    };
    this.#sums.set(key, sums);
    sums.calls += 1;
    sums.errors += isError ? 1 : 0;
    sums.bytes += Buffer.byteLength(text);
    if (isError) {
      const shown = text.length > mostErrorCharacters ? `${text.slice(0, mostErrorCharacters)}…` : text;
      addTo(sums.errorTexts, shown, 1, mostErrorTexts);
    }
    if (readByModel) sums.tokens += this.counter.count(text);
    if (!isJson) return;
    for (const [path, bytes] of fieldSizes(text)) addTo(sums.fields, path, bytes, mostFieldsInMemory);
  }
}

/** Adds to a sum; a further one is kept only while there are fewer than `most`. */
function addTo(sums: Map<string, number>, name: string, amount: number, most: number): void {
  const before = sums.get(name);
  if (before !== undefined || sums.size < most) sums.set(name, (before ?? 0) + amount);
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
  { names, lists }: { names: number; lists: number },
): void {
  if (Array.isArray(value) && lists > 0) {
    for (const item of value) addFields(fields, item, `${path}[]`, { names, lists: lists - 1 });
  } else if (isRecord(value) && names > 0) {
    // A million entries of two take seconds to make.
    for (const name of Object.keys(value)) {
      addFields(fields, value[name], path === '' ? name : `${path}.${name}`, { names: names - 1, lists });
    }
  } else if (path !== '' && (fields.has(path) || fields.size < mostFieldsInMemory)) {
    fields.set(path, (fields.get(path) ?? 0) + Buffer.byteLength(JSON.stringify(value)));
  }
}
