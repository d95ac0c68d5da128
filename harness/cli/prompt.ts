import { UsageError } from '../errors.ts';
import type { ApprovalGrain } from '../results/codes.ts';
import { type ApprovalSettings, type Approver, approvalRulesOf, type Question } from '../tools/approvals.ts';
import { showMessage } from '../visible.ts';
import type { Options } from './add-options.ts';
import { type Io, isCi, tell } from './io.ts';

/** Standard input ended before there was an answer. */
export class NoAnswer extends UsageError {
  override name = 'NoAnswer';
}

/** Asks a person line by line. */
export type Prompt = {
  /** The answer, or the fallback where that is empty. Throws `NoAnswer` where standard input ends. */
  ask(question: string, fallback?: string): Promise<string>;
  say(text: string): void;
  close(): Promise<void>;
};

/**
 * Questions go to standard error; answers come from standard input, which keeps the process alive only while one is awaited.
 * `insteadOfIt` says what to give a command that cannot ask.
 */
export function createPrompt(io: Io, insteadOfIt: string): Prompt {
  const { stdin, stderr } = io;
  const chunks = stdin?.[Symbol.asyncIterator]();
  let held = '';
  const readLine = async (): Promise<string | undefined> => {
    for (;;) {
      const end = held.indexOf('\n');
      if (end >= 0) {
        const line = held.slice(0, end);
        held = held.slice(end + 1);
        return line.trim();
      }
      stdin?.ref?.();
      const next = await chunks?.next();
      stdin?.unref?.();
      if (!next || next.done) return undefined;
      held += next.value.toString();
    }
  };
  return {
    say: (text) => tell(io, showMessage(text)),
    async ask(question, fallback = '') {
      stderr.write(`${showMessage(question)}${fallback === '' ? '' : ` [${fallback}]`} `);
      const line = await readLine();
      if (line === undefined) throw new NoAnswer(`\nThere was no answer. ${insteadOfIt}`);
      return line === '' ? fallback : line;
    },
    async close() {
      await chunks?.return?.();
    },
  };
}

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
