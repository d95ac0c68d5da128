import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import type { GatePolicy, gatePolicySchema } from '../analysis/gate/gate-policy.ts';
import { isRecord } from '../json.ts';
import { approvalGrains, approverKinds, errorForms, LEVELS, measures } from '../results/codes.ts';
import type { OptionName } from './options.ts';
import {
  duration,
  list,
  oneOf,
  parameters,
  part,
  positive,
  type Reader,
  rates,
  share,
  text,
  toggle,
  wholeNumber,
  wordOrNumber,
} from './parsers.ts';

/** A file, or what would stand in it. Its schema is loaded only where it is written out. */
const policy: Reader<string | Promise<GatePolicy>, string | z.input<typeof gatePolicySchema>> = {
  read: (given) => (isRecord(given) ? readPolicy(given) : text.read(given)),
};

async function readPolicy(given: object): Promise<GatePolicy> {
  const { gatePolicySchema } = await import('../analysis/gate/gate-policy.ts');
  const { data, error } = gatePolicySchema.safeParse(given);
  if (data) return data;
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `At ${issue.path.join('.')}: `;
  throw new InvalidArgumentError(`${place}${issue?.message}. It is as in gate --help.`);
}

const day = 86_400_000;

/** How the value of each option is read, wherever it comes from. */
export const values = {
  workflows: list,
  param: parameters,
  variants: list,
  trials: wholeNumber(1, 1_000),
  seed: wholeNumber(0, 2 ** 31 - 1),
  all: toggle,
  shard: part,
  points: wholeNumber(2, 100),
  refine: wholeNumber(0, 100),
  place: text,
  obey: toggle,
  quoteResults: toggle,
  server: text,
  places: list,
  dryRun: toggle,
  model: text,
  baseUrl: text,
  thinking: wordOrNumber('adaptive', 1024, 128_000),
  cache: oneOf(['cold', 'warm', 'off']),
  maxRetries: wholeNumber(0, 20),
  requestTimeout: duration(day),
  cassettes: oneOf(['off', 'auto', 'strict', 'record']),
  cassetteDir: text,
  count: text,
  counter: text,
  latencyProfile: text,
  client: text,
  by: oneOf(measures),
  margin: positive(0.001, 10),
  reference: text,
  aa: toggle,
  breakEven: toggle,
  runs: wholeNumber(1, 1_000_000_000),
  tenants: wholeNumber(1, 1_000_000),
  cacheShare: share,
  run: text,
  baseline: text,
  update: toggle,
  policy,
  fresh: text,
  maxCost: positive(0, 1_000_000),
  maxRoundTrips: wholeNumber(1, 1_000_000),
  maxTokens: wholeNumber(1, 2 ** 40),
  timeout: duration(day),
  concurrency: wordOrNumber('auto', 1, 64),
  connectTimeout: duration(600_000),
  toolTimeout: duration(3_600_000),
  mcpConfig: text,
  lock: text,
  trust: toggle,
  writes: toggle,
  approvalsPer: oneOf(approvalGrains),
  approvalsBy: oneOf(approverKinds),
  distractors: wholeNumber(1, 2_000),
  fault: rates,
  faultRetries: wholeNumber(0, 20),
  faultDelay: duration(600_000),
  faultErrors: oneOf(errorForms),
  minIsolation: oneOf(LEVELS),
  auditFsync: toggle,
  pin: toggle,
  accept: toggle,
  scenario: text,
  out: text,
  resume: text,
  force: toggle,
  details: toggle,
  json: toggle,
  md: text,
  html: text,
  trend: text,
  csv: text,
  badge: text,
  history: text,
  otel: text,
  atif: text,
  junit: text,
  pr: text,
  github: toggle,
  tools: toggle,
  declarations: toggle,
  defer: toggle,
  verbose: toggle,
  article: text,
} as const satisfies Record<OptionName, Reader<unknown, unknown>>;

export type Values = typeof values;
