import { isDeepStrictEqual } from 'node:util';
import type { GradeContext, Grader } from './scenario.ts';

/** A change that a task asks for: the fields that must differ afterwards, with their new values. */
export type ExpectedUpdate = { entity: string; id: string; fields: Record<string, unknown> };

/**
 * Grades what became of a mock server's data: exactly the expected updates and nothing else. A field that was to change and
 * did not, one that changed besides (those in `derived` excepted), and a record that should have been left alone are all wrong.
 */
export function stateUpdates(options: {
  server: string;
  expected: (context: GradeContext) => ExpectedUpdate[];
  /** Fields that the server computes itself. */
  derived?: string[];
}): Grader {
  return {
    name: `state of ${options.server}`,
    grade(context) {
      const changes = context.states[options.server]?.changes ?? [];
      const expected = options.expected(context);
      const outstanding = new Map(expected.map((update) => [`${update.entity} ${update.id}`, update]));
      for (const { operation, entity, id, before = {}, after = {} } of changes) {
        const key = `${entity} ${id}`;
        const update = outstanding.get(key);
        if (operation !== 'update' || !update) {
          return { correct: false, reason: `Not asked for: ${operation} ${key}.` };
        }
        const want: Record<string, unknown> = { ...before, ...update.fields };
        const wrong = Object.keys({ ...before, ...after, ...update.fields }).find(
          (field) => !options.derived?.includes(field) && !isDeepStrictEqual(after[field], want[field]),
        );
        if (wrong !== undefined) {
          return { correct: false, reason: `${key}: ${wrong} is not what it should be afterwards.` };
        }
        outstanding.delete(key);
      }
      const [missing] = outstanding.keys();
      return missing === undefined
        ? { correct: true, reason: `All ${expected.length} changes were made, and no other.` }
        : {
            correct: false,
            reason: `${outstanding.size} of ${expected.length} changes were not made, such as ${missing}.`,
          };
    },
  };
}
