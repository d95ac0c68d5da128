import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serializeBaseline } from '../analysis/gate/baseline.ts';
import { makeBaseline, makeScenario, makeVariant } from '../analysis/gate/testing/make-baseline.ts';
import { findModel } from '../meter/catalogue.ts';
import type { BaselineScenario } from '../results/baseline.ts';
import { readRecord } from '../results/run.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { testKey } from '../testing/live-run.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import { ownScenario, pingTool, scriptServer } from '../tools/pin/testing/server-script.ts';

const scripted = [makeVariant('classic')];
const lookup = makeScenario('crm-contact-lookup', scripted);

/** A scripted baseline that says of itself that it was run with these options. */
function claiming(options: Record<string, unknown> | undefined, scenario: BaselineScenario = lookup): string {
  const model = findModel('claude-sonnet-5');
  return serializeBaseline(makeBaseline([scenario], { model, ...(options && { options }) }));
}

const small = { param: { contacts: '60' }, variants: ['classic'] };

/** `gate` in a folder with this baseline; the key of a provider is there to be misused. */
function gate(cwd: string, ...more: string[]) {
  const env = { ANTHROPIC_API_KEY: testKey };
  return patternbench(['gate', '--baseline', 'b.json', '--out', 'out', ...more], { cwd, env, trust: false });
}

test('a baseline says what is run, never what a person must grant', async () => {
  await using api = await startMessagesApi([]);
  const [elsewhere, ran] = [makeFolder({}), join(makeFolder({}), 'ran')];
  const cwd = makeFolder({
    'b.json': claiming({
      ...small,
      toolTimeout: 7000,
      model: 'anthropic:claude-sonnet-5',
      maxCost: 1000,
      baseUrl: api.url,
      count: 'provider',
      counter: `touch ${ran}`,
      cassettes: 'off',
      out: join(elsewhere, 'out'),
      resume: elsewhere,
      md: join(elsewhere, 'a.md'),
      mcpConfig: join(elsewhere, '.mcp.json'),
      trust: true,
      notAnOption: true,
    }),
  });
  // It ran; this baseline was counted by another tokenizer.
  expect(await gate(cwd)).toMatchObject({ code: 1, stdout: expect.stringContaining('tokenizer was') });
  expect([existsSync(ran), readdirSync(elsewhere)]).toEqual([false, []]);
  expect([api.requests, api.counted]).toEqual([[], []]);
  const { evidence, config } = readRecord(join(cwd, 'out'));
  expect(evidence).toBe('scripted');
  expect(config?.options).toMatchObject({ ...small, toolTimeout: 7000, model: 'claude-sonnet-5' });
  for (const name of ['count', 'counter', 'baseUrl', 'cassettes', 'mcpConfig', 'notAnOption']) {
    expect(config?.options).not.toHaveProperty(name);
  }
});

test('a counter is used where the gate itself is given one', async () => {
  const cwd = makeFolder({
    'b.json': claiming(small),
    'letters.mjs': 'export default (texts) => texts.map((text) => text.length);',
  });
  await gate(cwd, '--set', 'counter=./letters.mjs');
  expect(readRecord(join(cwd, 'out')).config?.options).toMatchObject({ counter: './letters.mjs' });
});

test('servers that a workflow brings are accepted by a person, not by a baseline', async () => {
  const server = scriptServer({ tools: [pingTool] });
  const { command, args } = server;
  const servers = JSON.stringify({ api: { command, args } });
  const own = makeScenario('own', scripted, { path: 'own' });
  const cwd = makeFolder({
    ...ownScenario({ body: 'return await mcp.api.ping({});', servers }),
    'b.json': claiming({ param: {}, variants: ['classic'], trust: true }, own),
  });
  const { code, stderr } = await gate(cwd);
  expect(stderr).toContain('add --trust once');
  expect(code).toBe(2);
  expect([server.log(), existsSync(join(cwd, 'patternbench.trust.json'))]).toEqual([[], false]);
});

test.each([
  ['toolTimeout', 'soon', 'It is a time with its unit'],
  ['variants', 7, 'It is a list of names.'],
  ['margin', 'wide', 'It is a number from 0.001 to 10'],
])('a wrong %s in a baseline is told with its file and value', async (name, value, what) => {
  const cwd = makeFolder({ 'b.json': claiming({ ...small, [name]: value }) });
  const { code, stderr } = await gate(cwd);
  expect(stderr).toContain(join(cwd, 'b.json'));
  expect(stderr).toContain(`options.${name}: ${JSON.stringify(value)} is invalid`);
  expect(stderr).toContain(what);
  expect([code, existsSync(join(cwd, 'out'))]).toEqual([2, false]);
});

test('a baseline without options says that it must be made again', async () => {
  const { code, stderr } = await gate(makeFolder({ 'b.json': claiming(undefined) }));
  expect(stderr).toContain('b.json does not say how it was run');
  expect(stderr).toContain('gate --update --run DIR');
  expect(code).toBe(2);
});
