import { steeringText } from '../messages/errors.ts';
import type { Mode, Modes } from '../messages/mode.ts';
import { either, measured, refused, usual } from '../usual.ts';

/** Writes without end, as fast as the reader takes it. */
function flood(stream: NodeJS.WriteStream, chunk: string): void {
  const more = (): void => {
    while (stream.write(chunk));
    stream.once('drain', more);
  };
  more();
}

const before = (noise: string | Uint8Array, expected: Omit<Mode, 'call'> = measured): Mode => ({
  ...expected,
  call(request, { raw, answer }) {
    raw(noise);
    answer(request);
  },
});

/** What a server writes that is no message. */
export const noiseModes: Modes = {
  'noise-banner': { ...measured, start: ({ raw }) => raw('Welcome to my server!\n') },
  'noise-between': before('[info] one call\n'),
  'noise-ansi': before(`${steeringText}\n`),
  // Its last line has no end, so that the answer is a part of it.
  'noise-binary': before(
    Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index === 10 ? 0 : index % 256))),
    { ...refused, waitsFor: 'call', says: 'It answered what is not JSON-RPC' },
  ),
  'noise-empty-lines': before('\n\n\r\n\n'),
  'noise-crlf': {
    ...measured,
    call: (request, { raw }) =>
      raw(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result: usual.call(request) })}\r\n`),
  },
  'noise-json-scalars': before('1\n"text"\nnull\n[]\n{}\n'),
  'noise-byte-order-mark': {
    ...refused,
    waitsFor: 'connect',
    says: 'It answered what is not JSON-RPC',
    start: ({ raw }) => raw('\ufeff'),
  },
  'noise-million-lines': before('x\n'.repeat(1_000_000), { ...measured, limitSeconds: 60 }),
  // Between its noise it may answer in time, or not.
  'noise-without-end': {
    ...either,
    limitSeconds: 120,
    start: () => flood(process.stdout, 'y\n'.repeat(4_096)),
  },
  'noise-instead-of-answer': {
    ...refused,
    says: 'bytes that answer nothing',
    limitSeconds: 120,
    call: () => flood(process.stdout, 'y\n'.repeat(4_096)),
  },
  'noise-line-without-end': {
    ...refused,
    says: 'it answered with a message of more than 33,554,432 bytes',
    limitSeconds: 120,
    start: () => flood(process.stdout, 'y'.repeat(65_536)),
  },
  'stderr-without-end': {
    ...either,
    limitSeconds: 60,
    start: () => flood(process.stderr, 'oops\n'.repeat(4_096)),
  },
  'stderr-50mb-and-ends': {
    ...refused,
    says: /Its standard error ends: .*oops/,
    call() {
      process.stderr.write('oops '.repeat(10_000_000), () => process.exit(1));
    },
  },
  'stderr-ansi-and-ends': {
    ...refused,
    says: String.raw`Its standard error ends: \u{1b}]0;owned`,
    call() {
      process.stderr.write(`${steeringText}\n`, () => process.exit(1));
    },
  },
  'stderr-one-line-and-ends': {
    ...refused,
    says: 'Its standard error ends: xxx',
    call() {
      process.stderr.write('x'.repeat(1_000_000), () => process.exit(1));
    },
  },
};
