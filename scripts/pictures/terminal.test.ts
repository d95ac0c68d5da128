import { expect, test } from 'vitest';
import { terminalPicture } from './terminal.ts';

test('a line keeps its text, spaces and colours, and markup in it stays text', () => {
  const picture = terminalPicture(
    'a & b',
    '\n\u001b[33m○ classic\u001b[39m  <b>\n\n\u001b[1mUse code\u001b[22m.\n',
  );
  expect(picture).toContain('<title>a &amp; b</title>');
  expect(picture).toContain('<tspan fill="#e3b341">○ classic</tspan>  &lt;b&gt;</text>');
  expect(picture).toContain('<tspan font-weight="bold">Use code</tspan>.</text>');
  expect(picture.match(/<text /g)).toHaveLength(2);
});

test('it is as large as what was printed', () => {
  const width = (picture: string) => Number(/width="(\d+)"/.exec(picture)?.[1]);
  const height = (picture: string) => Number(/height="(\d+)"/.exec(picture)?.[1]);
  const [short, long] = [terminalPicture('', 'x'), terminalPicture('', `${'x'.repeat(81)}\ny`)];
  expect(width(long) - width(short)).toBeCloseTo(80 * 8.4, -1);
  expect(height(long) - height(short)).toBe(20);
});
