import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test } from 'vitest';
import { listMockServers, loadMockServer, parseOptions } from './load.ts';
import { openMock } from './open-mock.ts';
import { serveHttp } from './serve-http.ts';

/**
 * The scenarios of the official suite that apply. The other 28 ask for resources, prompts, logging, completion, elicitation and
 * sampling, for tools with names of the suite's own, such as `test_simple_text`, or for event streams: a server of tools
 * that answers with plain JSON offers none of these.
 */
const applicable = ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'];
const scenarioCount = 32;

// All mock servers speak by the same code; what is each one's own is what it lists.
test('a mock server passes the official conformance scenarios that apply', async () => {
  const mock = await loadMockServer('parametric');
  const { url, close } = await serveHttp(mock, parseOptions(mock, {}));
  onTestFinished(close);
  const suite = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js');
  const args = [suite, 'server', '--url', url, '--suite', 'all'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await text(child.stdout);
  const ended = [...said.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)];
  expect(ended, said).toHaveLength(scenarioCount);
  const passed = ended.filter(([, , right, wrong]) => Number(right) > 0 && wrong === '0');
  expect(passed.map(([, scenario]) => scenario).toSorted(), said).toEqual(applicable.toSorted());
});

test.each(listMockServers())('%s lists what the official scenario of tool lists asks for', async (name) => {
  const mock = await loadMockServer(name);
  const { definitions } = openMock(mock, parseOptions(mock, {}));
  expect(definitions.length).toBeGreaterThan(0);
  ListToolsResultSchema.parse({ tools: definitions });
  for (const { name: tool, description, inputSchema } of definitions) {
    expect(tool).toMatch(/^\w+$/);
    expect(description).toMatch(/\w/);
    expect(inputSchema.type).toBe('object');
  }
});
