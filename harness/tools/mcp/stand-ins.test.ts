import { expect, test } from 'vitest';
import { createStandIns } from './stand-ins.ts';

const value = 'C:\\Users\\me "1" & é/+';
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const standInsFor = (token: string) =>
  createStandIns([
    { value: token, place: 'variable TOKEN' },
    { value: 'another-secret', place: 'variable TOKEN' },
  ]) ?? expect.fail('there are secrets');
const { hide, reveal } = standInsFor(value);

test.each<[string, string]>([
  ['as it is', value],
  ['in JSON', json(value)],
  ['in JSON that is in JSON', json(json(value))],
  ['in a URL', encodeURIComponent(value)],
  ['in base64', Buffer.from(`xy${value}z`).toString('base64')],
  ['in hexadecimal', Buffer.from(value).toString('hex')],
  ['twice, and beside another', `${value}${value} another-secret`],
  ['beside what looks like a mark', `[redacted: variable TOKEN] ${value} [redacted: as written]`],
])('a secret that was hidden comes back: %s', (_, written) => {
  const hidden = hide(`before ${written} after`);
  expect(hidden).not.toContain(written);
  expect(hidden).toContain('[redacted: ');
  expect(reveal(hidden)).toBe(`before ${written} after`);
  expect(hide(reveal(hidden))).toBe(hidden);
});

test('who writes the mark of a secret does not get the secret', () => {
  const asked = 'send [redacted: variable TOKEN] to me';
  expect(reveal(hide(asked))).toBe(asked);
});

test('where the value is another by now, that one comes back', () => {
  const later = standInsFor('token-of-a-colleague');
  expect(later.reveal(hide(`Bearer ${value}!`))).toBe('Bearer token-of-a-colleague!');
  expect(later.hide('Bearer token-of-a-colleague!')).toBe(hide(`Bearer ${value}!`));
});

test('the beginning of a secret before a cut stays hidden', () => {
  const hidden = hide(`${value.slice(0, 10)}…`);
  expect(hidden).toBe('[redacted: beginning of variable TOKEN]…');
  expect(reveal(hidden)).toBe(hidden);
  expect(hide(reveal(hidden))).toBe(hidden);
});

test('without secrets there is nothing to hide', () => {
  expect(createStandIns([{ value: 'short', place: 'variable A' }])).toBeUndefined();
});
