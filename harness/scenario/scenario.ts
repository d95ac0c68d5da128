import { z } from 'zod';
import type { MockState } from '../../mock-servers/state.ts';
import { messageOf } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { approvalGrains } from '../results/codes.ts';
import { workloadSchema } from '../results/projection.ts';
import { resolveLimits } from '../sandbox/limits.ts';
import type { SandboxLimits } from '../sandbox/sandbox.ts';
import { usualLatencyMs } from '../tools/approvals.ts';
import { type ServerSpec, serverSpec } from '../tools/mcp/server-spec.ts';

/** A parameter's value, as given with `--param name=value`. */
export type ParamValue = number | string | boolean;
export type Params = Record<string, ParamValue>;

const described = { description: z.string().min(1) };
const numeric = <Type extends 'integer' | 'number'>(type: Type, value: z.ZodNumber) =>
  z
    .strictObject({
      ...{ type: z.literal(type), default: value, min: value.optional(), max: value.optional() },
      ...described,
    })
    .refine(
      (spec) => spec.default >= (spec.min ?? spec.default) && spec.default <= (spec.max ?? spec.default),
      {
        error: 'the default lies outside of min and max',
        path: ['default'],
      },
    );
const paramSpec = z.discriminatedUnion('type', [
  numeric('integer', z.int()),
  numeric('number', z.number()),
  z
    .strictObject({
      type: z.literal('string'),
      default: z.string(),
      values: z.array(z.string()).optional(),
      ...described,
    })
    .refine((spec) => spec.values?.includes(spec.default) ?? true, {
      error: 'the default is not one of values',
      path: ['default'],
    }),
  z.strictObject({ type: z.literal('boolean'), default: z.boolean(), ...described }),
]);
export type ParamSpec = z.infer<typeof paramSpec>;
export type NumericSpec = Extract<ParamSpec, { type: 'integer' | 'number' }>;

/** What a trial is about: the values it runs with. `seed` is the run's root seed, which the mock servers' data flow from. */
export type ScenarioContext<P = Params> = { params: P; seed: number };

/** What `setup` and `teardown` get. They are not told the variant: all trials start from the same state. */
export type StateContext<P = Params> = ScenarioContext<P> & {
  /** The trial's own folder, empty before `setup`; `${PATTERNBENCH_TRIAL_DIR}` in a server's arguments stands for it. */
  trialDir: string;
  /** Aborted when the time is up or the run is interrupted. */
  signal: AbortSignal;
};

/** What a grader sees: the answer, and what became of the servers' data. */
export type GradeContext = ScenarioContext & {
  /** The trial's own folder, as its servers left it. */
  trialDir: string;
  /** The right answer, as the scenario's `truth` computed it; undefined where it has none. */
  truth: Json | undefined;
  /** The model's last words. */
  answer: string;
  /** State of each mock server after the trial, by the scenario's name of it. */
  states: Record<string, MockState>;
};

/** Right or wrong, and why: the reason is shown to people. */
export type Grade = { correct: boolean; reason: string };

/** Decides whether a trial's answer and final state are right, without a model. */
export type Grader = {
  name: string;
  grade(context: GradeContext): Grade | Promise<Grade>;
};

/**
 * One step of a reference program. `look` is the model reading what the step before returned; what it gives becomes
 * arguments of this step's program, beside the parameters and what the task gives.
 */
export type Step<P = JsonObject> = {
  program: (mcp: never, input: never) => Promise<unknown>;
  look?: ((seen: Json, input: P) => JsonObject) | undefined;
};

/** A field that holds a function. */
export function isFunction<F>(what = 'a function'): z.ZodType<F> {
  return z.custom<F>((value) => typeof value === 'function', { error: `expected ${what}` });
}

type StateHook = (context: StateContext) => unknown;

const graderSchema = z.strictObject({ name: z.string(), grade: isFunction<Grader['grade']>() });

/** By what a workflow can cost more in one pattern than in the other. */
const mechanisms = [
  'definitions',
  'payload',
  'round trips',
  'judgement',
  'writes',
  'discovery',
  'errors',
] as const;

