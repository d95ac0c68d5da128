import { expect, test } from 'vitest';
import { createRedact, redactStrings, secretsOf } from './secrets.ts';

const value = 'sk-Canary/1+2 "3" & 4 é';
const redact = createRedact([{ value, place: 'variable TOKEN' }]) ?? ((text: string) => text);
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each<[string, string]>([
  ['as it is', value],
  ['in JSON', json(value)],
  ['in JSON that is in JSON', json(json(value))],
  ['in a URL', encodeURIComponent(value)],
  ['in a form', encodeURIComponent(value).replaceAll('%20', '+')],
  ['in base64', base64(value)],
  ['in base64 of URLs', Buffer.from(value).toString('base64url')],
  ['in hexadecimal', Buffer.from(value).toString('hex')],
  ['in the JSON of Python', String.raw`sk-Canary/1+2 \"3\" & 4 \u00e9`],
  ['in the JSON of PHP', String.raw`sk-Canary\/1+2 \"3\" & 4 \u00e9`],
  ['in the JSON of Go', String.raw`sk-Canary/1+2 \"3\" \u0026 4 é`],
  ['in HTML', 'sk-Canary/1+2 &quot;3&quot; &amp; 4 é'],
])('a secret is replaced by its place: %s', (_, written) => {
  expect(redact(`before ${written} after ${written}`)).toMatch(
    /^before \[redacted: variable TOKEN\]=* after \[redacted: variable TOKEN\]=*$/,
  );
});

test.each(['', 'u', 'us', 'usr', 'user'])(
  'a secret is found in base64 after %j and before anything',
  (user) => {
    for (const after of ['', '!', '!!', '!!!']) {
      const encoded = base64(`${user}${value}${after}`);
      const left = redact(encoded);
      expect(left).toContain('[redacted: variable TOKEN]');
      // At most the bits that share a character with a neighbour stay.
      expect(left.replace('[redacted: variable TOKEN]', '').length).toBeLessThan(14);
    }
  },
);

test('the beginning of a secret before a cut is replaced, too, but not a few characters', () => {
  expect(redact(`a ${value.slice(0, 9)}… b ${value}… c ${value.slice(0, 5)}…`)).toBe(
    `a [redacted: variable TOKEN]… b [redacted: variable TOKEN]… c ${value.slice(0, 5)}…`,
  );
});

test('of two secrets that begin alike, nothing stays of the longer', () => {
  const both = createRedact([
    { value: 'canary', place: 'a' },
    { value: 'canary-and-more', place: 'b' },
  ]);
  expect(both?.('canary-and-more canary')).toBe('[redacted: b] [redacted: a]');
});

test('texts without a secret, and servers without one, stay as they are', () => {
  expect(redact('nothing here')).toBe('nothing here');
  expect(createRedact(secretsOf({ command: 'node', args: ['a'], env: { PORT: '8080' } }))).toBeUndefined();
});

test('what counts as secret is what fills in variables, environment, headers, and the address but for its path', () => {
  const stdio = secretsOf({
    command: 'node',
    args: ['token-from-a-variable', 'written-out'],
    env: { KEY: 'key-of-the-environment' },
    filledIn: [{ value: 'token-from-a-variable', place: 'variable T' }],
  });
  expect(stdio.map((each) => each.value)).toEqual(['token-from-a-variable', 'key-of-the-environment']);
  const http = secretsOf({
    url: 'https://user:pass%20word@far.example/path?key=in%20query',
    headers: { authorization: `Basic ${base64('me:basic-password')}`, 'x-key': 'plain-header' },
  }).map((each) => each.value);
  for (const each of [
    'pass%20word',
    'pass word',
    'in%20query',
    'in query',
    'basic-password',
    'plain-header',
  ]) {
    expect(http).toContain(each);
  }
  expect(http.join()).not.toContain('path');
});

test("the trial's own folder, and a path in it, is no secret", () => {
  const env = {
    PATTERNBENCH_TRIAL_DIR: '/tmp/trial-1',
    DATABASE: '/tmp/trial-1/db',
    KEY: 'key-of-the-environment',
  };
  const secrets = secretsOf({ command: 'node', args: [], env, trialDirectory: '/tmp/trial-1' });
  expect(secrets.map((each) => each.value)).toEqual(['key-of-the-environment']);
});

test('strings and names of members of a JSON value lose secrets at any depth', () => {
  const shown = redactStrings({ tools: { [`a ${value}`]: [{ a: `x${value}` }, 1, null] } }, redact);
  expect(shown).toEqual({
    tools: { 'a [redacted: variable TOKEN]': [{ a: 'x[redacted: variable TOKEN]' }, 1, null] },
  });
});

test('the names by which a listing is read stay, even where a secret is spelled like one', () => {
  const spelled = createRedact([{ value: 'instructions', place: 'variable MODE' }]);
  const listing = { instructions: 'instructions', tools: [{ name: 'a', inputSchema: { instructions: 1 } }] };
  expect(redactStrings(listing, spelled)).toEqual({ ...listing, instructions: '[redacted: variable MODE]' });
});
