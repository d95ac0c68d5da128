import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Summary, summarySchema } from '../results/summary.ts';
import { type CommandResult, makeFolder, patternbench, type patternbenchProcess } from './command-line.ts';

/** The key that tests hand to the command line; it must turn up in no file and no message. */
export const testKey = 'sk-ant-test-0123456789abcdefghij';

export type RunResult = CommandResult & { folder: string; summary: Summary | undefined };

/** Runs `patternbench run … --out out --json` in a folder, with a key and not in CI unless told otherwise. */
export async function runIn(
  folder: string,
  args: string[],
  options: {
    env?: Record<string, string>;
    out?: string;
    by?: typeof patternbench | typeof patternbenchProcess;
  } = {},
): Promise<RunResult> {
  const { env = {}, out = 'out', by = patternbench } = options;
  const result = await by(['run', ...args, '--json', ...(args.includes('--resume') ? [] : ['--out', out])], {
    cwd: folder,
    env: { ANTHROPIC_API_KEY: testKey, CI: '', ...env },
  });
  return { ...result, folder, summary: readSummaryText(result.stdout) };
}

/** Runs in a new folder. */
export function runNew(args: string[], env?: Record<string, string>): Promise<RunResult> {
  return runIn(makeFolder({}), args, env ? { env } : {});
}

/** The text of every file under a folder. */
export function allText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** A value without what was measured. */
export function withoutMeasured(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, entry) => (key === 'measured' ? undefined : entry)));
}

function readSummaryText(text: string): Summary | undefined {
  try {
    return summarySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
