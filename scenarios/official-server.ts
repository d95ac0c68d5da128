import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { GradeContext, Grader } from '../harness/scenario/scenario.ts';
import { trialDirReference } from '../harness/scenario/servers.ts';
import type { ServerSpec } from '../harness/tools/mcp/server-spec.ts';

/**
 * One of the official MCP servers, from the development dependencies. It is handed the trial's own folder wherever its arguments
 * or environment say `${PATTERNBENCH_TRIAL_DIR}`. Where the package is not installed, the server ends at once and says so.
 */
export function officialServer(
  name: 'everything' | 'filesystem' | 'memory' | 'sequential-thinking',
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): ServerSpec {
  const { resolve } = createRequire(import.meta.url);
  const mcpServer = `@modelcontextprotocol/server-${name}`;
  try {
    const file = resolve(`${mcpServer}/dist/index.js`);
    return { command: process.execPath, args: [file, ...args], env: { ...cacheFor(file), ...env } };
  } catch {
    const advice = `${mcpServer} is not installed. Install it: npm install --save-dev ${mcpServer}`;
    return { command: process.execPath, args: ['-e', `console.error('${advice}'); process.exit(1)`] };
  }
}

/** Node keeps what it compiled for the start before, which takes a third off the CPU time of each: trials start their own. */
function cacheFor(file: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(file, '../../../../.cache/patternbench') };
}

/** The official file-system server on the trial's own folder; a path without a leading slash lies in it. */
export function filesServer(): ServerSpec {
  return { ...officialServer('filesystem', { args: [trialDirReference] }), cwd: trialDirReference };
}

/** Grades a file in the trial's own folder: it must have exactly this text. */
export function fileIs(path: string, expected: (context: GradeContext) => string): Grader {
  return {
    name: 'file',
    grade(context) {
      const file = join(context.trialDir, path);
      const correct = existsSync(file) && readFileSync(file, 'utf8') === expected(context);
      return { correct, reason: `${path} is ${correct ? '' : 'not '}as it should be.` };
    },
  };
}
