/** Words that files of a run and several rooms share. */

/** How the model's decisions came about. Figures of different evidence are never mixed. */
export const evidences = ['scripted', 'replayed', 'live'] as const;
export type Evidence = (typeof evidences)[number];

/** `hybrid` offers both kinds of tools; a verdict recommends one of the other two. */
export const patternNames = ['classic', 'code', 'hybrid'] as const;
export type PatternName = (typeof patternNames)[number];

/** The two kinds of MCP: up to 2025-11-25, with a handshake; and from 2026-07-28 on, without. */
export const wireEras = ['legacy', 'modern'] as const;

/** Which MCP is spoken with a server: one of the two, or what the server speaks. */
export const protocolEras = ['legacy', 'auto', 'modern'] as const;
export type ProtocolEra = (typeof protocolEras)[number];

/** How a trial ended. */
export const trialStatuses = [
  'completed',
  'context_overflow',
  'limit_reached',
  'model_stopped',
  'infrastructure_error',
] as const;

/** Where a token went. Every token of every request falls in exactly one of these. */
export const categories = [
  'tool_definitions',
  'instructions',
  'discovery',
  'tool_calls',
  'tool_results',
  'code',
  'program_output',
  'reasoning',
  'answer',
  'frame',
] as const;
export type Category = (typeof categories)[number];

/**
 * What a conversation is billed for again, one assumption turned at a time.
 *
 * - `warm`: tools and system prompt are in the cache beforehand.
 * - `cold`: they are not, where they were.
 * - `minimumHigher`, `minimumLower`: prompts count for more, or less, against the model's cache minimum, by as much as a count
 *   may be off; no other figure changes.
 * - `padded`: the client pads tools and system prompt to the model's cache minimum.
 * - `oneCall`, `observedCalls`, `allCalls`: how many calls the model asks for in one message.
 */
export const assumptions = [
  'warm',
  'cold',
  'minimumHigher',
  'minimumLower',
  'padded',
  'oneCall',
  'observedCalls',
  'allCalls',
] as const;
export type Assumption = (typeof assumptions)[number];

/**
 * What a model that is not perfect does too often: a program that fails, a look-up of tools that brings nothing new, a direct
 * call that was made before, or a round trip in which it only says what it is about to do.
 */
export const mistakes = ['failedProgram', 'wastedLookUp', 'repeatedCall', 'idleRoundTrip'] as const;
export type Mistake = (typeof mistakes)[number];

/**
 * Why the policy does not let a call through: the scenario does not name the tool, it does not write and the tool is not
 * plainly read-only, the arguments do not fit, or whoever must approve the call said no.
 */
export const refusalCodes = ['not_allowed', 'not_read_only', 'invalid_arguments', 'not_approved'] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * How far a program is walled in. L1: own process, empty environment, killed by its parent. L2: also Node's
 * permission model and system resource limits. L3: also namespaces (no files, no network, own process ids).
 * From the weakest to the strongest.
 */
export const LEVELS = ['L1', 'L2', 'L3'] as const;
export type IsolationLevel = (typeof LEVELS)[number];

/**
 * The exactly one way in which every program ends. A program that waits for what nothing can bring about (no call under way,
 * nothing to run) is ended at once as `timeout_wall` with the error name `Deadlock`, instead of at its deadline.
 */
export const programStatuses = [
  'ok',
  'guest_error',
  'syntax_error',
  'timeout_cpu',
  'timeout_wall',
  'oom',
  'output_limit',
  'call_limit',
  'killed',
  'crashed',
] as const;
export type ProgramStatus = (typeof programStatuses)[number];

/**
 * Why the sandbox stopped a call whose program went on: `unknown_tool`, a name under `mcp` that nothing has;
 * `invalid_arguments`, no JSON or nested too deeply; `argument_too_large`; `too_much_at_once`, for one batch of calls;
 * `result_too_large`, where the call was made and its result did not reach the program. The codes of `ToolError`.
 */
export const stopCodes = [
  'unknown_tool',
  'invalid_arguments',
  'argument_too_large',
  'too_much_at_once',
  'result_too_large',
] as const;
export type StopCode = (typeof stopCodes)[number];

/** Who asked for a tool call: the model itself, or a program that it wrote. */
export type Caller = { kind: 'model' } | { kind: 'program'; sha256: string };

/** Whether a variant is a negative control, by its name: all of them begin so. */
export function isControl(variant: string): boolean {
  return variant.startsWith('control-');
}

/** The most that the arguments of one call may be: bytes as JSON, and levels. A scenario may ask for less. */
export const mostArguments = { bytes: 1024 * 1024, levels: 64 };

/** How a figure in tokens came about: by an estimate, by the provider's own tokenizer, or some of it by each. */
export const countLabels = ['estimated', 'counted', 'partly counted'] as const;
export type CountLabel = (typeof countLabels)[number];

/** What one approval covers: a call, calls that are alike, all calls of a program, or a category that was granted beforehand. */
export const approvalGrains = ['call', 'arguments', 'program', 'granted'] as const;
export type ApprovalGrain = (typeof approvalGrains)[number];

/** Who answers: a script that says yes and is taken to need a stated time, or a person. */
export const approverKinds = ['script', 'person'] as const;
export type ApproverKind = (typeof approverKinds)[number];

/**
 * What goes wrong with one call, and is over when it is made again.
 *
 * - `error`: the tool answers with an error of its own, and has done nothing.
 * - `protocol`: a JSON-RPC error, and nothing was done.
 * - `busy`: a refusal like HTTP 429, and nothing was done.
 * - `timeout`: the call took effect, and its answer never came.
 * - `dropped`: the call took effect, the connection broke before its answer came, and the server was started again.
 * - `slow`: the answer comes late.
 * - `cut`: only the first half of the answer comes, as text.
 */
export const passingFaults = ['error', 'protocol', 'busy', 'timeout', 'dropped', 'slow', 'cut'] as const;

/**
 * What is wrong with a tool in the whole run: a field of its results has another name than before (`renamed`), or it no longer
 * declares what it returns (`schemaless`).
 */
const lastingFaults = ['renamed', 'schemaless'] as const;

export const faultKinds = [...passingFaults, ...lastingFaults] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Whether a call meets one passing fault at most: their shares sum to no more than 1. */
export function faultRatesFit(rates: Partial<Record<FaultKind, number>>): boolean {
  return passingFaults.reduce((sum, kind) => sum + (rates[kind] ?? 0), 0) <= 1;
}

/** What is said where they sum to more. */
export const tooManyFaults = `The rates of ${passingFaults.join(', ')} sum to more than 1.`;

/** How a program learns of a tool's error: it is thrown, or returned as `{ error }`, which a program may overlook. */
export const errorForms = ['exceptions', 'values'] as const;

/** What a verdict weighs by: USD with caching, billed tokens, or seconds of modelled model time. */
export const measures = ['cost', 'tokens', 'latency'] as const;
export type Measure = (typeof measures)[number];
