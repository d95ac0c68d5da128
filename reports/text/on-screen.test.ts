import { expect, test } from 'vitest';
import { inline, toMarkdownTable } from './markup.ts';
import { onScreen } from './on-screen.ts';
import { screenOf, widthOf } from './terminal.ts';

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
