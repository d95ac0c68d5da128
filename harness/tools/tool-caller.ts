import { hash } from 'node:crypto';
import type { Caller, RefusalCode } from '../results/codes.ts';
import { mostTracedArgumentBytes } from '../results/trace.ts';
import type { Approvals, CallingProgram } from './approvals.ts';
import type { TrialAudit } from './audit/trial-audit.ts';
import { isLost } from './faults.ts';
import type { Connections } from './mcp/connections.ts';
import type { Tool, ToolResult } from './mcp/surface.ts';
import { type MeasuredArguments, measureArguments, type Policy } from './policy.ts';
import type { Recorder } from './recorder.ts';

/** Makes one call for the model or a program of it. */
export type CallTool = (
  tool: Tool,
  args: Record<string, unknown>,
  caller: Caller,
  signal: AbortSignal,
  program?: CallingProgram,
) => Promise<ToolResult>;

/** What a tool caller works with. */
export type ToolCallerParts = {
  connections: Pick<Connections, 'call'>;
  recorder: Pick<Recorder, 'record'>;
  policy: Policy;
  /** Who must approve calls; without it, nobody is asked. */
  approvals?: Pick<Approvals, 'isNeeded' | 'decide'> | undefined;
  audit: Pick<TrialAudit, 'called' | 'written' | 'ended'>;
};

/** The one way to a server, the same for both patterns: every call is decided on, logged, recorded and timed here. */
export function createToolCaller(parts: ToolCallerParts) {
  const { connections, recorder, policy, approvals, audit } = parts;
  const refused: Partial<Record<RefusalCode, number>> = {};
  let [asked, calls, again] = [0, 0, 0];
  const busy = { any: createBusyTime(), program: createBusyTime() };
  let fault: unknown;
  /** Notes how a call ended. */
  const noteEnd = (call: number, result: ToolResult | undefined, signal: AbortSignal, measuredMs: number) => {
    const ms = Math.round(measuredMs * 1000) / 1000;
    const bytes = result ? Buffer.byteLength(result.text) : 0;
    const sha256 = result && hash('sha256', result.text);
    const attempts = result?.attempts;
    audit.ended(call, { outcome: outcomeOf(result, signal), bytes, sha256, ms, attempts });
    if (!result || !sha256) return;
    const { isError, fault: met } = result;
    recorder.record({
      event: 'tool_result',
      ...{ call, isError },
      ...(met && { fault: met }),
      ...(attempts !== undefined && { attempts }),
      ...{ bytes, sha256, measured: { ms } },
    });
  };
  /** The same, after the program that waits for the result has continued, so that taking notes delays no program. */
  const noteEndLater = (...end: Parameters<typeof noteEnd>) =>
    process.nextTick(() => {
      try {
        noteEnd(...end);
      } catch (error) {
        fault ??= error;
      }
    });
  const callTool: CallTool = async (tool, args, caller, signal, program) => {
    if (fault !== undefined) throw fault;
    const call = ++asked;
    const measured = measureArguments(args);
    let decision = policy.decide(tool, args, measured);
    const about = { call, server: tool.server, tool: tool.name, caller: nameOf(caller) };
    const waits = decision.allowed && approvals?.isNeeded(tool) ? approvals : undefined;
    // Until this call is under way: later ones of the program must not overtake it.
    const resume = waits && program?.pause();
    let traceparent: string;
    try {
      if (waits) decision = await waits.decide({ call, tool, args, measured, caller, program }, signal);
      // A call that cannot be logged is not made.
      traceparent = audit.called({ call, tool, caller, arguments: measured, decision });
      await audit.written();
    } finally {
      resume?.();
    }
    if (!decision.allowed) {
      const { code, reason } = decision;
      refused[code] = (refused[code] ?? 0) + 1;
      recorder.record({ event: 'tool_refused', ...about, code, reason, ...traced(args, measured) });
      return { isError: true, text: reason, isJson: false };
    }
    if (signal.aborted) {
      noteEnd(call, undefined, signal, 0);
      throw signal.reason;
    }
    recorder.record({ event: 'tool_call', ...about, ...traced(args, measured) });
    calls += 1;
    const started = performance.now();
    const clocks = caller.kind === 'program' ? [busy.any, busy.program] : [busy.any];
    for (const clock of clocks) clock.begin(started);
    let result: ToolResult | undefined;
    try {
      result = await connections.call(tool, args, signal, traceparent);
      again += (result.attempts ?? 1) - 1;
      return result;
    } finally {
      const ended = performance.now();
      for (const clock of clocks) clock.end(ended);
      const note = caller.kind === 'program' ? noteEndLater : noteEnd;
      note(call, result, signal, ended - started);
    }
  };
  return {
    callTool,
    /** Calls that were made; refused ones were not. */
    calls: () => calls,
    /** How often calls were sent again, where servers asked for input in between. */
    sentAgain: () => again,
    /** Calls that the policy did not let through, by code. */
    refusals: () => ({ ...refused }),
    /** Milliseconds in which at least one call was under way: of any caller, or of programs alone. */
    busyMs: (of: 'any' | 'program') => busy[of].ms(),
    /** Throws what went wrong when the end of a call was noted; to be asked when all calls have ended. */
    finish() {
      if (fault !== undefined) throw fault;
    },
  };
}

export type ToolCaller = ReturnType<typeof createToolCaller>;

/** A call's arguments as a trace has them. */
function traced(args: Record<string, unknown>, { json, bytes }: MeasuredArguments) {
  if (json === undefined) return {};
  if (bytes <= mostTracedArgumentBytes) return { arguments: args };
  return { argumentsCut: { bytes, sha256: hash('sha256', json), beginning: json.slice(0, 1_000) } };
}

/** Sums up the milliseconds in which at least one of several calls was under way; times are of `performance.now()`. */
function createBusyTime() {
  let [underWay, since, total] = [0, 0, 0];
  return {
    begin(at: number) {
      if (underWay === 0) since = at;
      underWay += 1;
    },
    end(at: number) {
      underWay -= 1;
      if (underWay === 0) total += at - since;
    },
    ms: () => total,
  };
}

function outcomeOf(result: ToolResult | undefined, signal: AbortSignal) {
  if (result?.fault && isLost(result.fault)) return 'failed';
  if (result) return result.isError ? 'tool_error' : 'ok';
  return signal.aborted ? 'cancelled' : 'failed';
}

function nameOf(caller: Caller): string {
  return caller.kind === 'model' ? 'model' : `program ${caller.sha256.slice(0, 12)}`;
}
