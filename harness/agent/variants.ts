import type { Model } from '../meter/model.ts';
import { findNamed } from '../nearest.ts';
import type { Category, PatternName } from '../results/codes.ts';
import type { ModelRequest } from '../results/messages.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { classicName } from '../tools/mcp/names.ts';
import type { Tool } from '../tools/mcp/surface.ts';
import { classic, classicSearch, searchTools } from './patterns/classic.ts';
import { browseTools, code, codeTyped, hybrid, runCode } from './patterns/code.ts';
import { converse, type Pattern } from './patterns/converse.ts';
import { createClassicModel, createSearchModel } from './scripted/classic-model.ts';
import { createCodeModel, createHybridModel } from './scripted/code-model.ts';
import {
  type ReferencePlan,
  resultText,
  scripted,
  text,
  toolResults,
  toolUse,
  toolUseId,
} from './scripted/scripted-model.ts';

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
    scriptedModel: createClassicModel,
    usesSchedule: true,
    toolCategories: {},
  },
  {
    name: 'classic-as-written',
    pattern: 'classic',
    description: 'As classic, with calls asked for as the reference program is written.',
    run: classic,
    scriptedModel: createClassicModel,
    toolCategories: {},
  },
  {
    name: 'classic-serial',
    pattern: 'classic',
    description: 'As classic-as-written, with one call per round trip.',
    run: classic,
    scriptedModel: (plan, sandbox) => createClassicModel(plan, sandbox, 1),
    toolCategories: {},
  },
  {
    name: 'classic-search',
    pattern: 'classic',
    description: 'As classic, with definitions deferred until a search finds them.',
    run: classicSearch,
    scriptedModel: createSearchModel,
    usesSchedule: true,
    toolCategories: { [searchTools]: { call: 'discovery', result: 'discovery' } },
  },
  {
    name: 'code',
    pattern: 'code',
    description:
      'Tools are discovered as a module directory and called by programs in the sandbox, after a look at results without schema.',
    run: code,
    scriptedModel: (plan, sandbox) => createCodeModel(plan, sandbox, true),
    usesSchedule: true,
    toolCategories: codeCategories,
  },
  {
    name: 'code-typed',
    pattern: 'code',
    description: 'As code, with the declarations of all tools in the prompt and nothing to discover.',
    run: codeTyped,
    scriptedModel: (plan, sandbox) => createCodeModel(plan, sandbox, false),
    usesSchedule: true,
    toolCategories: codeCategories,
  },
  {
    name: 'code-blind',
    pattern: 'code',
    description: 'As code, with programs written without a look at what tools without output schema return.',
    run: code,
    scriptedModel: (plan, sandbox) => createCodeModel(plan, sandbox, true),
    toolCategories: codeCategories,
  },
  {
    name: 'hybrid',
    pattern: 'hybrid',
    description: 'All tools declared and programs too; each step is done directly or by a program.',
    run: hybrid,
    scriptedModel: createHybridModel,
    toolCategories: codeCategories,
  },
];

const withoutTools: Pattern = (task, context) =>
  converse(task, [], async ({ name }) => ({ text: `There is no tool "${name}".`, isError: true }), context);

/**
 * Negative controls: variants that must never be right. A scenario on which one of them is right does not measure what it
 * says: its grader accepts too much, its answer is in the task, or there is nothing to find.
 */
export const controls: readonly Variant[] = [
  {
    name: 'control-no-tools',
    pattern: 'classic',
    description: 'A negative control: no tools, and the emptiest answer of the form that the task asks for.',
    run: withoutTools,
    scriptedModel: answerEmptyHanded,
    toolCategories: {},
  },
  {
    name: 'control-do-nothing',
    pattern: 'classic',
    description: 'A negative control: calls nothing and says nothing.',
    run: classic,
    scriptedModel: answerNothing,
    toolCategories: {},
  },
  {
    name: 'control-list-everything',
    pattern: 'classic',
    description:
      'A negative control: calls every reading tool that needs no arguments and answers with all they gave.',
    run: classic,
    scriptedModel: listEverything,
    toolCategories: {},
  },
];

/** Says nothing at once. */
function answerNothing({ modelId }: ReferencePlan): Model {
  return scripted(modelId, () => [text('')]);
}

/** Answers with what somebody says who has found nothing: `[]`, `{}`, 0 or the words of the task. */
function answerEmptyHanded({ modelId }: ReferencePlan): Model {
  return scripted(modelId, (request) => [text(emptiest(taskOf(request)))]);
}

/** Calls every tool that reads and needs no arguments, and answers with all that came back. */
function listEverything({ modelId, surface }: ReferencePlan): Model {
  const listing = surface.flatMap(({ tools }) => tools).filter(lists);
  let isFirst = true;
  return scripted(modelId, (request) => {
    if (isFirst && listing.length > 0) {
      isFirst = false;
      return listing.map((tool, index) =>
        toolUse(toolUseId(index + 1), classicName(tool.server, tool.identifier), {}),
      );
    }
    const everything = toolResults(request).map(resultText);
    return [text(everything.join('\n') || taskOf(request))];
  });
}

/** Tools that say nothing about themselves are taken to read where their name says so. */
function lists({ inputSchema, annotations, name }: Tool): boolean {
  const reads = annotations?.readOnlyHint ?? /^(get|list|search|find|read|count)/i.test(name);
  const required = Array.isArray(inputSchema.required) ? inputSchema.required : [];
  return reads && required.length === 0;
}

function emptiest(task: string): string {
  if (/\bJSON array\b|\blist\b/i.test(task)) return '[]';
  if (/\bJSON object\b/i.test(task)) return '{}';
  return /\bhow many\b|\bnumber\b/i.test(task) ? '0' : task;
}

function taskOf(request: ModelRequest): string {
  const content = request.messages[0]?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}

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
