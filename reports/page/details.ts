import { billTable } from '../run/bill.ts';
import type { Section } from '../run/view.ts';
import { type Content, html, htmlList, htmlTable, type Markup, type Table } from '../text/markup.ts';

/** Every further figure of a workflow, as markup: what Markdown says of it, too. */
export function describeDetails(section: Section): string {
  const { results, statistics, trialNotes } = section;
  return html`${[
    tableBlock('Figures', section.figures),
    results.some(({ ledger }) => ledger.length > 0) && tableBlock('Bill by category', billTable(results)),
    tableBlock('All variants', section.ladder),
    tableBlock('Approvals', section.approvals),
    listBlock('What makes the difference', section.why),
    tableBlock('The criteria', section.criteria),
    listBlock('What went wrong', [...section.wrong, ...section.failures]),
    tableBlock('Several trials', statistics, trialNotes),
    !statistics && listBlock('Notes on the trials', trialNotes),
    listBlock('The provider’s part', section.providerNotes),
  ]}`.text;
}

/** A table under a heading, with notes. */
export function tableBlock(
  heading: string,
  table: Table | undefined,
  notes: readonly string[] = [],
): Content {
  return table && block(heading, html`${htmlTable(table, heading)}${htmlList(notes)}`);
}

/** Lines under a heading; nothing where there are none. */
export function listBlock(heading: string, lines: readonly string[]): Content {
  return lines.length > 0 && block(heading, htmlList(lines));
}

function block(heading: string, content: Content): Markup {
  return html`<section class="more-block"><h3>${heading}</h3>${content}</section>\n`;
}
