/*
 * Approvals: calls that somebody must allow before they are made.
 *
 * One approval is one question that is put to the approver, with its answer. What the answer covers is the grain:
 *
 * - `call`: the call that is shown, and no other.
 * - `arguments`: all calls of that tool whose named arguments have the same values. Without names, all calls of the tool.
 * - `program`: all calls of the program that reached the call, which is one use of `run_code`. A call that the model makes
 *   itself is in no program, so that each is asked for.
 * - `granted`: all calls. It is asked once, before the model is.
 *
 * An answer holds until its trial ends, a no as well: what it covers is not asked again. Calls that no answer covers wait for
 * one, in the order in which they were asked for. A call whose answer is no is not made, and its trial has failed.
 *
 * Calls that the policy refuses are not asked for. Calls that are tried to find a schedule need no approval: they are made on
 * mock servers alone.
 */
import { unlessAborted } from '../errors.ts';
import { canonicalJson, ownMember } from '../json.ts';
import type { ApprovalGrain, ApproverKind, Caller } from '../results/codes.ts';
import type { ApprovalReport } from '../results/world.ts';
import type { TrialAudit } from './audit/trial-audit.ts';
import type { Tool } from './mcp/surface.ts';
import { type Decision, explainWrite, type MeasuredArguments } from './policy.ts';
import type { Recorder } from './recorder.ts';

/** Which calls a scenario wants approved, and what one approval covers. */
export type ApprovalRules = {
  per: ApprovalGrain;
  /** The tools, by server, each with the arguments that make calls alike; without it, all that are not plainly read-only. */
  tools?: Record<string, Record<string, readonly string[]>> | undefined;
  /** How long a script is taken to need for one answer, in milliseconds. */
  latencyMs: number;
};

/** What somebody is asked: it shows what is about to be done. */
export type Question = {
  trial: string;
  per: ApprovalGrain;
  /** What it covers, such as `crm.untag_contact`. */
  tools: readonly string[];
  /** Arguments of the call that waits, as JSON; none beforehand. */
  arguments?: string;
  /** The program that makes it. */
  program?: string;
};

/** Who answers: true where it may be done. Rejects where there can be no answer. */
export type Approver = { by: ApproverKind; ask(question: Question, signal: AbortSignal): Promise<boolean> };

/** Says yes to all: what the scenario's own tools are asked for is what it wants done. */
export const scriptedApprover: Approver = { by: 'script', ask: async () => true };

/** What a run says of approvals, beside its scenarios. */
export type ApprovalSettings = {
  /** What one approval covers in all workflows that write, whether or not they say so. */
  per?: ApprovalGrain | undefined;
  /** Who answers; a script that says yes unless told otherwise. */
  approver?: Approver | undefined;
};

/** What a script is taken to need for an answer where a scenario does not say, in milliseconds: an assumption. */
export const usualLatencyMs = 10_000;

/** The rules that hold for a scenario; undefined where nothing that it does needs an approval. */
export function approvalRulesOf(
  { approvals, writes }: { approvals?: ApprovalRules | undefined; writes: boolean },
  { per }: ApprovalSettings = {},
): ApprovalRules | undefined {
  if (approvals) return { ...approvals, ...(per && { per }) };
  return per && writes ? { per, latencyMs: usualLatencyMs } : undefined;
}

/** A program under way: what it says, and how it is stopped while somebody is asked. */
export type CallingProgram = { source: string; pause(): () => void };

/** A call that waits for an approval. */
type WaitingCall = {
  call: number;
  tool: Tool;
  args: Record<string, unknown>;
  measured: MeasuredArguments;
  caller: Caller;
  program: CallingProgram | undefined;
};

type Answer = { approval: number; approved: boolean };

