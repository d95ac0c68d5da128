import { expect, test } from 'vitest';
import { terminalPicture } from './terminal.ts';

test('a line keeps its text, spaces and colours, and markup in it stays text', () => {
  const picture = terminalPicture(
    'a & b',
    '\n\u001b[33m○ classic\u001b[39m  <b>\n\n\u001b[1mUse code\u001b[22m.\n',
  );
  expect(picture).toContain('<title>a &amp; b</title>');
  expect(picture).toContain('<tspan fill="#e3b341">○\u00a0classic</tspan>\u00a0\u00a0&lt;b&gt;</text>');
  expect(picture).toContain('<tspan font-weight="bold">Use\u00a0code</tspan>.</text>');
  expect(picture.match(/<text /g)).toHaveLength(2);
});

test('a style goes on over the end of a line', () => {
  const picture = terminalPicture('', '\u001b[31mnot\nright\u001b[39m at all');
  expect(picture).toContain('<tspan fill="#ff7b72">not</tspan></text>');
  expect(picture).toContain('<tspan fill="#ff7b72">right</tspan>\u00a0at\u00a0all</text>');
});

test('it is as large as what was printed', () => {
  const width = (picture: string) => Number(/width="(\d+)"/.exec(picture)?.[1]);
  const height = (picture: string) => Number(/height="(\d+)"/.exec(picture)?.[1]);
  const [short, long] = [terminalPicture('', 'x'), terminalPicture('', `${'x'.repeat(81)}\ny`)];
  expect(width(long) - width(short)).toBeCloseTo(80 * 8.4, -1);
  expect(height(long) - height(short)).toBe(20);
});
