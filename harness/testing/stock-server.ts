import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Message } from './serve-messages.ts';

/**
 * A stock of 200 items that keeps its state: `node stock-server.ts <database>` serves it over stdio, `serveStock` over
 * HTTP. Its tools are `query` (items below a level), `reorder` (fills an item up) `reset`, and
 * `fail`, which always answers with an error.
 */
function openStock(file: string): (message: Message) => object | undefined {
  const stock = new DatabaseSync(file);
  const fill = () =>
    stock.exec(
      `DROP TABLE IF EXISTS item; CREATE TABLE item (id INTEGER PRIMARY KEY, stock INTEGER);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO item SELECT i, (i * 7) % 23 FROM n`,
    );
  if (!stock.prepare("SELECT name FROM sqlite_master WHERE name = 'item'").get()) fill();
  const run = (name: string | undefined, args: Record<string, number>): unknown => {
    if (name === 'query') {
      return stock.prepare('SELECT id, stock FROM item WHERE stock < ? ORDER BY id').all(args.below ?? 0);
    }
    if (name === 'reset') return fill() ?? 'filled';
    const { changes } = stock.prepare('UPDATE item SET stock = 100 WHERE id = ?').run(args.id ?? 0);
    return { id: args.id, ordered: Number(changes) };
  };
  return ({ id, method, params }) => {
    if (id === undefined) return undefined;
    if (method === 'initialize') {
      return answer(id, {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'stock', version: '1.0.0' },
      });
    }
    if (method === 'tools/list') return answer(id, { tools });
    if (method === 'tools/call') {
      if (params?.name === 'fail')
        return answer(id, { isError: true, content: [{ type: 'text', text: 'out of order' }] });
      const text = JSON.stringify(run(params?.name, params?.arguments ?? {}));
      return answer(id, { content: [{ type: 'text', text }] });
    }
    return { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } };
  };
}

const number = { type: 'number' };
const tools = [
  {
    name: 'query',
    description: 'Items whose stock is below a level.',
    inputSchema: { type: 'object', properties: { below: number }, required: ['below'] },
    annotations: { readOnlyHint: true },
  },
  {
    name: 'reorder',
    description: 'Orders an item, so that 100 of it are in stock.',
    inputSchema: { type: 'object', properties: { id: number }, required: ['id'] },
    annotations: { readOnlyHint: false, destructiveHint: false },
  },
  {
    name: 'reset',
    description: 'Puts the stock back to what it was.',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: false },
  },
  { name: 'fail', description: 'Always fails.', inputSchema: { type: 'object' } },
];

function answer(id: number, result: object): object {
  return { jsonrpc: '2.0', id, result };
}

/** The stock over Streamable HTTP, all sessions of which share one state. Counts how often the path `/reset` was asked for. */
export async function serveStock(): Promise<{ url: string; resets: () => number; close: () => void }> {
  // Loaded only here: servers over stdio have no use for it.
  const { serveMessages } = await import('./serve-messages.ts');
  const respond = openStock(':memory:');
  let resets = 0;
  const { origin, close } = await serveMessages((path, message) => {
    if (path !== '/reset') return message && respond(message);
    resets += 1;
    respond({ id: 0, method: 'tools/call', params: { name: 'reset' } });
    return undefined;
  });
  return { url: `${origin}/mcp`, resets: () => resets, close };
}

if (process.argv[1] === import.meta.filename) {
  const respond = openStock(process.argv[2] ?? ':memory:');
  createInterface({ input: process.stdin }).on('line', (line) => {
    const answered = respond(JSON.parse(line));
    if (answered) process.stdout.write(`${JSON.stringify(answered)}\n`);
  });
}
