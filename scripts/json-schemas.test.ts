import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, patternbench } from '../harness/testing/command-line.ts';
import { runIn, testKey } from '../harness/testing/live-run.ts';
import { lookupAgent } from '../harness/testing/messages-api/agent.ts';
import { startMessagesApi } from '../harness/testing/messages-api/server.ts';
import { pingScenario } from '../harness/testing/scenario-files.ts';
import { shopFiles } from '../harness/testing/shop-files.ts';
import { compileCheck } from '../harness/tools/mcp/schema-check.ts';
import { jsonSchemas, schemasFolder } from './json-schemas.ts';

test.each(Object.entries(jsonSchemas()))(
  'the checked-in %s is what the code says (npm run schemas writes it)',
  (name, text) => {
    expect(readFileSync(join(schemasFolder, name), 'utf8')).toBe(text);
  },
);

test.each(Object.entries(jsonSchemas()))(
  '%s says what it is, and has a name that others can refer to',
  (name, text) => {
    const { $id, description } = JSON.parse(text);
    expect($id).toBe(`urn:patternbench:${name.replace('.schema.json', '').replace('.', ':')}`);
    expect(description).toMatch(/\.$/);
  },
);

test('no schema is checked in that no code says', () => {
  expect(readdirSync(schemasFolder).sort()).toEqual(Object.keys(jsonSchemas()).sort());
});

const lookup = ['crm-contact-lookup', '--param', 'contacts=60'];

/**
 * A folder in which every kind of file was written: runs, scripted and recorded, a baseline, a lock file, accepted servers, a
 * sweep, a projection, token counts.
 */
async function writeEverything(): Promise<string> {
  const folder = makeFolder({ ...shopFiles('none'), ...pingScenario() });
  await using api = await startMessagesApi(lookupAgent, { apiKey: testKey });
  const live = [
    '--model',
    'anthropic:claude-sonnet-5',
    '--set',
    `provider.baseUrl=${api.url}`,
    '--cassettes',
    'record',
  ];
  expect((await runIn(folder, [...lookup, ...live], { out: 'live' })).code).toBe(0);
  const count = ['count', '.mcp.json', '--count', 'provider', '--set', `provider.baseUrl=${api.url}`];
  const env = { ANTHROPIC_API_KEY: testKey };
  expect((await patternbench(count, { cwd: folder, env })).code).toBe(0);
  const commands = [
    ['tools', '--accept'],
    ['tools', '--pin', '--scenario', './ping'],
    ['run', './shop-total', '--trials', '3', '--out', 'scripted'],
    ['gate', '--update', '--run', 'scripted', '--baseline', 'baseline.json'],
    [
      'run',
      'parametric',
      '--param',
      'calls=1..3',
      '--set',
      'sweep.points=2',
      '--set',
      'sweep.refine=0',
      '--out',
      'swept',
    ],
  ];
  for (const command of commands) {
    const { code, stderr } = await patternbench(command, { cwd: folder });
    expect([command[0], code, code === 0 ? '' : stderr]).toEqual([command[0], 0, '']);
  }
  return folder;
}

/** Every value in a file: the lines of JSONL, or the whole. */
function valuesOf(file: string): unknown[] {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.jsonl')
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [JSON.parse(text)];
}

test('every file that patternbench writes is what its schema says, line by line, and holds nothing else', async () => {
  const written = jsonSchemas('output');
  const folder = await writeEverything();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.jsonl?$/.test(name),
  );
  const seen = new Set<string>();
  for (const name of names.filter((each) => each !== '.mcp.json')) {
    const values = valuesOf(join(folder, name));
    const { format } = values[0] as { format: string };
    const file = `${format.replace('patternbench.', '').replace('/', '.')}.schema.json`;
    const check = compileCheck(JSON.parse(written[file] ?? ''), name, 10_000);
    seen.add(file);
    for (const value of values) {
      expect(
        check(value, JSON.stringify(value).length),
        `${name}: ${JSON.stringify(value).slice(0, 200)}`,
      ).toBe(undefined);
    }
  }
  // A policy is written by people; a projection and an exposure are only printed.
  const printed = ['exposure.v1.schema.json', 'policy.v1.schema.json', 'projection.v1.schema.json'];
  expect([...seen, ...printed].sort()).toEqual(readdirSync(schemasFolder).sort());
});
