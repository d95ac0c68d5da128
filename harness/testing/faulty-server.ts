import { createInterface } from 'node:readline';
import type { Message } from './serve-messages.ts';

/**
 * An MCP server, spoken by hand so that it can misbehave: `node faulty-server.ts <fault>` over stdio. Its tools are `ping`, which
 * answers `pong`, and `fail`, which has the fault that was named. What needs no process of its own, `openFaulty` answers.
 */
export function openFaulty(fault: string): (message: Message) => object | undefined {
  return ({ id, method, params }) => {
    if (id === undefined) return undefined;
    const answer = (body: object) => ({ jsonrpc: '2.0', id, ...body });
    const result = (value: object) => answer({ result: value });
    if (method === 'initialize') {
      return result({
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'faulty', version: '1.0.0' },
      });
    }
    if (method === 'tools/list') {
      const tool = { inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
      return result({ tools: ['ping', 'fail'].map((name) => ({ name, ...tool })) });
    }
    if (method !== 'tools/call') return answer({ error: { code: -32601, message: 'no such method' } });
    if (params?.name === 'ping') return result({ content: [{ type: 'text', text: 'pong' }] });
    if (fault === 'tool error')
      return result({ isError: true, content: [{ type: 'text', text: 'the record is locked' }] });
    if (fault === 'protocol error') return answer({ error: { code: -32603, message: 'database is down' } });
    // It never answers.
    return undefined;
  };
}

if (process.argv[1] === import.meta.filename) serveFaulty(process.argv[2] ?? 'none');

function serveFaulty(fault: string): void {
  if (fault === 'exit at once') {
    console.error('configuration file is missing');
    process.exit(7);
  }
  if (fault === 'garbage from the start') process.stdout.write('Welcome to my server!\n');
  const respond = openFaulty(fault);
  createInterface({ input: process.stdin }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    if (message.id === undefined) return;
    if (fault === 'garbage from the start') {
      process.stdout.write('this is not JSON-RPC\n');
      return;
    }
    if (fault === 'hang from the start') return;
    if (message.params?.name === 'fail' && fault === 'crash') {
      console.error('segmentation fault');
      process.exit(139);
    }
    if (message.params?.name === 'fail' && fault === 'garbage') {
      process.stdout.write('{"jsonrpc": oops\n');
      return;
    }
    const answered = respond(message);
    if (answered) process.stdout.write(`${JSON.stringify(answered)}\n`);
  });
}
