import type { Model } from '../meter/model.ts';
import { findNamed } from '../nearest.ts';
import type { Category, PatternName } from '../results/codes.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { controls } from './controls.ts';
import { classic, classicSearch, searchTools } from './patterns/classic.ts';
import { browseTools, code, codeTyped, hybrid, runCode } from './patterns/code.ts';
import type { Pattern } from './patterns/pattern.ts';
import { createClassicModel, createSearchModel } from './scripted/classic-model.ts';
import { createCodeModel, createHybridModel } from './scripted/code-model.ts';
import type { ReferencePlan } from './scripted/reference-plan.ts';

/** A configured pattern. */
export type Variant = {
  name: string;
  pattern: PatternName;
  description: string;
  run: Pattern;
  /** The scripted model that follows a scenario's reference program through this variant. */
  scriptedModel: (plan: ReferencePlan, sandbox: Sandbox) => Model;
  /**
   * The scripted model is told when calls can honestly be asked for, and what a tool without output schema returns, which the
   * reference program alone does not say.
   */
  usesSchedule?: true;
  /** Ledger categories of tools that are not MCP tools; those not named are billed as direct calls. */
  toolCategories: Record<string, { call: Category; result: Category }>;
};

/** As many as clients commonly see a model ask for at once. */
export const mostParallelCalls = 10;

const classicModel = (maxParallelCalls: number) => (plan: ReferencePlan, sandbox: Sandbox) =>
  createClassicModel(plan, sandbox, { maxParallelCalls });

const codeCategories: Variant['toolCategories'] = {
  [browseTools]: { call: 'discovery', result: 'discovery' },
  [runCode]: { call: 'code', result: 'program_output' },
};

const variants: Variant[] = [
  {
    name: 'classic',
    pattern: 'classic',
    description:
      'All tools declared up front; every call and result goes through the model; up to ten calls at once, each as early as is honest.',
    run: classic,
    scriptedModel: classicModel(mostParallelCalls),
    usesSchedule: true,
    toolCategories: {},
  },
  {
    name: 'classic-as-written',
    pattern: 'classic',
    description: 'As classic, with calls asked for as the reference program is written.',
    run: classic,
    scriptedModel: classicModel(mostParallelCalls),
    toolCategories: {},
  },
  {
    name: 'classic-serial',
    pattern: 'classic',
    description: 'As classic-as-written, with one call per round trip.',
    run: classic,
    scriptedModel: classicModel(1),
    toolCategories: {},
  },
  {
    name: 'classic-search',
    pattern: 'classic',
    description: 'As classic, with definitions deferred until a search finds them.',
    run: classicSearch,
    scriptedModel: (plan, sandbox) => createSearchModel(plan, sandbox, mostParallelCalls),
    usesSchedule: true,
    toolCategories: { [searchTools]: { call: 'discovery', result: 'discovery' } },
  },
  {
    name: 'code',
    pattern: 'code',
    description:
      'Tools are discovered as a module directory and called by programs in the sandbox, after a look at results without schema.',
    run: code,
    scriptedModel: (plan, sandbox) => createCodeModel(plan, sandbox, 'directory'),
    usesSchedule: true,
    toolCategories: codeCategories,
  },
  {
    name: 'code-typed',
    pattern: 'code',
    description: 'As code, with the declarations of all tools in the prompt and nothing to discover.',
    run: codeTyped,
    scriptedModel: (plan, sandbox) => createCodeModel(plan, sandbox, 'none'),
    usesSchedule: true,
    toolCategories: codeCategories,
  },
  {
    name: 'code-blind',
    pattern: 'code',
    description: 'As code, with programs written without a look at what tools without output schema return.',
    run: code,
    scriptedModel: (plan, sandbox) => createCodeModel(plan, sandbox, 'directory'),
    toolCategories: codeCategories,
  },
  {
    name: 'hybrid',
    pattern: 'hybrid',
    description: 'All tools declared and programs too; each step is done directly or by a program.',
    run: hybrid,
    scriptedModel: (plan, sandbox) => createHybridModel(plan, sandbox, mostParallelCalls),
    toolCategories: codeCategories,
  },
];

export function listVariants(): readonly Variant[] {
  return variants;
}

/** The variant of a name. Throws a `UsageError` that names the nearest. */
export function findVariant(name: string): Variant {
  return findNamed('variant', name, [...variants, ...controls], (each) => each.name, 1);
}

/** The variants of these names, where `all` stands for every variant but the controls. Throws a `UsageError` for an unknown one. */
export function findVariants(names: readonly string[]): Variant[] {
  return names.includes('all') ? [...variants] : names.map(findVariant);
}
