import type { ConfigPlaces } from '../scenario/servers.ts';
import { openFaulty } from './faulty-server.ts';
import { serveMessages } from './serve-messages.ts';
import { serverCommand } from './server-command.ts';

/** Faults that only a process can have. */
const ofProcesses = [
  'exit at once',
  'crash',
  'garbage',
  'garbage from the start',
  'hang',
  'hang from the start',
];

const { origin } = await serveMessages(
  (path, message) => message && openFaulty(decodeURI(path.slice(1)))(message),
);

/** How a server is reached whose tool `fail` has this fault. */
function serverOf(fault: string): object {
  return ofProcesses.includes(fault)
    ? serverCommand('faulty-server.ts', fault)
    : { url: `${origin}/${encodeURI(fault)}` };
}

/** Where no server is configured and no variable is set. */
export const nowhere: ConfigPlaces = { mcpConfigFile: undefined, folder: '/nowhere', env: {} };

/** The files of a scenario folder whose program has this body and may call the tools `ping` and `fail` of `server`. */
export function scenarioFiles(options: {
  body: string;
  fault?: string;
  truth?: unknown;
  servers?: string;
  limits?: Record<string, number>;
}): Record<string, string> {
  const server = JSON.stringify(serverOf(options.fault ?? 'none'));
  return {
    'scenario.ts': `
      export default {
        title: 'A scenario of a test',
        description: 'Made by a test.',
        task: 'Call the tool.',
        servers: ${options.servers ?? `{ server: ${server} }`},
        truth: () => (${JSON.stringify(options.truth ?? 'pong')}),
        ${options.limits ? `limits: ${JSON.stringify(options.limits)},` : ''}
      };`,
    'program.ts': `export default async function program(mcp) {\n${options.body}\n}\n`,
  };
}

/** A scenario in the folder `ping`, whose program calls `ping` and answers what it says. */
export function pingScenario(): Record<string, string> {
  const files = scenarioFiles({ body: 'return mcp.server.ping({});' });
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`ping/${path}`, text]));
}
