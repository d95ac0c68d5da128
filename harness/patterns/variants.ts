import { UsageError } from '../errors.ts';
import { nearest } from '../mcp/nearest.ts';
import type { Category } from '../meter/ledger.ts';
import { classic } from './classic.ts';
import { code } from './code.ts';
import { browseTools, runCode } from './code-tools.ts';
import type { Pattern, PatternName } from './pattern.ts';

/** A configured pattern. */
export type Variant = {
  name: string;
  pattern: PatternName;
  description: string;
  run: Pattern;
  /** Ledger categories of tools that are not MCP tools. */
  toolCategories: Record<string, { call: Category; result: Category }>;
  /** How many tool calls a perfect model makes in one response. */
  maxParallelCalls: number;
};

/** As many as clients commonly see a model ask for at once. */
const parallelCalls = 10;

const variants: Variant[] = [
  {
    name: 'classic',
    pattern: 'classic',
    description:
      'All tools declared up front; every call and result goes through the model; up to ten calls at once.',
    run: classic,
    toolCategories: {},
    maxParallelCalls: parallelCalls,
  },
  {
    name: 'classic-serial',
    pattern: 'classic',
    description: 'As classic, with one call per round trip.',
    run: classic,
    toolCategories: {},
    maxParallelCalls: 1,
  },
  {
    name: 'code',
    pattern: 'code',
    description: 'Tools are discovered as a module directory and called by programs in the sandbox.',
    run: code,
    toolCategories: {
      [browseTools]: { call: 'discovery', result: 'discovery' },
      [runCode]: { call: 'code', result: 'program_output' },
    },
    maxParallelCalls: parallelCalls,
  },
];

/** The variants that a run compares unless told otherwise. */
export const defaultVariants = ['classic', 'code'];

export function listVariants(): readonly Variant[] {
  return variants;
}

/** The variant of a name. Throws a `UsageError` that names the nearest. */
export function findVariant(name: string): Variant {
  const variant = variants.find((candidate) => candidate.name === name);
  if (variant) return variant;
  const names = variants.map((candidate) => candidate.name);
  throw new UsageError(
    `Unknown variant "${name}". Nearest: ${nearest(name, names, 1).join('')}. Known: ${names.join(', ')}.`,
  );
}
