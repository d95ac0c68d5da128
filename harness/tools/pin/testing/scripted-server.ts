import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ServerScript } from './server-script.ts';

/**
 * An MCP server over stdio that says what a file tells it to: `node scripted-server.ts <script.json>`. It appends a line
 * for its start and for each message that it gets to the script's log, so that a test sees what really arrived.
 */
const script = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ServerScript;
let calls = 0;

function log(entry: object): void {
  appendFileSync(script.log, `${JSON.stringify(entry)}\n`);
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

log({ started: true, environment: Object.keys(process.env).sort() });
if (script.noiseBytes) {
  process.stderr.write('\u001b[2Jnoise '.repeat(script.noiseBytes / 10));
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as {
    id?: number;
    method: string;
    params?: { name?: string; protocolVersion?: string; arguments?: unknown; _meta?: unknown };
  };
  log({ method, ...(method === 'tools/call' ? { params } : {}) });
  if (id === undefined) return;
  switch (method) {
    case 'initialize':
      send({
        id,
        result: {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: 'scripted', version: '1.0.0', ...script.serverInfo },
          ...(script.instructions === undefined ? {} : { instructions: script.instructions }),
        },
      });
      break;
    case 'tools/list': {
      const changed = script.change !== undefined && calls >= script.change.afterCalls;
      send({ id, result: { tools: changed ? script.change?.tools : script.tools } });
      break;
    }
    case 'tools/call':
      calls += 1;
      if (script.notice !== undefined) {
        send({ method: 'notifications/message', params: { level: 'error', data: script.notice } });
      }
      if (script.change?.afterCalls === calls) send({ method: 'notifications/tools/list_changed' });
      send({ id, result: { content: [{ type: 'text', text: script.answer ?? 'pong' }] } });
      break;
    default:
      send({ id, error: { code: -32601, message: 'no such method' } });
  }
});
