import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { cassetteFormat, cassetteRecord } from '../harness/agent/model/cassette-file.ts';
import { gatePolicySchema, policyFormat } from '../harness/analysis/gate/gate-policy.ts';
import { countsFormat, countsRecord } from '../harness/meter/exact-counters.ts';
import { auditFormat, auditRecord } from '../harness/results/audit.ts';
import { baselineFormat, baselineSchema } from '../harness/results/baseline.ts';
import { exposureFormat, exposureSchema } from '../harness/results/exposure.ts';
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

const formats: [format: string, schema: z.ZodType, description: string][] = [
  [summaryFormat, summarySchema, 'summary.json: what a run measured, and its verdicts.'],
  [runFormat, runSchema, 'run.json: what is needed to understand a run and to repeat it.'],
  [
    journalFormat,
    journalRecord,
    'A line of results.jsonl: the outcome of each trial, written when it has ended.',
  ],
  [toolRecordFormat, toolRecordSchema, 'Sizes of the definitions and results of the tools of one trial.'],
  [workRecordFormat, workRecordSchema, 'What one trial asked of its servers and was answered, by digest.'],
  [traceFormat, traceRecord, 'A line of the trace of one trial: what happened in it, event by event.'],
  [
    auditFormat,
    auditRecord,
    'A line of audit.jsonl: every call to a server, each with a hash over all before.',
  ],
  [lockFormat, lockSchema, 'patternbench.lock.json: what pinned servers put before a model.'],
  [trustFormat, trustSchema, 'Servers of scenarios that were accepted in a folder.'],
  [cassetteFormat, cassetteRecord, 'A line of a recording of what a model was asked and answered.'],
  [countsFormat, countsRecord, 'A line of token-counts.jsonl: the exact tokens of a text, by its digest.'],
  [baselineFormat, baselineSchema, 'A run reduced to what later runs are compared with.'],
  [policyFormat, gatePolicySchema, 'What a gate lets pass. What a policy leaves out keeps its default.'],
  [sweepFormat, sweepSchema, 'sweep.json: a scenario at several sizes, and where the verdict changes.'],
  [sweepConfigFormat, sweepConfigSchema, 'config.json of a sweep: what it was asked for.'],
  [exposureFormat, exposureSchema, 'Where text of a lying server reaches the model, by place and variant.'],
  [projectionFormat, projectionSchema, 'What the variants of a run would cost a month.'],
];

/**
 * JSON Schemas (2020-12) of the files that patternbench writes and reads, by file name, for whoever reads them elsewhere. `input`:
 * as they are read, with keys beyond those of the format; `output`: as they are written, without.
 */
export function jsonSchemas(io: 'input' | 'output' = 'input'): Record<string, string> {
  return Object.fromEntries(
    formats.map(([format, schema, description]) => {
      const json = z.toJSONSchema(schema, {
        target: 'draft-2020-12',
        io,
        reused: 'ref',
        // Values of the Messages API, which has schemas of its own.
        unrepresentable: 'any',
      });
      const name = format.replace('patternbench.', '').replace('/', '.');
      const head = { $id: `urn:patternbench:${name.replace('.', ':')}`, title: format, description };
      return [`${name}.schema.json`, `${JSON.stringify({ ...head, ...json }, null, 2)}\n`];
    }),
  );
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(jsonSchemas())) writeFileSync(resolve(schemasFolder, name), text);
}