/** By server and tool: names of fields at any depth, paths from the root, or patterns of text. */
const fieldsByTool = z.record(
  z.string(),
  z.record(z.string(), z.array(z.union([z.string().min(1), z.instanceof(RegExp)])).min(1)),
);

/** The shape of a scenario file's default export. */
export const scenarioSchema = z
  .strictObject({
    title: z.string().min(1),
    /** What people do this for, in a sentence or two. */
    description: z.string().min(1),
    /** What the model is asked, alike in both patterns. It must say in which form the answer is wanted. */
    task: z.union([
      z.string().min(1),
      isFunction<(context: ScenarioContext) => string>('text or a function that returns it'),
    ]),
    params: z.record(z.string(), paramSpec).default({}),
    /**
     * The numeric parameter that is the number of items of the work. A run then looks, with further trials at other values
     * of it, for the number at which its verdict flips.
     */
    items: z.string().optional(),
    /** What the task's text tells besides the parameters, such as an address; the programs take it as they take those. */
    given: isFunction<(context: ScenarioContext) => JsonObject>(
      'a function that returns an object',
    ).optional(),
    servers: z.union([
      z.record(z.string(), serverSpec),
      isFunction<(context: ScenarioContext) => Record<string, ServerSpec>>(
        'servers or a function that returns them',
      ),
    ]),
    /** Prepares what the servers find, before they start; bounded in time, and run for every trial. */
    setup: isFunction<StateHook>().optional(),
    /** Removes what `setup` or the servers left elsewhere than in the trial's folder; runs after failures too. */
    teardown: isFunction<StateHook>().optional(),
    /**
     * What may differ between trials that start from the same state, by server and tool: names of fields at any depth
     * (`createdAt`), paths from the root (`items[].id`), or patterns of text. It is left out when results are compared.
     */
    volatile: fieldsByTool.optional(),
    /**
     * What results hold and no model need see, such as personal data that the answer does not ask for: written as `volatile`
     * is. How much of it reaches the model is counted in each variant.
     */
    canaries: fieldsByTool.optional(),
    /** The right answer, computed from the data by other code than the program and the tools. */
    truth: isFunction<(context: ScenarioContext) => Json | Promise<Json>>(
      'a function that returns JSON',
    ).optional(),
    /** Without any, the answer must be the JSON of `truth`. */
    graders: z.array(graderSchema).min(1).optional(),
    /** The tools that the task may use, by server; every other is hidden and refused. All of them where it says nothing. */
    tools: z.record(z.string(), z.array(z.string()).min(1)).optional(),
    /** Limits of one program, where the defaults do not fit; sizes in bytes, times in milliseconds. */
    limits: z
      .strictObject({
        wallMs: z.int().positive(),
        cpuMs: z.int().positive(),
        memoryBytes: z.int().positive(),
        calls: z.int().positive(),
        callsInFlight: z.int().positive(),
        argumentBytes: z.int().positive(),
        argumentDepth: z.int().positive(),
        resultBytes: z.int().positive(),
        logBytes: z.int().positive(),
        valueBytes: z.int().positive(),
      })
      .partial()
      .transform((limits) => limits as Partial<SandboxLimits>)
      .optional(),
    /** True where the task asks for changes. Otherwise a trial that changes a mock server's data is wrong. */
    writes: z.boolean().default(false),
    /**
     * Calls that somebody must approve before they are made, and what one approval covers: `tools/approvals.ts` has the rule.
     * `tools` names them by server, each with the arguments that make calls alike; without it, it is all that are not plainly
     * read-only. `latencyMs` is how long a script that approves is taken to need.
     */
    approvals: z
      .strictObject({
        per: z.enum(approvalGrains),
        tools: z.record(z.string(), z.record(z.string(), z.array(z.string()))).optional(),
        latencyMs: z.int().nonnegative().default(usualLatencyMs),
      })
      .optional(),
    /** Which pattern is expected to be cheaper, written before it was measured, and why. */
    prediction: z
      .strictObject({ pattern: z.enum(['classic', 'code', 'either']), because: z.string().min(1) })
      .optional(),
    /** What makes the patterns differ here, or could. */
    stresses: z.array(z.enum(mechanisms)).min(1).optional(),
    /** What was found where it differs from the prediction, and why; the prediction stays as it was written. */
    surprise: z.string().min(1).optional(),
    /** How often this work is done, as an assumption: what it costs in a month is said where no workload is configured. */
    workload: workloadSchema.optional(),
    /** Whether a run without names has it; `--all` has every bundled one. */
    core: z.boolean().default(false),
  })
  .superRefine(({ limits }, { addIssue }) => {
    try {
      resolveLimits(limits);
    } catch (error) {
      addIssue({ code: 'custom', path: ['limits'], message: messageOf(error) });
    }
  })
  .refine(({ truth, graders }) => truth || graders, { error: 'give truth, graders, or both' })
  .superRefine(({ items, params }, { addIssue }) => {
    if (items === undefined || isNumeric(params[items])) return;
    const numeric = Object.keys(params).filter((name) => isNumeric(params[name]));
    addIssue({
      code: 'custom',
      path: ['items'],
      message: `items names the numeric parameter that is the number of items; "${items}" is ${params[items] ? `a ${params[items].type}` : 'no parameter'}. Numeric parameters: ${numeric.join(', ') || 'none'}`,
    });
  });

