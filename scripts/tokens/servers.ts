import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDefinition } from '../../harness/meter/prompt-parts.ts';

type ListedTool = { name: string; description?: string; inputSchema: unknown };
type Measurement = { canonicalSha256: string; rawToolsCapture: string | ListedTool[] };

/** What a server of athakur3/mcp-context-cost declares, as a prompt has it, one definition each. */
type Server = { name: string; definitions: string[] };

function toServer(name: string, { rawToolsCapture }: Measurement): Server {
  const tools: ListedTool[] =
    typeof rawToolsCapture === 'string' ? JSON.parse(rawToolsCapture) : rawToolsCapture;
  const definitions = tools.map(({ name: tool, description, inputSchema }) =>
    renderDefinition({ name: tool, description, input_schema: inputSchema }),
  );
  return { name, definitions };
}

/** The servers whose definitions the provider counted (claude-opus-5), with the tokens that they added to a request. */
export function readCounted(folder: string): (Server & { counted: number })[] {
  const results = join(folder, 'mcp-context-cost/results');
  const { servers } = JSON.parse(readFileSync(join(results, 'divergence.json'), 'utf8'));
  return Object.entries<{ claudeDelta: number; capturedSha256: string }>(servers).map(
    ([name, { claudeDelta, capturedSha256 }]) => ({
      ...toServer(name, findCapture(folder, name, capturedSha256)),
      counted: claudeDelta,
    }),
  );
}

/** All other servers. */
export function readUncounted(folder: string): Server[] {
  const results = join(folder, 'mcp-context-cost/results');
  const counted = new Set(readCounted(folder).map(({ name }) => name));
  return readdirSync(results, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || counted.has(entry.name)) return [];
    const measurement = JSON.parse(readFileSync(join(results, entry.name, 'measurement.json'), 'utf8'));
    return measurement.rawToolsCapture ? [toServer(entry.name, measurement)] : [];
  });
}

/** The capture with this hash, in the files or, where the server was measured again since, in their history. */
function findCapture(folder: string, name: string, sha256: string): Measurement {
  const repository = join(folder, 'mcp-context-cost');
  const path = `results/${name}/measurement.json`;
  const git = (...args: string[]) =>
    spawnSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1e9 }).stdout;
  const now: Measurement = JSON.parse(readFileSync(join(repository, path), 'utf8'));
  if (now.canonicalSha256 === sha256) return now;
  for (const commit of git('log', '--format=%H', '--', path).split('\n').filter(Boolean)) {
    const then: Measurement = JSON.parse(git('show', `${commit}:${path}`));
    if (then.canonicalSha256 === sha256) return then;
  }
  throw new Error(`${path}: no capture with hash ${sha256}. Is ${repository} a whole clone?`);
}
