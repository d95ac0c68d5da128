import type { Grades } from '../grade/grade.ts';
import type { RequestBill } from '../meter/ledger.ts';
import type { Overflow } from '../meter/meter.ts';
import type { MessageParam, ModelResponse, ToolParam } from '../model/model.ts';
import type { Outcome, ProgramReport } from '../patterns/pattern.ts';
import type { RefusalCode } from '../policy/refusal-codes.ts';

/**
 * One event of a trial. The request of every round trip can be rebuilt exactly: the first carries the system prompt and
 * the tools, each carries the messages that were added since the one before and where the cache breakpoints stand. What was
 * measured is under `measured`; all else of a scripted trial is the same in every run.
 */
export type TraceEvent =
  | {
      event: 'trial_started';
      scenario: string;
      params: Record<string, unknown>;
      variant: string;
      model: string;
      evidence: string;
      repeat: number;
      seed: number;
    }
  | {
      event: 'server_connected';
      server: string;
      implementation: { name: string; version: string };
      tools: number;
    }
  | {
      event: 'request';
      roundTrip: number;
      model: string;
      maxTokens: number;
      thinking?: unknown;
      system?: unknown;
      tools?: ToolParam[];
      /** Messages added since the request before, without their cache breakpoints. */
      appended: MessageParam[];
      /** Index of each message whose last block carries a cache breakpoint. */
      cacheBreakpoints: number[];
    }
  /** A request to a provider failed for a passing reason and is made again; no usage was reported for it. */
  | { event: 'retry'; attempt: number; kind: string; reason: string; measured: { delayMs: number } }
  | { event: 'response'; roundTrip: number; response: ModelResponse; measured: { ms: number } }
  /** What follows in this trace is hypothetical: what the job would have been with no window. */
  | ({ event: 'context_overflow' } & Overflow)
  | { event: 'billed'; roundTrip: number; bill: RequestBill }
  | {
      event: 'tool_call';
      call: number;
      server: string;
      tool: string;
      caller: string;
      arguments: Record<string, unknown>;
    }
  /** A call that the policy did not let through; the caller was told the reason. */
  | {
      event: 'tool_refused';
      call: number;
      server: string;
      tool: string;
      caller: string;
      code: RefusalCode;
      reason: string;
      /** Absent where they are nested too deeply to be written. */
      arguments?: Record<string, unknown>;
    }
  | {
      event: 'tool_result';
      call: number;
      isError: boolean;
      bytes: number;
      sha256: string;
      measured: { ms: number };
    }
  | ({ event: 'program' } & ProgramReport)
  | { event: 'outcome'; outcome: Outcome }
  | ({ event: 'graded' } & Grades);
