import { measured, refused, text, usual } from '../usual.ts';
import type { Mode, Modes } from './mode.ts';

const gives = (result: unknown, says: Mode['says'], expected: Omit<Mode, 'call'> = measured): Mode => ({
  ...expected,
  says,
  call: (request, { reply }) => reply(request, result),
});

/** Made when it is asked for: the table itself stays small. */
const says = (make: () => string, more: Partial<Mode> = {}): Mode => ({
  ...measured,
  says: '',
  ...more,
  call: (request, { reply }) => reply(request, text(make())),
});

/** The result as raw JSON, which no JSON.stringify would write. */
const writes = (json: () => string, says: Mode['says'], more: Partial<Mode> = {}): Mode => ({
  ...measured,
  says,
  ...more,
  call: ({ id }, { raw }) => raw(`{"jsonrpc":"2.0","id":${id},"result":${json()}}\n`),
});

const nested = (levels: number) => `{"n":1,"d":${'['.repeat(levels)}${']'.repeat(levels)}}`;
const declares = (outputSchema: object): Pick<Mode, 'list'> => ({
  list: (request, { reply }) => reply(request, { tools: [{ ...usual.tool, outputSchema }] }),
});
const itemSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
/** What a single message of this size may cost: it is held as bytes, as text, as JSON, and once more in the trace. */
const large = { mostMiB: 1_600, limitSeconds: 120 };
/** What is no object at all. */
const noResult = /what MCP does not allow: Invalid input: expected object|a message that is not JSON-RPC/;
/** A message of more than 32 MiB is refused, escapes included. */
const tooLarge = { ...refused, ...large, says: 'of more than 33,554,432 bytes' };

/** Results that are large, deep, or not what they are said to be. */
export const resultModes: Modes = {
  'result-20mb-spaces': says(() => ' '.repeat(20_000_000), large),
  'result-20mb-lines': says(() => '\n'.repeat(20_000_000), tooLarge),
  'result-20mb-emoji': says(() => '😀'.repeat(5_000_000), large),
  'result-20mb-cjk': says(() => '漢'.repeat(7_000_000), large),
  'result-60mb-one-word': says(() => 'x'.repeat(60_000_000), tooLarge),
  'result-60mb-words': says(() => 'some words '.repeat(5_500_000), tooLarge),
  'result-200mb': says(() => 'a b '.repeat(50_000_000), { ...tooLarge, mostMiB: 2_500 }),
  'result-1gb-line': {
    ...refused,
    mostMiB: 1_000,
    limitSeconds: 120,
    call(_, { raw }) {
      raw('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"');
      const chunk = Buffer.alloc(8 * 1024 * 1024, 'x');
      for (let sent = 0; sent < 128; sent += 1) raw(chunk);
      raw('"}]}}\n');
    },
  },
  'result-600kb-combining': says(() => `a${'\u0316\u0301'.repeat(150_000)}`),
  'result-4mb-combining': says(() => `a${'\u0316\u0301'.repeat(1_000_000)}`, large),
  'result-nested-10000': says(() => nested(10_000)),
  'result-nested-million': says(() => nested(1_000_000), large),
  'result-structured-nested-10000': writes(
    () => `{"content":[],"structuredContent":${nested(10_000)}}`,
    '{"n":1,"d":[[[',
  ),
  'result-structured-nested-million': writes(
    () => `{"content":[],"structuredContent":${nested(1_000_000)}}`,
    '{"n":1,"d":[[[',
    large,
  ),
  'result-objects-100000-deep': says(() => `${'{"n":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  'result-wide-million-keys': says(
    () => `{"n":1,${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":1`).join(',')}}`,
    large,
  ),
  'result-100000-blocks': gives(
    { content: Array.from({ length: 100_000 }, () => ({ type: 'text', text: 'x' })) },
    'x\nx\n',
    { ...measured, ...large },
  ),
  'result-no-blocks': gives({ content: [] }, ''),
  'result-without-content': gives({}, ''),
  'result-content-null': gives(
    { content: null },
    'at content: Invalid input: expected array, received null',
    refused,
  ),
  'result-null': gives(null, noResult, refused),
  'result-text': gives('just text', noResult, refused),
  'result-array': gives([1, 2, 3], noResult, refused),
  'result-unknown-block': gives(
    { content: [{ type: 'hologram', text: 'x' }] },
    'what MCP does not allow at content.0',
    refused,
  ),
  'result-links-to-files': gives(
    {
      content: [
        { type: 'resource_link', uri: 'file:///etc/passwd', name: 'p' },
        { type: 'resource_link', uri: 'http://169.254.169.254/latest/meta-data', name: 'm' },
        { type: 'resource', resource: { uri: 'file:///etc/shadow', text: 'x' } },
      ],
    },
    '[resource file:///etc/passwd]\n[resource http://169.254.169.254/latest/meta-data]\nx',
  ),
  'result-image': gives(
    { content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] },
    '[image image/png, 4 characters of base64]',
  ),
  'result-against-schema': {
    ...gives(
      { content: [], structuredContent: { n: 'one' } },
      'error: The result does not match the output schema of get: result/n must be integer',
    ),
    ...declares(itemSchema),
  },
  'result-without-structure': {
    ...gives(
      text('{"n":1}'),
      'error: The result does not match the output schema of get: there is no structured content',
    ),
    ...declares(itemSchema),
  },
  'result-proto-keys': writes(
    () =>
      '{"content":[],"structuredContent":{"__proto__":{"n":1},"constructor":{"prototype":{"x":1}},"n":1}}',
    '{"constructor":{"prototype":{"x":1}},"n":1}',
  ),
  'result-duplicate-keys': writes(
    () => '{"content":[{"type":"text","text":"{\\"n\\":1,\\"n\\":2}"}],"content":[]}',
    '',
  ),
  'result-invalid-utf8': {
    ...measured,
    says: '\ufffd\ufffd',
    call({ id }, { raw }) {
      raw(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
      raw(Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]));
      raw('"}]}}\n');
    },
  },
  'result-lone-surrogate': writes(
    () => '{"content":[{"type":"text","text":"\\ud800 \\udfff"}]}',
    '\ud800 \udfff',
  ),
  'result-nul-characters': says(() => '\0'.repeat(10_000)),
  'result-special-tokens': says(() => '<EOT><META><|endoftext|>'.repeat(1_000)),
  'result-number-overflow': writes(
    () => '{"content":[{"type":"text","text":"{\\"n\\":1e999}"}]}',
    '{"n":1e999}',
  ),
  'result-invalid-json': {
    ...refused,
    waitsFor: 'call',
    says: /It answered what is not JSON-RPC: \{"jsonrpc": oops|text that is not JSON/,
    call: (_, { raw }) => raw('{"jsonrpc": oops\n'),
  },
};
