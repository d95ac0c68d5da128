import { expect, test } from 'vitest';
import type { AuditRecord } from '../harness/results/audit.ts';
import { auditMarkdown } from './audit.ts';

test('a call that was sent again with input says how often it was sent', () => {
  const about = { trial: 'work/classic/1', call: 1 };
  const records = [
    {
      ...{ event: 'call', seq: 1, ...about, caller: { kind: 'model' }, server: { name: 'shop' } },
      ...{ 'gen_ai.tool.name': 'order', decision: 'allowed', reason: '', arguments: { bytes: 2 } },
    },
    {
      event: 'result',
      seq: 2,
      ...about,
      outcome: 'ok',
      attempts: 2,
      result: { bytes: 4 },
      measured: { ms: 1 },
    },
  ] as unknown as AuditRecord[];
  expect(auditMarkdown(records)).toContain('| ok, sent 2 times |');
});
