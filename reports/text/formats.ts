/** Formats that other programs read. */
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

/** A case of a JUnit report, and how it ended where not well: in short, and in full where there is more to say. */
export type JunitCase = {
  /** After `patternbench.` in the name of its class; absent: of the whole. */
  of?: string;
  name: string;
  end?: { kind: 'failure' | 'error' | 'skipped'; message: string; text?: string } | undefined;
};

/** Cases as JUnit XML, for the test view of a CI server. */
export function toJunitXml(suite: string, cases: readonly JunitCase[]): string {
  const count = (kind: string) => cases.filter(({ end }) => end?.kind === kind).length;
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="patternbench ${suite}" ${counts}>`,
    ...cases.map(toCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function toCase({ of, name, end }: JunitCase): string {
  const classname = of === undefined ? 'patternbench' : `patternbench.${of}`;
  const head = `    <testcase classname="${toXml(classname)}" name="${toXml(name)}"`;
  if (!end) return `${head}/>`;
  const open = `<${end.kind} message="${toXml(end.message)}"`;
  const told = end.text === undefined ? `${open}/>` : `${open}>${toXml(end.text)}</${end.kind}>`;
  return `${head}>${told}</testcase>`;
}

/** Without meaning as markup, and without the control characters that XML 1.0 cannot carry even escaped. */
function toXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
