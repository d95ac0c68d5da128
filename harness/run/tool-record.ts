import { hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { declare } from '../agent/patterns/classic.ts';
import { readJson, writeJson } from '../files.ts';
import { isRecord } from '../json.ts';
import { renderDefinition } from '../meter/rendering.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import {
  type DefinitionSizes,
  type Part,
  type ToolRecord,
  toolRecordFormat,
  toolRecordSchema,
} from '../results/trace.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { classicName } from '../tools/mcp/names.ts';
import type { Redact } from '../tools/mcp/secrets.ts';
import type { Surface, Tool } from '../tools/mcp/surface.ts';
import type { Trial } from './plan.ts';
import type { ResultSizeMeter } from './result-sizes.ts';

/** Writes the record of a trial beside its trace. Throws an `InfrastructureError` where the disk refuses. */
export function writeToolRecord(
  traceFile: string,
  trial: Trial,
  {
    surface,
    results,
    redact = (text) => text,
    counter,
  }: {
    surface: Surface;
    results: ResultSizeMeter;
    /** Fields are named by servers. */
    redact?: Redact | undefined;
    counter: TokenCounter;
  },
): void {
  const record: ToolRecord = {
    format: toolRecordFormat,
    scenario: trial.scenario.name,
    params: trial.params,
    variant: trial.variant.name,
    model: trial.model.id,
    repeat: trial.repeat,
    instructions: measureInstructions(surface, counter),
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
  return names
    .filter((name) => name.endsWith('.tools.json'))
    .sort()
    .map((name) =>
      readJson(
        join(trials, name),
        toolRecordSchema,
        'the tool record of a trial',
        'It was changed since the run wrote it.',
      ),
    );
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
      return {
        server,
        tool: tool.name,
        hash: shortHash(JSON.stringify(parts)),
        declaredTokens: counter.count(
          renderDefinition(declare(classicName(tool.server, tool.identifier), tool)),
        ),
        declarationTokens: counter.count(directory.browse(`/${server}/${tool.identifier}`)),
        parts: Object.fromEntries(parts.map(([name, text]) => [name, measureText(text, counter)])),
      };
    }),
  );
}

/** What servers tell about themselves as a whole, which is part of the system prompt. */
function measureInstructions(surface: Surface, counter: TokenCounter): Record<string, Part> {
  return Object.fromEntries(
    surface.map(({ server, instructions = '' }) => [server, measureText(instructions, counter)]),
  );
}

function measureText(text: string, counter: TokenCounter): Part {
  return { tokens: counter.count(text), hash: shortHash(text) };
}

function partsOf(tool: Tool): [name: string, text: string][] {
  const { title, annotations } = tool;
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
