import { openShop } from './drifting-server.ts';
import { serveMessages } from './serve-messages.ts';

const { origin } = await serveMessages(
  (path, message) => message && openShop(decodeURI(path.slice(1)))(message),
);

/**
 * The files of a folder with the scenario `shop-total`, whose server is configured beside it: the scenario stays the same
 * while the server drifts. `body` replaces the program.
 */
export function shopFiles(drift: string, body?: string): Record<string, string> {
  return {
    '.mcp.json': JSON.stringify({
      mcpServers: { shop: { url: `${origin}/${encodeURI(drift)}` } },
    }),
    'shop-total/scenario.ts': `
      export default {
        title: 'Sum up the prices of a shop',
        description: 'Made by a test.',
        task: 'What do all items of the shop cost together? Answer with nothing but the number.',
        servers: { shop: { configured: 'shop' } },
        truth: () => 210,
      };`,
    'shop-total/program.ts': `export default async function program(mcp) {
      ${
        body ??
        `const { ids } = await mcp.shop.list_items({});
      const items = await Promise.all(ids.map((id) => mcp.shop.get_item({ id })));
      return items.reduce((sum, { item }) => sum + item.price, 0);`
      }
    }\n`,
  };
}
