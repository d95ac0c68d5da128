import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const stdioServer = resolve(import.meta.dirname, 'stdio/server.ts');

/** How a `.mcp.json` starts the stdio server of a mode; `mark` is on its command line, so that it can be found. */
export function stdioEntry(mode: string, mark: string): object {
  return { command: process.execPath, args: [stdioServer, mode, mark] };
}

/**
 * Writes a workflow whose one server the user's own `.mcp.json` names: the program asks it for `n` items, one call each, and
 * sums them up. `items` lets a run look for the number at which its verdict changes.
 */
export function writeWorkflow(folder: string, server: object, { items = false, n = 1 } = {}): void {
  writeFiles(folder, {
    '.mcp.json': JSON.stringify({ mcpServers: { s: server } }),
    'work/scenario.ts': `
export default {
  title: 'Sum up items',
  description: 'A few calls to one server.',
  params: { n: { type: 'integer', default: ${n}, min: 1, max: 12, description: 'items' } },
  ${items ? "items: 'n'," : ''}
  servers: { s: { configured: 's' } },
  task: ({ params }) => \`Sum up the items 1 to \${params.n}. Answer with nothing but a JSON object {"sum"}.\`,
  truth: ({ params }) => ({ sum: (params.n * (params.n + 1)) / 2 }),
};
`,
    'work/program.ts': `
export default async function sumUp(mcp, { n }) {
  const numbers = Array.from({ length: n }, (_, index) => index + 1);
  const found = await Promise.all(numbers.map((number) => mcp.s.get({ n: number })));
  return { sum: found.reduce((sum, item) => sum + item.n, 0) };
}
`,
  });
}

/** Writes files by relative path. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
