/** Shorter texts are asked about each time: to keep and compare them costs more than it saves. */
const longText = 1024 * 1024;

/**
 * The same function of a text, which keeps its last answer for one of a million characters or more. Each trial of a run gets the
 * same results and asks the same of them, and reading a million keys takes over a second. `more` is compared as well.
 */
export function rememberLong<Answer>(
  find: (text: string, more: string) => Answer,
): (text: string, more?: string) => Answer {
  let last: { text: string; more: string; answer: Answer } | undefined;
  return (text, more = '') => {
    if (text.length < longText) return find(text, more);
    if (last?.text !== text || last.more !== more) last = { text, more, answer: find(text, more) };
    return last.answer;
  };
}
