import { z } from 'zod';

export const policyFormat = 'patternbench.policy/v1';

const level = z
  .enum(['off', 'warn', 'error'])
  .describe('what a finding does: nothing, a warning, exit code 1');
const onlyLevel = level.transform((only) => ({ level: only }));

const amountCheck = z
  .union([
    onlyLevel,
    z.strictObject({
      level: level.optional(),
      absolute: z.number().nonnegative().optional(),
      relative: z.number().nonnegative().optional(),
    }),
  ])
  .describe('allowed rise: the larger of "absolute" (own unit) and "relative" (0.005: 0.5 %)');

const correctnessCheck = z
  .union([onlyLevel, z.strictObject({ level: level.optional(), gap: z.number().min(0).max(1).optional() })])
  .describe(
    '"gap": fall of the share right that live trials may show (0.05: 5 points); computed answers may not fall',
  );

const verdictCheck = z.union([onlyLevel, z.strictObject({ level: level.optional() })]);

const figureChecks = {
  billedTokens: amountCheck.optional(),
  contextTokens: amountCheck.optional(),
  roundTrips: amountCheck.optional(),
  toolCalls: amountCheck.optional(),
  cost: amountCheck.optional(),
  costUncached: amountCheck.optional(),
  correctness: correctnessCheck.optional(),
};
/** A suite has sums and no verdict. */
const suiteChecks = z.strictObject(figureChecks);
const checks = z.strictObject({ ...figureChecks, verdict: verdictCheck.optional() });

/** A policy file. What it leaves out keeps its default. Amounts may fall freely, correctness may rise. */
export const gatePolicySchema = z.strictObject({
  format: z.literal(policyFormat).optional(),
  checks: checks.default({}).describe('checks of every scenario'),
  scenarios: z
    .record(z.string(), checks)
    .default({})
    .describe('checks of single scenarios by name, over those of "checks"'),
  suite: suiteChecks
    .default({})
    .describe('checks of the sums of each variant over all scenarios, over those of "checks"'),
  variants: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('variants whose figures are held, such as the one in use; all of the baseline without it'),
  missing: level.default('error').describe('what the baseline has and the run does not'),
  new: level.default('warn').describe('what only the run has'),
  conditions: level.default('error').describe('other evidence, model, seed, tokenizer, prices or options'),
  toolSurface: level
    .default('error')
    .describe('other tool definitions or server instructions; "off" compares the figures all the same'),
});

export type CheckName = keyof typeof figureChecks | 'verdict';
export type Level = z.infer<typeof level>;
export type GatePolicy = z.infer<typeof gatePolicySchema>;
/** What a check allows: of an amount, a rise up to the larger of two; of correctness in live trials, a fall by `gap`. */
export type Check = { level: Level; absolute: number; relative: number; gap: number };

/** What holds where no policy file is given. */
export const defaultPolicy: GatePolicy = gatePolicySchema.parse({});

const usual: Check = { level: 'error', absolute: 0, relative: 0.005, gap: 0.05 };

/** The check that applies to a scenario, or with `null` to the suite. */
export function findCheck(policy: GatePolicy, name: CheckName, scenario: string | null): Check {
  const suite: GatePolicy['checks'] = policy.suite;
  const own = scenario === null ? suite[name] : policy.scenarios[scenario]?.[name];
  // Cost without caching follows the billed tokens, which are checked already.
  const preset: Check = name === 'costUncached' ? { ...usual, level: 'off' } : usual;
  return { ...preset, ...defined(policy.checks[name]), ...defined(own) };
}

function defined(check: Partial<Record<keyof Check, unknown>> | undefined): Partial<Check> {
  return Object.fromEntries(Object.entries(check ?? {}).filter(([, value]) => value !== undefined));
}
