import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, test } from 'vitest';
import { patternbench } from '../testing/command-line.ts';

const commandLine = resolve(import.meta.dirname, 'patternbench.js');
const serve = [commandLine, 'serve', 'crm', '--option', 'contacts=30'];

async function readContacts(client: Client): Promise<unknown[]> {
  const { structuredContent } = await client.callTool({ name: 'get_contacts', arguments: {} });
  return (structuredContent as { contacts: unknown[] }).contacts;
}

describe('patternbench serve', () => {
  test('serves any MCP client over stdio', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: serve }));
    expect((await client.listTools()).tools.length).toBeGreaterThanOrEqual(22);
    expect(await readContacts(client)).toHaveLength(30);
    const refused = await client.callTool({ name: 'list_contacts', arguments: { limit: 5000 } });
    expect(refused.isError).toBe(true);
    expect(JSON.stringify(refused.content)).toContain('limit');
    await client.close();
  });

  test('serves the same data over Streamable HTTP, and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [...serve, '--http', '--port', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const url = await new Promise<string>((found) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const address = /http:\/\/\S+?(?=;|\s)/.exec(text)?.[0];
        if (address) found(address);
      });
    });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Parameters<Client['connect']>[0]);
    expect(await readContacts(client)).toHaveLength(30);
    await client.close();
    const ended = new Promise((done) => child.once('exit', (code) => done(code)));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test.each([
    [['--auth', 'https://issuer.test'], '--auth needs --http'],
    [['--http', '--auth', 'http://issuer.test'], 'an https address, or one of this machine'],
    [['--http', '--auth', 'http://localhost:80@issuer.test'], 'an https address, or one of this machine'],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr } = await patternbench(['serve', 'crm', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
  });

  test('says which issuer it cannot reach', async () => {
    const { code, stderr } = await patternbench([
      'serve',
      'crm',
      '--http',
      '--port',
      '0',
      '--auth',
      'http://127.0.0.1:9',
    ]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining('The issuer http://127.0.0.1:9 does not say'),
    ]);
  });
});
