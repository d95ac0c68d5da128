import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createResponder, createWire } from '../messages/mode.ts';
import { stdioModes } from '../modes.ts';

/**
 * A hostile MCP server over stdio, spoken by hand: `node server.ts <mode> [mark]`. Its one tool is `get`, which returns the
 * number that it is given. The modes say where it stops to behave.
 */
const mode = stdioModes[process.argv[2] ?? ''];
if (!mode) {
  writeSync(2, `There is no mode "${process.argv[2]}". Known: ${Object.keys(stdioModes).join(', ')}\n`);
  process.exit(2);
}

const wire = createWire((bytes) => void process.stdout.write(bytes));
const respond = createResponder(mode);

// A reader that has gone is what many modes bring about.
process.stdout.on('error', () => process.exit(0));
process.stderr.on('error', () => {});
mode.start?.(wire);
createInterface({ input: process.stdin }).on('line', (line) => respond(JSON.parse(line), wire));
