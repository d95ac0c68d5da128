import { either, measured, refused, usual } from '../usual.ts';
import { steeringText } from './errors.ts';
import type { StdioMode, StdioModes } from './mode.ts';

/** Writes without end, as fast as the reader takes it. */
function flood(stream: NodeJS.WriteStream, chunk: string): void {
  const more = (): void => {
    while (stream.write(chunk));
    stream.once('drain', more);
  };
  more();
}

const before = (noise: string | Uint8Array, expected: Omit<StdioMode, 'call'> = either): StdioMode => ({
  ...expected,
  call(request, { raw, answer }) {
    raw(noise);
    answer(request);
  },
});

/** What a server writes that is no message. */
export const noiseModes: StdioModes = {
  'noise-banner': { ...either, start: ({ raw }) => raw('Welcome to my server!\n') },
  'noise-between': before('[info] one call\n'),
  'noise-ansi': before(`${steeringText}\n`),
  'noise-binary': before(
    Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index === 10 ? 0 : index % 256))),
  ),
  'noise-empty-lines': before('\n\n\r\n\n'),
  'noise-crlf': {
    ...measured,
    call: (request, { raw }) =>
      raw(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result: usual.call(request) })}\r\n`),
  },
  'noise-json-scalars': before('1\n"text"\nnull\n[]\n{}\n'),
  'noise-byte-order-mark': { ...either, start: ({ raw }) => raw('\ufeff') },
  'noise-million-lines': before('x\n'.repeat(1_000_000)),
  // Between its noise it may answer in time, or not.
  'noise-without-end': {
    ...either,
    limitSeconds: 120,
    start: () => flood(process.stdout, 'y\n'.repeat(4_096)),
  },
  'noise-line-without-end': {
    ...refused,
    limitSeconds: 120,
    start: () => flood(process.stdout, 'y'.repeat(65_536)),
  },
  'stderr-without-end': { ...either, start: () => flood(process.stderr, 'oops\n'.repeat(4_096)) },
  'stderr-50mb-and-ends': {
    ...refused,
    call() {
      process.stderr.write('oops '.repeat(10_000_000), () => process.exit(1));
    },
  },
  'stderr-ansi-and-ends': {
    ...refused,
    call() {
      process.stderr.write(`${steeringText}\n`, () => process.exit(1));
    },
  },
  'stderr-one-line-and-ends': {
    ...refused,
    call() {
      process.stderr.write('x'.repeat(1_000_000), () => process.exit(1));
    },
  },
};
