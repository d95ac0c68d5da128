import type { ToolParam } from '../results/messages.ts';
import type { TokenCounter } from './token-counter.ts';

/** Shorter texts are not worth a definition of their own: a name, a type, a word. */
const fewestCharacters = 40;

/** Finds in each tool of a server what was said before, in the order in which the server lists its tools. */
type Repetitions = {
  /**
   * Tokens of a definition that repeat what an earlier place has said: whole schemas that stand earlier in the same tool, which
   * `$defs` would share; lists of allowed values; lines of descriptions. What is repeated is counted once, where it is whole.
   */
  measure(definition: ToolParam): number;
};

/** Remembers what one server has said; the first tool to say something does not repeat it. */
export function createRepetitions(counter: TokenCounter): Repetitions {
  const said = new Set<string>();
  return {
    measure(definition) {
      const schemas = new Set<string>();
      return [
        ...repeatedLines(definition.description ?? '', said),
        ...repeatedIn(definition.input_schema, schemas, said),
      ].reduce((sum, text) => sum + counter.count(text), 0);
    },
  };
}

function repeatedIn(value: unknown, schemas: Set<string>, said: Set<string>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => repeatedIn(each, schemas, said));
  const text = JSON.stringify(value);
  const holdsFields = 'properties' in value || 'items' in value;
  if (holdsFields && isRepeated(text, schemas)) return [text];
  return Object.entries(value).flatMap(([key, member]) => {
    if (key === 'description' && typeof member === 'string') return repeatedLines(member, said);
    if (key !== 'enum' || !Array.isArray(member)) return repeatedIn(member, schemas, said);
    const values = JSON.stringify(member);
    return isRepeated(values, said) ? [values] : [];
  });
}

function repeatedLines(text: string, said: Set<string>): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => isRepeated(line, said));
}

/** Whether it was seen before; from now on it was. */
function isRepeated(text: string, seen: Set<string>): boolean {
  if (text.length < fewestCharacters) return false;
  if (seen.has(text)) return true;
  seen.add(text);
  return false;
}
