import { UsageError } from '../errors.ts';
import { showMessage } from '../visible.ts';
import { type Io, tell } from './io.ts';

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
