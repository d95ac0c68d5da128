import type {
  Category,
  Measure,
  PatternName,
  ProgramStatus,
  RefusalCode,
} from '../../harness/results/codes.ts';
import type { Ratio, VerdictPattern } from '../../harness/results/verdict.ts';

/** What a page of a run is drawn from, in the browser and beforehand. Amounts are in the unit of `by`, of one run. */
export type PageData = {
  title: string;
  model: string;
  evidence: string;
  /** The day on which the run began; absent where that is not known. */
  day?: string | undefined;
  by: Measure;
  /** Tokens that the model's context window holds. */
  window: number;
  /** Why the run is not complete. */
  partial?: string | undefined;
  trials: string;
  /** Runs of each workflow in a month, for one tenant, and how many tenants: where that is configured. */
  workload?: Workload | undefined;
  workflows: Workflow[];
  /** How the figures came about. */
  method: string[];
  /** The run that this one is held against, and what cannot be compared. */
  held?: { run: string | undefined; notes: string[] };
  /** Tables that concern the whole run, as markup. */
  more: string;
};

export type Workload = { runs: number; tenants: number };

/** What is recommended; `outstanding` while trials have not ended. */
export type Advice = VerdictPattern | 'outstanding';

/** One scenario at one set of parameters. */
export type Workflow = {
  /** Tells it from the others in addresses. */
  id: string;
  name: string;
  params: string[];
  advice: Advice;
  /** The verdict in words: its first sentence, and the rest. */
  verdict: string;
  why: string;
  ratio: Ratio | null;
  /** The same from the side of the dearer pattern: how many times as much it takes. */
  dearerBy: Ratio | null;
  /** Differences within this share do not count. */
  margin: number;
  sides: { classic: Side | undefined; code: Side | undefined };
  /** What both sides spend by cause; absent where one has no value. */
  causes?: Cause[] | undefined;
  /** The verdict under other assumptions. */
  turns: Turn[];
  /** What it costs in a month, at the workload that its scenario assumes. */
  month?: string | undefined;
  /** Phrases: what would change the verdict, and under what it holds. */
  changes: string[];
  holds: string[];
  slack: Slack[];
  sizes?: Sizes | undefined;
  trend?: Trend | undefined;
  /** The task as the model reads it. */
  task?: string | undefined;
  /** All further figures of the workflow, as markup. */
  details: string;
  /** How it changed since the run that it is held against, as markup. */
  since?: string | undefined;
  traces: TraceEntry[];
};

/**
 * The variant that stands for its pattern. Figures are means over its trials. Where the job did not fit its window, they are those
 * of the whole job.
 */
export type Side = {
  variant: string;
  pattern: PatternName;
  value: number | null;
  /** 95 % interval of the mean, where trials vary. */
  low?: number | undefined;
  high?: number | undefined;
  /** Share of trials that were right; null where nothing was measured. */
  right: number | null;
  trials: number;
  /** Whether the share is too small for the pattern to be recommended. */
  failed: boolean;
  /** A request did not fit the window: figures are what the job would have taken without one. */
  hypothetical: boolean;
  usd: number | null;
  roundTrips: number;
  toolCalls: number;
  billed: number;
  seconds: number;
  /** Tokens of the largest request. */
  largest: number;
  /** Why it was not right, and in which request that shows. */
  fault?: string | undefined;
  faultAt?: number | undefined;
};

/** One reason for which a side spends. */
export type Cause = { name: string; classic: number; code: number };

export type Turn = { words: string; advice: VerdictPattern; ratio: Ratio | null };

/**
 * How many mistakes of a kind a side may make; `most` null: more than were tried, absent: not the recommended side. `isLeast`: it
 * may be more. `variant`: whose they are, where not of the side's own variant.
 */
type Slack = {
  side: 'classic' | 'code';
  words: string;
  each: number;
  most?: number | null | undefined;
  isLeast?: true | undefined;
  variant?: string | undefined;
};

/** The verdict at other numbers of items, and what each variant took there. */
export type Sizes = {
  param: string;
  now: number;
  tried: { at: number; advice: VerdictPattern }[];
  lines: { variant: string; pattern: PatternName; points: { at: number; value: number; ok: boolean }[] }[];
};

/** The same over stored runs, the oldest first; their numbers stand for the sizes. This run is the last of them. */
export type Trend = Sizes & {
  /** When each was begun. */
  names: string[];
  /** Stored runs of the workflow that are not comparable: of another model, measure, size or kind of evidence. */
  leftOut: number;
};

/** A trial whose requests can be looked at. `isBefore`: of the run that this one is held against. */
export type TraceEntry = {
  isBefore?: true | undefined;
  /** Tells it from the workflow's others, in addresses too. */
  key: string;
  variant: string;
  pattern: PatternName;
  repeat: number;
  right: boolean | null;
  usd: number | null;
  roundTrips: number;
  file: string;
  /** Blocks of the page that hold it, the trace itself last; absent where it was too large for the page. */
  blocks?: number[] | undefined;
};

