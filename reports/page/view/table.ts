import { bound, percent, times } from '../../../harness/numbers.ts';
import { type Content, html, type Markup } from '../../text/markup.ts';
import { verbs } from '../../text/words.ts';
import type { PageData, Side, Workflow } from '../data.ts';
import { dearer, inOrder } from './dumbbell.ts';
import { adviceNames, capital, glyph, tick } from './marks.ts';
import { type SortKey, type State, shown, workflowAddress } from './state.ts';

const headings: { key?: SortKey; label: string; isNumber?: true }[] = [
  { key: 'name', label: 'Workflow' },
  { key: 'advice', label: 'Use' },
  { key: 'classic', label: 'Classic', isNumber: true },
  { key: 'code', label: 'Code', isNumber: true },
  { key: 'ratio', label: 'The other', isNumber: true },
  { key: 'right', label: 'Right?' },
  { label: 'What would change it' },
];

const sortBy: Record<SortKey, (workflow: Workflow) => string | number> = {
  name: ({ name }) => name,
  advice: ({ advice }) => adviceNames[advice],
  classic: ({ sides }) => sides.classic?.value ?? -1,
  code: ({ sides }) => sides.code?.value ?? -1,
  ratio: (workflow) => dearer(workflow)?.factor ?? 0,
  right: ({ sides }) => (sides.classic?.right ?? 0) + (sides.code?.right ?? 0),
};

/** The workflows that the filter lets through, sorted as chosen. */
export function chosenWorkflows({ workflows }: PageData, { sort, filter }: State): Workflow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const text = ({ name, params, verdict, why, sides }: Workflow) =>
    [name, ...params, verdict, why, sides.classic?.variant, sides.code?.variant].join(' ').toLowerCase();
  const found = inOrder(workflows).filter(
    (workflow) =>
      (filter.advice === undefined || workflow.advice === filter.advice) &&
      words.every((word) => text(workflow).includes(word)),
  );
  if (!sort) return found;
  const by = sortBy[sort.key];
  return found.sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    return (left < right ? -1 : left > right ? 1 : 0) * sort.direction;
  });
}

/** All verdicts in a table that is sorted by its headings; on a telephone each row is a card. */
export function drawTable(data: PageData, state: State): Markup {
  const { sort } = state;
  const head = headings.map(({ key, label, isNumber }) => {
    if (!key) return html`<th scope="col">${label}</th>`;
    const isSorted = sort?.key === key;
    const direction = isSorted ? (sort.direction > 0 ? 'ascending' : 'descending') : 'none';
    const arrow = isSorted ? (sort.direction > 0 ? '↑' : '↓') : '';
    const text = key === 'ratio' ? `The other ${verbs[data.by].takes}` : label;
    return html`<th scope="col" class="${isNumber && 'num'}" aria-sort="${direction}"><button data-sort="${key}">${text}<span class="arrow" aria-hidden="true">${arrow}</span></button></th>`;
  });
  const found = chosenWorkflows(data, state);
  const rows = found.map(
    (
      workflow,
    ) => html`<tr><th scope="row"><a href="${workflowAddress(workflow.id)}">${workflow.name}</a>${workflow.params.length > 0 && html`<small>${workflow.params.join(' · ')}</small>`}</th>
<td data-label="Use"><span class="use">${glyph(workflow.advice)} ${adviceNames[workflow.advice]}</span>${recommended(workflow)}</td>
<td class="num" data-label="Classic">${value(workflow.sides.classic, data, state)}</td><td class="num" data-label="Code">${value(workflow.sides.code, data, state)}</td>
<td class="num" data-label="The other ${verbs[data.by].takes}">${factor(workflow)}</td><td data-label="Right?">${whoWasRight(workflow)}</td>
<td class="change" data-label="What would change it">${change(workflow)}</td></tr>`,
  );
  return html`<table class="verdicts"><caption class="vh">Verdict for each workflow</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>${found.length === 0 && html`<p class="sub">No workflow matches.</p>`}`;
}

/** The variant that is recommended, where its name says more than that of its pattern. */
function recommended({ advice, sides }: Workflow): Content {
  const side = advice === 'classic' || advice === 'code' ? sides[advice] : undefined;
  return side && side.variant !== side.pattern && html`<small>${side.variant}</small>`;
}

function value(side: Side | undefined, { by }: PageData, state: State): Content {
  if (!side) return html`<span class="dim">not run</span>`;
  if (side.right === null) return html`<span class="none">not measured</span>`;
  if (side.value === null) return html`<span class="dim">unpriced</span>`;
  const text = shown(side.value, by, state);
  return side.hypothetical ? html`<span class="none">no answer</span><small>would be ${text}</small>` : text;
}

function factor(workflow: Workflow): Content {
  const { dearerBy, advice, sides } = workflow;
  if (!dearerBy || (sides.classic?.failed && advice !== 'neither') || sides.code?.failed)
    return html`<span class="dim">–</span>`;
  return html`${times(dearerBy.value)}×<small>${bound(dearerBy.low)} to ${bound(dearerBy.high)}</small>`;
}

function whoWasRight({ sides }: Workflow): Content {
  const both = (['classic', 'code'] as const).flatMap((side) =>
    sides[side] ? [{ side, ...sides[side] }] : [],
  );
  if (both.length === 0) return html`<span class="dim">–</span>`;
  if (both.every(({ right }) => right === 1)) {
    return html`<span class="fine">${tick(true)} ${both.length === 2 ? 'both' : both[0]?.side}</span>`;
  }
  if (both.every(({ trials }) => trials === 1)) {
    const right = both.filter((each) => each.right === 1);
    return html`<span class="wrong">${tick(false)} ${right.length === 0 ? 'neither' : `${right[0]?.side} only`}</span>`;
  }
  return both.map(
    ({ side, right, failed }) =>
      html`<span class="${failed ? 'wrong' : 'fine'} line">${tick(!failed)} ${side} ${right === null ? 'not measured' : percent(right)}</span>`,
  );
}

function change({ advice, changes }: Workflow): string {
  if (advice === 'outstanding' || advice === 'insufficient') return 'Too little is known';
  const [first] = changes;
  return first === undefined ? 'Nothing that was tried' : capital(first);
}
