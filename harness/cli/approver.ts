import { UsageError } from '../errors.ts';
import type { ApprovalGrain } from '../results/codes.ts';
import { type ApprovalSettings, type Approver, approvalRulesOf, type Question } from '../tools/approvals.ts';
import type { Options } from './add-options.ts';
import { type Io, isCi } from './io.ts';
import { createPrompt, type Prompt } from './prompt.ts';

const instead = 'Let a script approve with --set approvals.by=script.';

/**
 * Who approves what in the workflows of a command. Throws a `UsageError` where a person is to be asked for one of them and there
 * is no terminal, as in CI: no call could be approved.
 */
export function approvalsOf(
  { approvalsPer: per, approvalsBy: by }: Pick<Options<'run'>, 'approvalsPer' | 'approvalsBy'>,
  scenarios: readonly Parameters<typeof approvalRulesOf>[0][],
  io: Io,
): ApprovalSettings {
  if (by === 'script') return { per };
  const isAsked = scenarios.some((scenario) => approvalRulesOf(scenario, { per }) !== undefined);
  if (isAsked && (isCi(io.env) || !io.stdin?.isTTY || !io.stderr.isTTY)) {
    throw new UsageError(
      `A person approves calls of these workflows, and there is no terminal to ask on. ${instead}`,
    );
  }
  return { per, approver: askPerson(io) };
}

/** Shows what is about to be done and asks for a yes or a no. */
function askPerson(io: Io): Approver {
  let prompt: Prompt | undefined;
  return {
    by: 'person',
    async ask(question) {
      // Standard input is left alone until there is something to ask.
      prompt ??= createPrompt(io, instead);
      prompt.say(`\n${show(question)}`);
      for (;;) {
        const answer = await prompt.ask(`${covers[question.per]} yes or no`, 'no');
        if (/^y(es)?$/i.test(answer)) return true;
        if (/^no?$/i.test(answer)) return false;
      }
    },
  };
}

const covers: Record<ApprovalGrain, string> = {
  call: 'Approve this call?',
  arguments: 'Approve this call and all that are like it?',
  program: 'Approve all calls of this program?',
  granted: 'Approve all such calls beforehand?',
};

function show({ trial, per, tools, arguments: args = '', program }: Question): string {
  const calls = tools.join(', ');
  if (per === 'granted') return `${trial} will call: ${calls}`;
  if (program === undefined) return `${trial} calls ${calls} ${args}`;
  const source = per === 'program' ? `\n\n${program}\n` : '';
  return `A program of ${trial} calls ${calls} ${args}${source}`;
}
