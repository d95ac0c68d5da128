import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { declare } from '../harness/agent/patterns/classic.ts';
import { loadEstimate } from '../harness/meter/estimate.ts';
import { countDefinition } from '../harness/meter/rendering.ts';
import { classicName, toIdentifiers } from '../harness/tools/mcp/names.ts';

/** A server's listing as athakur3/mcp-context-cost (MIT) publishes it; `rawToolsCapture` is its answer to `tools/list`. */
const measurement = z.object({
  status: z.string(),
  rawToolsCapture: z
    .array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        inputSchema: z.record(z.string(), z.unknown()),
      }),
    )
    .nullish(),
});

const file = resolve(import.meta.dirname, '../harness/meter/field.json');

/** Sizes of the definitions of every server that was measured in full, smallest first, in tokens of a family. */
async function tokensPerServer(results: string, family: 'claude-3' | 'claude-4.7'): Promise<number[]> {
  const counter = await loadEstimate(family);
  return readdirSync(results)
    .map((server) => ({ server, path: join(results, server, 'measurement.json') }))
    .filter(({ path }) => existsSync(path))
    .flatMap(({ server, path }) => {
      const { status, rawToolsCapture } = measurement.parse(JSON.parse(readFileSync(path, 'utf8')));
      if (status !== 'measured' || !rawToolsCapture) return [];
      const identifiers = toIdentifiers(rawToolsCapture.map(({ name }) => name));
      const tokens = rawToolsCapture.map((tool, index) => {
        const identifier = identifiers[index] ?? tool.name;
        const shown = { ...tool, server, identifier, description: tool.description ?? '' };
        return countDefinition(declare(classicName(server, identifier), shown), family, counter);
      });
      return [tokens.reduce((sum, each) => sum + each, 0)];
    })
    .sort((a, b) => a - b);
}

const [copy] = process.argv.slice(2);
if (!copy || !existsSync(join(copy, 'results'))) {
  process.stderr.write(
    'usage: npm run fit:field -- DIR, a checkout of github.com/athakur3/mcp-context-cost\n',
  );
  process.exitCode = 2;
} else {
  const results = join(copy, 'results');
  const newer = await tokensPerServer(results, 'claude-4.7');
  const field = {
    source: 'athakur3/mcp-context-cost, August 2026',
    servers: newer.length,
    tokensPerServer: { 'claude-3': await tokensPerServer(results, 'claude-3'), 'claude-4.7': newer },
  };
  writeFileSync(file, `${JSON.stringify(field)}\n`);
}
