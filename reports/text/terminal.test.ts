import { describe, expect, test } from 'vitest';
import { inline, toMarkdownTable } from './markup.ts';
import { cut, onScreen, pad, screenOf, terminalTable, widthOf, wrap } from './terminal.ts';

const plain = screenOf(40, false);

test('a width is what a terminal shows: no colours, no marks over letters, two columns for wide characters', () => {
  expect(['abc', '\u001b[31mabc\u001b[0m', 'e\u0301', '漢字', '🙂', '◆ code'].map(widthOf)).toEqual([
    3, 3, 1, 4, 2, 6,
  ]);
  expect(pad('漢', 4)).toBe('漢  ');
  expect(pad('7', 3, 'r')).toBe('  7');
  expect(cut('漢字漢字', 5)).toBe('漢字…');
});

test('a terminal that tells no size has 80 columns, and none is taken for wider than 100 or narrower than 40', () => {
  const widths = [undefined, 0, 20, 300].map((columns) => screenOf(columns, false).columns);
  expect(widths).toEqual([80, 80, 40, 100]);
});

test('text is broken at spaces and never wider than the screen', () => {
  const lines = wrap('one two three four', { columns: 12, first: '  a ', indent: '    ' });
  expect(lines).toEqual(['  a one two', '    three', '    four']);
  expect(wrap(`so ${'x'.repeat(40)}`, { columns: 10 })).toEqual(['so', `${'x'.repeat(9)}…`]);
  expect(wrap('one two three', { columns: 5, most: 2 })).toEqual(['one', 'two…']);
});

describe('a table on a terminal', () => {
  test('aligns figures on the right and text on the left', () => {
    const table = { headings: ['name', 'n'], align: ['l', 'r'] as ('l' | 'r')[], rows: [['a', '1,000']] };
    expect(terminalTable(table, plain)).toBe('name      n\na     1,000');
  });

  test('breaks lines where the fewest cells are broken, and names only where spaces are not enough', () => {
    const rows = [['a', 'one two three four five six'], ...Array.from({ length: 3 }, () => ['find all', ''])];
    const table = { headings: ['name', 'text'], align: ['l', 'l'] as ('l' | 'r')[], rows };
    const lines = terminalTable(table, { ...plain, columns: 30 }).split('\n');
    expect(lines).toEqual([
      'name      text',
      'a         one two three four',
      `${' '.repeat(10)}five six`,
      ...Array(3).fill('find all'),
    ]);
    const named = { ...table, rows: [['github.list_open-issues', 'one two']] };
    const narrow = terminalTable(named, { ...plain, columns: 24 }).split('\n');
    expect(narrow).toEqual([
      'name                text',
      'github.list_open-   one',
      'issues              two',
    ]);
  });

  test('turns figures under headings that are too many for the screen', () => {
    const headings = ['variant', 'instructions', 'definitions', 'results'];
    const table = {
      headings,
      align: ['l', 'r', 'r', 'r'] as ('l' | 'r')[],
      rows: [
        ['classic', '105', '618', '9'],
        ['code', '105', '0', '1,596'],
      ],
    };
    expect(terminalTable(table, plain).split('\n')).toEqual([
      'variant       classic   code',
      'instructions      105    105',
      'definitions       618      0',
      'results             9  1,596',
    ]);
  });

  test('fits the screen with any cells', () => {
    const table = {
      headings: ['what it is', 'figure'],
      align: ['l', 'r'] as ('l' | 'r')[],
      rows: [['a text that is much longer than any screen is wide', '1,234 / 5,678 / 9,012']],
    };
    const lines = terminalTable(table, plain).split('\n');
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(40);
    expect(lines.join(' ')).toContain('screen');
  });
});

test('colours are there only where the screen has some', () => {
  expect(plain.paint('bad', 'no')).toBe('no');
  expect(screenOf(80, true).paint('bad', 'no')).toBe('\u001b[31mno\u001b[39m');
});

const markdown = `# Two files

${toMarkdownTable({
  headings: ['file', 'tokens'],
  align: ['l', 'r'],
  rows: [
    [inline('a|b_*c*'), '12'],
    ['all', '1,200'],
  ],
})}

- **Strong:** ${'words that go on '.repeat(10).trim()}
_A note on \\[it\\]._`;

test('Markdown of a report reads on a terminal without its marks, and fits', () => {
  const text = onScreen(markdown, screenOf(60, false));
  const lines = text.split('\n');
  expect(lines.slice(0, 6)).toEqual([
    'Two files',
    '',
    'file     tokens',
    'a|b_*c*      12',
    'all       1,200',
    '',
  ]);
  expect(lines[6]).toMatch(/^- Strong: words/);
  expect(lines[7]).toMatch(/^ {2}words|^ {2}\w/);
  expect(lines.at(-1)).toBe('A note on [it].');
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(60);
  expect(onScreen(markdown, screenOf(60, true))).toContain('\u001b[');
});
