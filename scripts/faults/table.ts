import { toMarkdownTable } from '../../reports/text/markup.ts';
import { groups } from './modes.ts';
import type { NamedFinding } from './part.ts';

const largest = 12;

/** What became of hostile servers, by what they do and over which transport, and those that took most memory; as Markdown. */
function toHostileTable(findings: readonly NamedFinding[]): string {
  const rows = groups.flatMap(({ kind, over, modes }) => {
    const own = findings.filter(({ name }) => Object.hasOwn(modes, name));
    return own.length > 0 ? [[kind, over, ...figures(own)]] : [];
  });
  const headings = [
    'what the server does',
    'over',
    'cases',
    'exit 0',
    'exit 3',
    'other',
    'longest',
    'peak MiB',
    'left',
  ];
  const align: ('l' | 'r')[] = ['l', 'l', ...Array<'r'>(7).fill('r')];
  const top = findings.toSorted((a, b) => b.peakMiB - a.peakMiB).slice(0, largest);
  return `${toMarkdownTable({ headings, align, rows: [...rows, ['all', '', ...figures(findings)]] })}

The ${largest} that took most memory:

${toMarkdownTable({
  headings: ['server', 'peak MiB', 'seconds', 'exit', 'what is told'],
  align: ['l', 'r', 'r', 'r', 'l'],
  rows: top.map(({ name, peakMiB, seconds, code, why }) => [
    name,
    String(peakMiB),
    seconds.toFixed(1),
    String(code ?? '–'),
    cell(why),
  ]),
})}`;
}

/** The published page of hostile servers. */
export function hostilePage(findings: readonly NamedFinding[]): string {
  const bad = findings.filter(({ outcome }) => outcome === 'BAD');
  return `# Hostile servers

Each server in a run of both patterns, as a process of its own. A run ends with 0 where the fault is a result or is ignored, and
with 3 where nothing can be measured; it then says what happened. Memory is that of the run itself, the largest resident size.
Left: processes that outlived the run; a child that forms a process group of its own does. Times and memory are of one machine.
Written by \`npm run published -- hostile.md\`.

${findings.length} of ${groups.reduce((sum, { modes }) => sum + Object.keys(modes).length, 0)} servers were tried.

${toHostileTable(findings)}

${bad.length === 0 ? 'None of them was met badly.' : `Met badly: ${bad.map(({ name, why }) => `${name} (${cell(why)})`).join('; ')}.`}
`;
}

/** How a group ended, the most that any took, and the processes that it left. */
function figures(group: readonly NamedFinding[]): string[] {
  const ended = (code: number) => group.filter((each) => each.code === code).length;
  const others = group.length - ended(0) - ended(3);
  const longest = Math.max(...group.map(({ seconds }) => seconds));
  const peak = Math.max(...group.map(({ peakMiB }) => peakMiB));
  const left = group.reduce((sum, each) => sum + (each.left ?? 0), 0);
  return [group.length, ended(0), ended(3), others, `${longest.toFixed(0)} s`, peak, left].map(String);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').slice(0, 140).trimEnd();
}
