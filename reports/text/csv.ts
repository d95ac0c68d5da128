import { stringify } from 'csv-stringify/sync';

/**
 * Where a spreadsheet would take what follows for a formula: at the beginning of a cell. That is also after a semicolon, a tab or a
 * line end, where a spreadsheet takes these for separators. The characters are those of OWASP's page on CSV injection, with the
 * full-width forms that some normalise.
 */
const beginsFormula = /(?<=^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])/g;

/**
 * Rows as CSV with a heading, safe to open in a spreadsheet: text that it would take for a formula gets an apostrophe in front.
 * Numbers stay numbers, negative ones too.
 */
export function toCsvText(rows: readonly Record<string, unknown>[]): string {
  return stringify([...rows], {
    header: true,
    cast: { string: (text) => text.replaceAll(beginsFormula, "'") },
  });
}
