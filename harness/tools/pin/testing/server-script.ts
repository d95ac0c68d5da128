import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../../testing/command-line.ts';
import { serverCommand } from '../../../testing/server-command.ts';

/** What a scripted server says and does. */
export type ServerScript = {
  /** The file it logs to. */
  log: string;
  serverInfo?: object;
  instructions?: string;
  tools: object[];
  answer?: string;
  /** What it notes in a log message before each answer. */
  notice?: string;
  /** From this call on it lists other tools, and says so. */
  change?: { afterCalls: number; tools: object[] };
  /** Bytes that it writes to its standard error at once. */
  noiseBytes?: number;
};

type LogEntry = {
  started?: true;
  environment?: string[];
  method?: string;
  params?: { name: string; arguments: unknown; _meta?: { traceparent?: string } };
};

const program = resolve(import.meta.dirname, 'scripted-server.ts');

/** A tool that a scenario without writes may call. */
export const pingTool = {
  name: 'ping',
  description: 'Answers pong.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false },
  annotations: { readOnlyHint: true },
};

/** A scripted server in a folder of its own: how it is started, how to script it again, and what it logged. */
export function scriptServer(script: Omit<ServerScript, 'log'>) {
  const folder = makeFolder({});
  const file = join(folder, 'script.json');
  const log = join(folder, 'log.jsonl');
  const write = (next: Omit<ServerScript, 'log'>) => writeFileSync(file, JSON.stringify({ ...next, log }));
  write(script);
  /** What reached it, over all its starts. */
  const readLog = (): LogEntry[] =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as LogEntry)
      : [];
  return {
    ...serverCommand(program, file),
    /** Scripts its next start. */
    rewrite: write,
    log: readLog,
    calls: () => readLog().filter(({ method }) => method === 'tools/call'),
  };
}

export type ScriptedServer = ReturnType<typeof scriptServer>;

/** The text of a `.mcp.json` with these servers. */
export function mcpJson(servers: Record<string, { command: string; args: string[]; env?: object }>): string {
  const mcpServers = Object.fromEntries(
    Object.entries(servers).map(([name, { command, args, env }]) => [
      name,
      { command, args, ...(env ? { env } : {}) },
    ]),
  );
  return JSON.stringify({ mcpServers });
}

/** The files of a scenario named `own` over servers of the `.mcp.json`, or over what `servers` says. */
export function ownScenario(options: {
  body: string;
  servers: string;
  extra?: string;
  truth?: unknown;
}): Record<string, string> {
  return {
    'own/scenario.ts': `export default {
      title: 'A scenario of a test', description: 'Made by a test.', task: 'Call the tool.',
      servers: ${options.servers},
      truth: () => (${JSON.stringify(options.truth ?? 'pong')}),
      ${options.extra ?? ''}
    };`,
    'own/program.ts': `export default async function program(mcp) {\n${options.body}\n}\n`,
  };
}
