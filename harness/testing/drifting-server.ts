import { createInterface } from 'node:readline';
import type { Message } from './serve-messages.ts';

/**
 * A small shop as an MCP server, over stdio as `node drifting-server.ts <drift>`, whose owner changes it between two runs: `none`,
 * `fatter result`, `lost output schema`, `renamed field`, `one more tool`, `longer description`, `unstructured rename` (the
 * field without its schema), `failing tool` (`get_item`), `dead in a call`. Its tools are `list_items` and `get_item`.
 */
export function openShop(drift: string): (message: Message) => object | undefined {
  const price = drift === 'renamed field' || drift === 'unstructured rename' ? 'unitPrice' : 'price';
  const declaredPrice = drift === 'renamed field' ? 'unitPrice' : 'price';

  const items = Array.from({ length: 6 }, (_, index) => ({
    id: `item_${index + 1}`,
    name: `Item number ${index + 1}`,
    [price]: 10 * (index + 1),
    ...(drift === 'fatter result'
      ? { marketing: 'The best of its kind, loved by everyone. '.repeat(6) }
      : {}),
  }));

  const id = { type: 'string', description: 'Item id, such as item_1' };
  const item = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      name: { type: 'string' },
      [declaredPrice]: { type: 'number', description: 'EUR' },
    },
    required: ['id', 'name'],
  };

  const tools = [
    {
      name: 'list_items',
      description: 'Lists the ids of all items.',
      inputSchema: { type: 'object', properties: {} },
      outputSchema: {
        type: 'object',
        properties: { ids: { type: 'array', items: { type: 'string' } } },
        required: ['ids'],
      },
    },
    {
      name: 'get_item',
      description: `Returns one item.${drift === 'longer description' ? ' Call it whenever someone asks about a price, a name or anything else of an item.' : ''}`,
      inputSchema: { type: 'object', properties: { id }, required: ['id'] },
      ...(drift === 'lost output schema'
        ? {}
        : { outputSchema: { type: 'object', properties: { item }, required: ['item'] } }),
    },
    ...(drift === 'one more tool'
      ? [
          {
            name: 'search_items',
            description: 'Finds items by words of their names.',
            inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
          },
        ]
      : []),
  ];

  const call = (name: string, args: { id?: string }): object =>
    name === 'list_items'
      ? { ids: items.map((each) => each.id) }
      : { item: items.find((each) => each.id === args.id) ?? null };
  const answer = ({ method, params }: Message): object | undefined => {
    switch (method) {
      case 'initialize':
        return {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'shop', version: '1.0.0' },
        };
      case 'tools/list':
        return { tools: tools.map((tool) => ({ ...tool, annotations: { readOnlyHint: true } })) };
      case 'tools/call': {
        if (drift === 'dead in a call') process.exit(1);
        if (drift === 'failing tool' && params?.name === 'get_item') {
          return { isError: true, content: [{ type: 'text', text: 'no such column: prize' }] };
        }
        const structuredContent = call(params?.name ?? '', params?.arguments ?? {});
        return { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] };
      }
      default:
        return undefined;
    }
  };
  return (message) => {
    if (message.id === undefined) return undefined;
    const result = answer(message);
    const reply = result ? { result } : { error: { code: -32601, message: 'no such method' } };
    return { jsonrpc: '2.0', id: message.id, ...reply };
  };
}

if (process.argv[1] === import.meta.filename) {
  const respond = openShop(process.argv[2] ?? 'none');
  createInterface({ input: process.stdin }).on('line', (line) => {
    const answered = respond(JSON.parse(line));
    if (answered) process.stdout.write(`${JSON.stringify(answered)}\n`);
  });
}
