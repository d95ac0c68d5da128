import { classic } from '../patterns/classic.ts';
import { converse } from '../patterns/conversation.ts';
import type { Pattern } from '../patterns/pattern.ts';
import type { Variant } from '../patterns/variants.ts';
import { answerEmptyHanded, answerNothing, listEverything } from './script.ts';

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
    script: answerEmptyHanded,
    toolCategories: {},
  },
  {
    name: 'control-do-nothing',
    pattern: 'classic',
    description: 'A negative control: calls nothing and says nothing.',
    run: classic,
    script: answerNothing,
    toolCategories: {},
  },
  {
    name: 'control-list-everything',
    pattern: 'classic',
    description:
      'A negative control: calls every reading tool that needs no arguments and answers with all they gave.',
    run: classic,
    script: listEverything,
    toolCategories: {},
  },
];
