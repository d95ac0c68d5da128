import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Request, usualAnswer } from '../usual.ts';
import type { Wire } from './mode.ts';
import { stdioModes } from './modes.ts';

/**
 * A hostile MCP server over stdio, spoken by hand: `node server.ts <mode> [mark]`. Its one tool is `get`, which returns the
 * number that it is given. The modes say where it stops to behave.
 */
const mode = stdioModes[process.argv[2] ?? ''];
if (!mode) {
  writeSync(2, `There is no mode "${process.argv[2]}". Known: ${Object.keys(stdioModes).join(', ')}\n`);
  process.exit(2);
}

const wire: Wire = {
  raw: (bytes) => void process.stdout.write(bytes),
  send: (message) => wire.raw(`${JSON.stringify(message)}\n`),
  reply: ({ id }, result) => wire.send({ jsonrpc: '2.0', id, result }),
  fail: ({ id }, error) => wire.send({ jsonrpc: '2.0', id, error }),
  answer(request) {
    const result = usualAnswer(request);
    if (result) wire.reply(request, result);
    else wire.fail(request, { code: -32601, message: 'no such method' });
  },
};

const handlers: Record<string, typeof mode.call> = {
  initialize: mode.initialize,
  'tools/list': mode.list,
  'tools/call': mode.call,
};

// A reader that has gone is what many modes bring about.
process.stdout.on('error', () => process.exit(0));
process.stderr.on('error', () => {});
mode.start?.(wire);
createInterface({ input: process.stdin }).on('line', (line) => {
  const request: Request = JSON.parse(line);
  if (request.id === undefined || request.method === undefined) return;
  (handlers[request.method] ?? wire.answer)(request, wire);
});
