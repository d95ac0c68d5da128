import { createInterface } from 'node:readline';

/**
 * An MCP server over stdio, spoken by hand so that it can misbehave: `node faulty-server.ts <fault>`. Its tools are `ping`,
 * which answers `pong`, and `fail`, which has the fault named on the command line.
 */
const fault = process.argv[2] ?? 'none';

function send(message: unknown): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...(message as object) })}\n`);
}

if (fault === 'exit at once') {
  console.error('configuration file is missing');
  process.exit(7);
}
if (fault === 'garbage from the start') process.stdout.write('Welcome to my server!\n');

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as {
    id?: number;
    method: string;
    params?: { name?: string; protocolVersion?: string };
  };
  if (id === undefined) return;
  if (fault === 'garbage from the start') {
    process.stdout.write('this is not JSON-RPC\n');
    return;
  }
  if (fault === 'hang from the start') return;
  switch (method) {
    case 'initialize':
      send({
        id,
        result: {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'faulty', version: '1.0.0' },
        },
      });
      break;
    case 'tools/list': {
      const tool = { inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
      send({
        id,
        result: {
          tools: [
            { name: 'ping', ...tool },
            { name: 'fail', ...tool },
          ],
        },
      });
      break;
    }
    case 'tools/call':
      callTool(id, params?.name);
      break;
    default:
      send({ id, error: { code: -32601, message: 'no such method' } });
  }
});

function callTool(id: number, name: string | undefined): void {
  if (name === 'ping') {
    send({ id, result: { content: [{ type: 'text', text: 'pong' }] } });
    return;
  }
  switch (fault) {
    case 'crash':
      console.error('segmentation fault');
      process.exit(139);
      break;
    case 'garbage':
      process.stdout.write('{"jsonrpc": oops\n');
      break;
    case 'tool error':
      send({ id, result: { isError: true, content: [{ type: 'text', text: 'the record is locked' }] } });
      break;
    case 'protocol error':
      send({ id, error: { code: -32603, message: 'database is down' } });
      break;
    default:
    // It never answers.
  }
}
