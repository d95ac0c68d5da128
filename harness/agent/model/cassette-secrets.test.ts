import { expect, test } from 'vitest';
import { createStandIns, findSecret, redactSecrets } from './cassette-secrets.ts';

// Put together at run time, so that no scanner takes this file for a leak.
const shaped: [string, string][] = [
  ['an Anthropic key', ['sk', 'ant', 'api03', 'AbCdEfGhIjKl0123'].join('-')],
  ['an OpenAI key', `sk-proj-${'a1B2'.repeat(9)}`],
  ['a bearer token', `Authorization: Bearer ${'x9'.repeat(12)}`],
  ['an AWS access key', `AKIA${'ABCD1234'.repeat(2)}`],
  ['a GitHub token', `ghp_${'a1B2c3'.repeat(6)}`],
  ['a GitLab token', `glpat-${'a1B2c3d4'.repeat(3)}`],
  ['an npm token', `npm_${'a1B2c3'.repeat(6)}`],
  ['a Slack token', `xoxb-${'1234567890'.repeat(2)}`],
  ['a Google API key', `AIza${'aB1_-'.repeat(7)}`],
  ['a Stripe key', `sk_live_${'a1B2'.repeat(6)}`],
  ['a JSON Web Token', ['eyJhbGciOiJI', 'eyJzdWIiOiIx', 'c2lnbmF0dXJl'].join('.')],
  ['a private key', `-----BEGIN RSA ${'PRIVATE'} KEY-----`],
];

test.each(shaped)('%s is found and redacted', (kind, secret) => {
  const line = JSON.stringify({ content: `before ${secret} after` });
  expect(findSecret(line, [])?.kind).toBe(kind);
  expect(findSecret(redactSecrets(line, []), [])).toBeNull();
});

test.each([
  'Set ANTHROPIC_API_KEY to sk-ant-... and send it as Authorization: Bearer <key>.',
  'The bearer of the ring walked to task-antares.',
  `signature ${Buffer.from('a thinking block is signed with base64 like this one here').toString('base64')}`,
])('ordinary text is left alone: %s', (text) => {
  expect(findSecret(text, [])).toBeNull();
  expect(redactSecrets(text, [])).toBe(text);
});

test('the run’s own key is found in any shape', () => {
  expect(findSecret('{"a":"gateway-key-17"}', ['gateway-key-17'])).toEqual({
    kind: 'the API key of this run',
    index: 6,
  });
});

test('scanning a megabyte takes no time that grows faster than the text', () => {
  const started = performance.now();
  expect(findSecret('sk-eyJ-Bearer '.repeat(75_000), [])).toBeNull();
  expect(performance.now() - started).toBeLessThan(20_000);
});

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
