import { parse } from 'acorn';

/** Longer texts are left to the child and its limits: the parser's check for names declared twice takes quadratic time. */
const mostChars = 8 * 1024;

/**
 * Whether a program's text means the same with and without types, so that the type stripper (70 ms of a child's start) is not
 * needed. What is JavaScript but could be TypeScript with type arguments, such as `f<a>(b)`, is not plain.
 */
export function isPlainJavaScript(source: string): boolean {
  if (source.length > mostChars || hasAngleBrackets(source)) return false;
  try {
    parse(`async function program() {\n${source}\n}`, { ecmaVersion: 'latest', sourceType: 'module' });
    return true;
  } catch {
    // Types, a mistake that the child words, or nested too deeply.
    return false;
  }
}

/** Whether something may stand in angle brackets, as type arguments do; `=>` closes none. Linear in any text. */
function hasAngleBrackets(source: string): boolean {
  const opened = source.indexOf('<');
  return opened >= 0 && /[^=]>/.test(source.slice(opened));
}
