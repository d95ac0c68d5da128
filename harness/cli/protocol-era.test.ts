import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { auditFileName, readRecord, readSummary } from '../results/run.ts';
import type { ConnectedServer } from '../results/world.ts';
import { openEarlierRun } from '../run/journal.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';

let folder: string;
let said: string;

beforeAll(async () => {
  folder = makeFolder({
    'scenario.ts': `export default {
      title: 'Two eras', description: 'Reads.', task: 'Say ok.', truth: () => 'ok',
      servers: {
        crm: { mock: 'crm', options: { contacts: 5 } },
        store: { mock: 'parametric', options: { tools: 2 }, protocolEra: 'auto' },
        idle: { mock: 'parametric', options: { tools: 2 }, protocolEra: 'modern' },
      } };`,
    'program.ts': `export default async function (mcp) {
      await mcp.crm.get_contact({ id: 'con_000001' });
      await mcp.store.get_item({ number: 1 });
      return 'ok';
    }`,
  });
  const args = ['run', '.', '--out', 'out', '--set', 'verdict.sizes=false'];
  const { code, stdout, stderr } = await patternbench([...args, '--md', '-'], { cwd: folder });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  said = stdout;
});

const parametric = { name: 'parametric', version: '1.0.0' };
const expected: ConnectedServer[] = [
  {
    server: 'crm',
    implementation: { name: 'crm', version: expect.any(String) as unknown as string },
    protocolEra: 'legacy',
    protocolVersion: '2025-11-25',
    seen: ['legacy'],
  },
  { server: 'idle', implementation: parametric, protocolEra: 'modern', protocolVersion: '2026-07-28' },
  {
    server: 'store',
    implementation: parametric,
    protocolEra: 'auto',
    protocolVersion: '2026-07-28',
    seen: ['modern'],
  },
];

test('a run keeps which MCP was asked for, spoken and seen by each server', () => {
  expect(readRecord(join(folder, 'out')).servers).toEqual(expected);
  expect(readSummary(join(folder, 'out')).servers).toEqual(expected);
});

test('the audit log says for each trial in which MCP its servers answer', () => {
  const lines = readFileSync(join(folder, 'out', auditFileName), 'utf8')
    .trim()
    .split('\n');
  const granted = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'server_granted');
  const versions = new Set(granted.map(({ server }) => `${server.name} ${server.protocolVersion}`));
  expect([...versions].sort()).toEqual(['crm 2025-11-25', 'idle 2026-07-28', 'store 2026-07-28']);
});

test('a report says it where a server was asked for another MCP than by default', () => {
  expect(said).toContain('MCP: 2025-11-25 with crm; 2026-07-28 with idle, store.');
});

test('a resumed run still knows the servers of its first part', () => {
  const { record, directory } = openEarlierRun(join(folder, 'out'), false);
  directory.close();
  expect(record.servers).toEqual(expected);
});