/** Parts of a prompt, in the order in which bars show them. `rest`: what a provider counted beyond the estimate. */
export const parts = ['definitions', 'framing', 'discovery', 'written', 'results', 'rest'] as const;
export type Part = (typeof parts)[number];

export const partNames: Record<Part, string> = {
  definitions: 'tool definitions',
  framing: 'task and framing',
  discovery: 'looking tools up',
  written: 'calls and programs',
  results: 'results',
  rest: 'not explained by the estimate',
};

/** What a part of a prompt, and a cause of its cost, is made of. */
export const partOf: Record<Category, Part> = {
  tool_definitions: 'definitions',
  instructions: 'framing',
  frame: 'framing',
  discovery: 'discovery',
  tool_calls: 'written',
  code: 'written',
  reasoning: 'written',
  answer: 'written',
  tool_results: 'results',
  program_output: 'results',
};

/** A block of the Messages API, as far as a reader looks into it. */
export type Block = {
  type: string;
  text?: string;
  thinking?: string;
  id?: string;
  name?: string;
  input?: Record<string, unknown>;
  tool_use_id?: string;
  content?: string | Block[];
  is_error?: boolean;
  /** Of a text that was cut to fit the page: its characters. */
  cutFrom?: number;
};

export type Message = { role: string; content: string | Block[] };

/** One request to the model and its response. */
export type Trip = {
  /** Whether the response before it is sent again at the beginning of `added`, from which it is left out. */
  echoes: boolean;
  added: Message[];
  /** Index of each message whose last block carries a cache breakpoint. */
  marks: number[];
  wrote: Block[];
  stop: string | null;
  bill: { input: number; fresh: number; cacheWrite: number; cacheRead: number; output: number };
  /** Tokens of the request, in the order of `parts`. */
  prompt: number[];
  usd: number | null;
  /** The model's time, modelled. */
  seconds: number;
  programs: Program[];
  retries: string[];
  hypothetical?: true;
};

type Program = {
  sha256: string;
  status: ProgramStatus;
  ms: number;
  valueBytes: number;
  logBytes: number;
  error?: string | undefined;
};

/** A call to a tool. `trip`: in which round trip it was asked for. `program`: where one made it, how its hash begins. */
export type Call = {
  trip: number;
  tool: string;
  arguments: unknown;
  /** Of its result, and how long it took (measured); absent where none came. */
  bytes?: number;
  ms?: number;
  program?: string;
  isError?: true;
  /** How often it was sent, where its server asked for input in between. */
  attempts?: number;
  refused?: RefusalCode;
};

/** A trial, request by request. */
export type Trace = {
  head: { model: string; maxTokens: number; system?: unknown; tools: unknown[]; thinking?: unknown };
  trips: Trip[];
  calls: Call[];
  overflow?: { roundTrip: number; inputTokens: number; contextWindow: number };
  /** How the trial ended, where it was not with an answer. */
  ending?: string;
  grades: { grader: string; correct: boolean; reason: string }[];
  /** Events that the trace itself leaves out. */
  leftOut?: number;
};

/** Blocks of all messages, text as a block of its own. */
export function blocksOf(messages: readonly Message[]): Block[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  );
}

/** Results that a request brought, of calls and of programs. */
export function resultsOf(messages: readonly Message[]): Block[] {
  return blocksOf(messages).filter(({ type }) => type === 'tool_result');
}

/** All that a response asks for: calls of the model's own, and programs. */
export function usesOf({ wrote }: Trip): Block[] {
  return wrote.filter(({ type }) => type === 'tool_use');
}

export function isProgram({ type, name }: Block): boolean {
  return type === 'tool_use' && name === 'run_code';
}

/** Calls that the model asked for itself. */
export function directCalls(calls: readonly Call[]): Call[] {
  return calls.filter(({ program }) => program === undefined);
}

/** Calls that were made inside a program. */
export function callsInside({ sha256 }: Pick<Program, 'sha256'>, calls: readonly Call[]): Call[] {
  return calls.filter(({ program }) => program !== undefined && sha256.startsWith(program));
}

/**
 * One trace as the page holds it. Traces of one workflow repeat each other's texts: servers give every variant the same results.
 * So a block holds a trace and the long texts that no block before it holds. A text is named by its number across all blocks.
 */
export type PackedBlock = { first: number; texts: string[]; trace: unknown };

/** Stands before the number of a shared text. A text that begins so itself is shared, too. */
export const sharedMark = '\0';

/** The trace of the last block; the blocks before it hold some of its texts. */
export function unpackTrace(blocks: readonly PackedBlock[]): Trace {
  const texts = new Map(blocks.flatMap(({ first, texts: own }) => own.map((text, at) => [first + at, text])));
  return mapStrings(blocks.at(-1)?.trace, (text) =>
    text.startsWith(sharedMark) ? (texts.get(Number(text.slice(sharedMark.length))) ?? '') : text,
  ) as Trace;
}

/** A JSON value with all its strings replaced, but for the names of members. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((each) => mapStrings(each, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapStrings(each, map)]));
}
