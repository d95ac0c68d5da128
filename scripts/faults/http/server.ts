import { httpModes } from '../modes.ts';
import { serveHostile } from './serve.ts';

/**
 * A hostile MCP server over Streamable HTTP in a process of its own; started with `fork(server.ts, [mode])`. It tells its
 * parent its address, and on any message how many requests the server elsewhere has seen.
 */
const mode = httpModes[process.argv[2] ?? ''];
if (!mode) throw new Error(`There is no mode "${process.argv[2]}".`);

const { url, caught } = await serveHostile(mode);
process.on('message', () => process.send?.({ caught: caught() }));
process.on('disconnect', () => process.exit());
process.send?.({ url });