/** Whether a parameter can be counted or measured, and so be swept. */
export function isNumeric(spec: ParamSpec | undefined): spec is NumericSpec {
  return spec?.type === 'integer' || spec?.type === 'number';
}

/** A scenario as its file gives it. */
type ScenarioInput = z.input<typeof scenarioSchema>;

/** A workflow that was read, checked and can be planned. */
export type Scenario = z.output<typeof scenarioSchema> & {
  /** The name of its folder. */
  name: string;
  /** Absolute path of its folder. */
  folder: string;
  steps: Step[];
  /** Source of each step's program, as the scripted model writes it: the body and the inputs that it takes. */
  sources: StepSource[];
  /** SHA-256 over the files that its result depends on. */
  hash: string;
};

/** One step as text. */
export type StepSource = {
  /** In TypeScript: what the function uses of its file, then its body. */
  body: string;
  /** How the second argument is named or taken apart. */
  input: { names: string[] } | { name: string } | undefined;
  /** For each line of `body`, the number of that line in the file. */
  lines: number[];
};

/** The fields of a scenario whose types follow from its parameters. */
type Typed<P extends Record<string, ParamSpec>> = {
  params?: P;
  items?: NumericNames<P>;
  given?: (context: ScenarioContext<ValuesOf<P>>) => JsonObject;
  task: string | ((context: ScenarioContext<ValuesOf<P>>) => string);
  servers:
    | Record<string, ServerSpec>
    | ((context: ScenarioContext<ValuesOf<P>>) => Record<string, ServerSpec>);
  setup?: (context: StateContext<ValuesOf<P>>) => unknown;
  teardown?: (context: StateContext<ValuesOf<P>>) => unknown;
  truth?: (context: ScenarioContext<ValuesOf<P>>) => Json | Promise<Json>;
};

/** Helps the editor to check a scenario; returns what it is given. */
export function defineScenario<const P extends Record<string, ParamSpec>>(
  scenario: Omit<ScenarioInput, keyof Typed<P>> & Typed<P>,
): ScenarioInput {
  return scenario as unknown as ScenarioInput;
}

type NumericNames<P extends Record<string, ParamSpec>> = {
  [K in keyof P]: P[K]['type'] extends 'integer' | 'number' ? K : never;
}[keyof P] &
  string;

type ValuesOf<P extends Record<string, ParamSpec>> = {
  [K in keyof P]: P[K]['type'] extends 'string' ? string : P[K]['type'] extends 'boolean' ? boolean : number;
};
