import { createReplace, formsOf, markOf, type Redact, type Secret } from './secrets.ts';

/** Puts marks in the place of secrets, and back. */
export type StandIns = {
  /** A text without secrets. The same text and the same places of secrets always give the same result. */
  hide: Redact;
  /** The text that was hidden; where a secret has another value by now, with that value. */
  reveal(text: string): string;
};

/** How a text that looks like a mark is written, so that no server can have a secret put in by writing its mark. */
const markStart = '[redacted: ';
const writtenStart = '[redacted: as written]';

/**
 * Stand-ins for secrets, each with a mark of its own for every form in which it may be written. Undefined where there are
 * none. The beginning of a secret before a cut is hidden for good.
 */
export function createStandIns(secrets: readonly Secret[]): StandIns | undefined {
  const marks = new Map<string, string>();
  const texts = new Map<string, string>();
  for (const { value, place } of secrets) {
    if (marks.has(value)) continue;
    let label = '';
    for (let n = 2; texts.has(markOf(place, label)); n += 1) label = ` ${n}`;
    for (const [index, form] of formsOf(value).entries()) {
      if (marks.has(form)) continue;
      const mark = markOf(place, index === 0 ? label : `${label}, form ${index + 1}`);
      marks.set(form, mark);
      texts.set(mark, form);
    }
  }
  const replace = createReplace(marks, (mark) =>
    mark.replace(markStart, `${markStart}beginning of `).replace(/, form \d+/, ''),
  );
  if (!replace) return undefined;
  texts.set(writtenStart, markStart);
  return {
    // The mark of a secret's beginning stands for nothing, so it may be written by anyone, and again.
    hide: (text) => replace(text.replaceAll(/\[redacted: (?!beginning of )/g, writtenStart)),
    reveal: (text) => text.replaceAll(/\[redacted: [^\]]*\]/g, (mark) => texts.get(mark) ?? mark),
  };
}