/** Opens the approvals of a trial. `onWait` is told what a script is taken to have needed, in milliseconds. */
export function createApprovals(
  { per, tools, latencyMs }: ApprovalRules,
  about: {
    trial: string;
    approver: Approver;
    audit: Pick<TrialAudit, 'answered'>;
    recorder: Pick<Recorder, 'record'>;
    onWait?: (ms: number) => void;
  },
) {
  const { trial, approver, audit, recorder, onWait } = about;
  const { by } = approver;
  const answers = new Map<unknown, Promise<Answer>>();
  let line: Promise<unknown> = Promise.resolve();
  let failure: string | undefined;
  const report: ApprovalReport = {
    ...{ per, by, asked: 0, refused: 0, calls: 0, waitMs: 0 },
    measured: { waitMs: 0 },
  };

  const put = async (
    question: Omit<Question, 'trial' | 'per'>,
    signal: AbortSignal,
    waiting?: WaitingCall,
  ): Promise<Answer> => {
    report.asked += 1;
    const approval = report.asked;
    const began = performance.now();
    const approved = await unlessAborted(approver.ask({ trial, per, ...question }, signal), signal);
    const ms = Math.round(performance.now() - began);
    if (!approved) report.refused += 1;
    report.measured.waitMs += ms;
    if (by === 'script') {
      report.waitMs += latencyMs;
      onWait?.(latencyMs);
    }
    const answer = {
      ...{ approval, per, by, approved, tools: [...question.tools] },
      ...(waiting && { call: waiting.call }),
      measured: { ms },
    };
    audit.answered(answer, waiting?.caller);
    recorder.record({ event: 'approval', ...answer });
    return { approval, approved };
  };
  /** One question at a time, whoever asks. */
  const ask = (...question: Parameters<typeof put>): Promise<Answer> => {
    const answer = line.then(() => put(...question));
    line = answer.catch(() => undefined);
    return answer;
  };
  const named = new Map<string, readonly string[]>();
  for (const [server, own] of Object.entries(tools ?? {}))
    for (const [name, alike] of Object.entries(own)) named.set(`${server}.${name}`, alike);
  /** What calls have in common that one answer covers; undefined where it covers one alone. */
  const keyOf = ({ tool, args, program }: WaitingCall): unknown => {
    if (per === 'granted') return per;
    if (per === 'program') return program;
    if (per === 'call') return undefined;
    const values = (named.get(nameOf(tool)) ?? []).map((name) => [name, ownMember(args, name) ?? null]);
    return canonicalJson([tool.server, tool.name, values]);
  };
  return {
    /** Asks for what is granted beforehand, where that is the grain. */
    async begin(signal: AbortSignal) {
      if (per !== 'granted') return;
      const answer = ask({ tools: tools ? [...named.keys()] : ['all that write'] }, signal);
      answers.set(per, answer);
      await answer;
    },
    isNeeded: (tool: Tool) => (tools ? named.has(nameOf(tool)) : explainWrite(tool) !== undefined),
    /** Decides on a call by an answer that covers it, and asks for one where there is none. */
    async decide(waiting: WaitingCall, signal: AbortSignal): Promise<Decision> {
      const { tool, measured, program } = waiting;
      const name = nameOf(tool);
      const key = keyOf(waiting);
      const question = {
        tools: [name],
        ...(measured.json !== undefined && { arguments: measured.json }),
        ...(program && { program: program.source }),
      };
      const answer = answers.get(key) ?? ask(question, signal, waiting);
      if (key !== undefined) answers.set(key, answer);
      const { approval, approved } = await answer;
      if (approved) {
        report.calls += 1;
        return { allowed: true, reason: `approval ${approval}`, approval };
      }
      failure ??= `${name} was not approved: the answer to approval ${approval} was no. A call that is not approved fails its trial.`;
      return { allowed: false, code: 'not_approved', reason: `refused: ${name} was not approved`, approval };
    },
    report: () => structuredClone(report),
    /** Why the trial has failed, where a call was not approved. */
    failure: () => failure,
  };
}

export type Approvals = ReturnType<typeof createApprovals>;

function nameOf({ server, name }: Tool): string {
  return `${server}.${name}`;
}
