import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { cassetteFormat, cassetteRecord } from '../harness/agent/model/cassette-file.ts';
import { gatePolicySchema, policyFormat } from '../harness/analysis/gate/gate-policy.ts';
import { auditFormat, auditRecord } from '../harness/results/audit.ts';
import { baselineFormat, baselineSchema } from '../harness/results/baseline.ts';
import { projectionFormat, projectionSchema } from '../harness/results/projection.ts';
import { journalFormat, journalRecord, runFormat, runSchema } from '../harness/results/run.ts';
import { summaryFormat, summarySchema } from '../harness/results/summary.ts';
import { sweepConfigFormat, sweepConfigSchema, sweepFormat, sweepSchema } from '../harness/results/sweep.ts';
import {
  toolRecordFormat,
  toolRecordSchema,
  traceFormat,
  traceRecord,
  workRecordFormat,
  workRecordSchema,
} from '../harness/results/trace.ts';
import { trustFormat, trustSchema } from '../harness/scenario/trust.ts';
import { lockFormat, lockSchema } from '../harness/tools/pin/lock-file.ts';

export const schemasFolder = resolve(import.meta.dirname, '../reports/schemas');

const formats: [format: string, schema: z.ZodType][] = [
  [summaryFormat, summarySchema],
  [runFormat, runSchema],
  [journalFormat, journalRecord],
  [toolRecordFormat, toolRecordSchema],
  [workRecordFormat, workRecordSchema],
  [traceFormat, traceRecord],
  [auditFormat, auditRecord],
  [lockFormat, lockSchema],
  [trustFormat, trustSchema],
  [cassetteFormat, cassetteRecord],
  [baselineFormat, baselineSchema],
  [policyFormat, gatePolicySchema],
  [sweepFormat, sweepSchema],
  [sweepConfigFormat, sweepConfigSchema],
  [projectionFormat, projectionSchema],
];

/** JSON Schemas (2020-12) of the files that patternbench writes and reads, by file name, for whoever reads them elsewhere. */
export function jsonSchemas(): Record<string, string> {
  return Object.fromEntries(
    formats.map(([format, schema]) => {
      const json = z.toJSONSchema(schema, {
        target: 'draft-2020-12',
        io: 'input',
        reused: 'ref',
        // Values of the Messages API, which has schemas of its own.
        unrepresentable: 'any',
      });
      const name = `${format.replace('patternbench.', '').replace('/', '.')}.schema.json`;
      return [name, `${JSON.stringify({ title: format, ...json }, null, 2)}\n`];
    }),
  );
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(jsonSchemas())) writeFileSync(resolve(schemasFolder, name), text);
}
