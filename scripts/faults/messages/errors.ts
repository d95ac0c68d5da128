import { measured, refused, usual } from '../usual.ts';
import type { Mode, Modes } from './mode.ts';

const failsWith = (error: unknown, expected: Omit<Mode, 'call'>): Mode => ({
  ...expected,
  call: (request, { fail }) => fail(request, error),
});

const tooLarge = { ...refused, mostMiB: 1_500, says: 'of more than 33,554,432 bytes' };

/** An answer that is an error by name only. */
const malformed = {
  ...refused,
  says: /lacks a numeric code or a message|what MCP does not allow at error|a message that is not JSON-RPC/,
};

const isError = (content: string): Mode => ({
  ...measured,
  says: 'error: ',
  call: (request, { reply }) => reply(request, { isError: true, content: [{ type: 'text', text: content }] }),
});

const codes = [-32_000, -32_001, -32_002, -32_600, -32_601, -32_602, -32_603, -32_700, 0, 404];

/** Sets the title of a terminal, clears it, and turns the direction of text. */
export const steeringText = '\x1b]0;owned\x07\x1b[2J\x1b[31mred\u202eesrever\u009b1m';
const shownText = String.raw`\u{1b}]0;owned\u{7}\u{1b}[2J`;

/** Errors of all kinds. An error that the server answers a call with is the tool's own: a result, not infrastructure. */
export const errorModes: Modes = {
  ...Object.fromEntries(
    codes.map((code) => [
      `error${code}`,
      failsWith({ code, message: 'the database is down' }, { ...measured, says: 'error: MCP error ' }),
    ]),
  ),
  'error-code-huge': failsWith({ code: 1e308, message: 'no such code' }, malformed),
  'error-code-text': failsWith({ code: 'E1', message: 'no such code' }, malformed),
  'error-without-message': failsWith({ code: 1 }, malformed),
  'error-null': failsWith(null, malformed),
  'error-deep-data': {
    ...measured,
    says: 'error: MCP error 1: deep',
    call: ({ id }, { raw }) =>
      raw(
        `{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"deep","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}}\n`,
      ),
  },
  'error-ansi': failsWith(
    { code: -32_603, message: steeringText },
    { ...measured, says: 'error: MCP error' },
  ),
  'error-ansi-at-start': {
    ...refused,
    says: shownText,
    initialize: (request, { fail }) => fail(request, { code: -32_603, message: steeringText }),
  },
  'error-ansi-at-list': {
    ...refused,
    says: shownText,
    list: (request, { fail }) => fail(request, { code: -32_603, message: steeringText }),
  },
  'error-50mb': failsWith({ code: 1, message: 'no way '.repeat(7_500_000) }, tooLarge),
  'error-50mb-at-start': {
    ...tooLarge,
    initialize: (request, { fail }) => fail(request, { code: 1, message: 'no way '.repeat(7_500_000) }),
  },
  'iserror-ansi': isError(steeringText),
  'iserror-50mb': { ...isError('no way '.repeat(7_500_000)), ...tooLarge },
  'iserror-empty': isError(''),
  'iserror-with-success': {
    ...measured,
    says: 'error: {"n":1}',
    call: (request, { reply }) =>
      reply(request, { ...usual.call(request), structuredContent: { n: 1 }, isError: true }),
  },
};
