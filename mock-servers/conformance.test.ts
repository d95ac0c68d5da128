import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test } from 'vitest';
import { loadMockServer, parseOptions } from './load.ts';
import { listMockServers } from './names.ts';
import { openMock } from './open-mock.ts';
import { serveHttp } from './serve-http.ts';

/**
 * The scenarios of the official suite that apply, each in the newest revision that has it: 2025-11-25 or 2026-07-28. The others
 * ask for resources, prompts, logging, completion, tasks, elicitation and sampling, for tools with names of the suite's own, such
 * as `test_simple_text`, or for event streams: a server of tools that answers with plain JSON offers none of these.
 */
const applicable = [
  'server-initialize',
  'ping',
  'tools-list',
  'dns-rebinding-protection',
  'http-header-validation',
  'sep-2164-resource-not-found',
  'sep-2640-skills-directory',
  'sep-2640-skills-enumeration',
  'sep-2640-skills-manifest',
  'input-required-result-missing-input-response',
  'input-required-result-unsupported-methods',
  'input-required-result-ignore-extra-params',
  'input-required-result-validate-input',
];
/** Of these some checks do not apply: they want a tool of the suite's own, or lists of prompts and resources. */
const inapplicableChecks = { 'server-stateless': 4, caching: 3 };
const scenarioCount = 65;

// All mock servers speak by the same code; what is each one's own is what it lists.
test('a mock server passes the official conformance scenarios that apply', async () => {
  const mock = await loadMockServer('parametric');
  const { url, close } = await serveHttp(mock, parseOptions(mock, {}));
  onTestFinished(close);
  const suite = createRequire(import.meta.url).resolve('conformance-next/dist/index.js');
  const args = [suite, 'server', '--url', url, '--suite', 'all'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await text(child.stdout);
  const ended = [...said.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)];
  expect(ended, said).toHaveLength(scenarioCount);
  const passed = ended.filter(([, , right, wrong]) => Number(right) > 0 && wrong === '0');
  expect(passed.map(([, scenario]) => scenario).toSorted(), said).toEqual(applicable.toSorted());
  for (const [scenario, wrong] of Object.entries(inapplicableChecks))
    expect(ended.find(([, name]) => name === scenario)?.[3], scenario).toBe(String(wrong));
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
