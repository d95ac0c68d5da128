import type { Model } from '../meter/model.ts';
import type { ModelRequest } from '../results/messages.ts';
import { classicName } from '../tools/mcp/names.ts';
import type { Tool } from '../tools/mcp/surface.ts';
import { classic } from './patterns/classic.ts';
import { converse } from './patterns/converse.ts';
import type { Pattern } from './patterns/pattern.ts';
import { resultText, scripted, text, toolResults, toolUse, toolUseId } from './scripted/converse-scripted.ts';
import type { ReferencePlan } from './scripted/reference-plan.ts';
import type { Variant } from './variants.ts';

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

const nothingToClose = async () => undefined;

/** Says nothing at once. */
function answerNothing({ modelId }: ReferencePlan): Model {
  return scripted(modelId, nothingToClose, async () => [text('')]);
}

/** Answers with what somebody says who has found nothing: `[]`, `{}`, 0 or the words of the task. */
function answerEmptyHanded({ modelId }: ReferencePlan): Model {
  return scripted(modelId, nothingToClose, async (request) => [text(emptiest(taskOf(request)))]);
}

/** Calls every tool that reads and needs no arguments, and answers with all that came back. */
function listEverything({ modelId, surface }: ReferencePlan): Model {
  const listing = surface.flatMap(({ tools }) => tools).filter(lists);
  let isFirst = true;
  return scripted(modelId, nothingToClose, async (request) => {
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
