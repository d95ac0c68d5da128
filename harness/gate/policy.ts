import { z } from 'zod';

export const policyFormat = 'patternbench.policy/v1';

const level = z.enum(['off', 'warn', 'error']);

/** How far a figure may move: the larger of `absolute` (in its own unit) and `relative` (share of the baseline's value). */
const checkSchema = z.union([
  level.transform((only) => ({ level: only })),
  z.strictObject({
    level: level.optional(),
    absolute: z.number().nonnegative().optional(),
    relative: z.number().nonnegative().optional(),
  }),
]);

/** What a gate looks at. All figures may fall freely but correctness (`correct`), which may rise; a verdict may not change. */
export type CheckName = keyof typeof figureChecks | 'verdict';
export type Level = z.infer<typeof level>;
export type Check = { level: Level; absolute: number; relative: number };

/** A verdict is another one or it is not; there is no threshold to it. */
const verdictCheck = z.union([
  level.transform((only) => ({ level: only })),
  z.strictObject({ level: level.optional() }),
]);
const figureChecks = {
  billedTokens: checkSchema.optional(),
  contextTokens: checkSchema.optional(),
  roundTrips: checkSchema.optional(),
  toolCalls: checkSchema.optional(),
  cost: checkSchema.optional(),
  costUncached: checkSchema.optional(),
  correctness: checkSchema.optional(),
};
/** A suite has sums and no verdict. */
const suiteChecks = z.strictObject(figureChecks);
const checks = z.strictObject({ ...figureChecks, verdict: verdictCheck.optional() });

/** A policy file. What it leaves out keeps its default. */
export const policySchema = z.strictObject({
  format: z.literal(policyFormat).optional(),
  checks: checks.default({}),
  /** Checks of single scenarios, by name, over those of `checks`. */
  scenarios: z.record(z.string(), checks).default({}),
  /** Checks of the sums of each variant over all scenarios, over those of `checks`. */
  suite: suiteChecks.default({}),
  /** A scenario or variant that the baseline has and the run has not. */
  missing: level.default('error'),
  /** One that only the run has. */
  new: level.default('warn'),
  /** Other evidence, model, seed, tokenizer or prices than the baseline's. */
  conditions: level.default('error'),
  /** Other tool definitions or server instructions. With `off` the figures are compared all the same. */
  toolSurface: level.default('error'),
  /** Live evidence that does not suffice to say whether a limit was passed. */
  undecided: level.default('warn'),
});

export type Policy = z.infer<typeof policySchema>;

/** What holds where no policy file is given. */
export const defaultPolicy: Policy = policySchema.parse({});

const onePercent: Check = { level: 'error', absolute: 0, relative: 0.01 };
const atAll: Check = { level: 'error', absolute: 0, relative: 0 };

/** Cost without caching follows the billed tokens, which are checked already. */
const defaults: Record<CheckName, Check> = {
  billedTokens: onePercent,
  contextTokens: onePercent,
  roundTrips: onePercent,
  toolCalls: onePercent,
  cost: onePercent,
  costUncached: { ...onePercent, level: 'off' },
  correctness: atAll,
  verdict: atAll,
};

/** The check that applies to a scenario, or with `null` to the suite. */
export function findCheck(policy: Policy, name: CheckName, scenario: string | null): Check {
  const suite: Policy['checks'] = policy.suite;
  const own = scenario === null ? suite[name] : policy.scenarios[scenario]?.[name];
  return { ...defaults[name], ...defined(policy.checks[name]), ...defined(own) };
}

function defined(check: z.infer<typeof checkSchema> | undefined): Partial<Check> {
  const given = Object.entries(check ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}
