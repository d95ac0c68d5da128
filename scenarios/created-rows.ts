import { isDeepStrictEqual } from 'node:util';
import type { GradeContext, Grader } from '../harness/scenario/scenario.ts';

type Row = { entity: string; fields: Record<string, unknown> };

/**
 * Grades what became of a mock server's data: exactly these rows were added, each once, and nothing else was changed. Fields that
 * are not named may have any value, such as an id that the server gives.
 */
export function createdRows(server: string, expected: (context: GradeContext) => Row[]): Grader {
  return {
    name: `rows added to ${server}`,
    grade(context) {
      const missing = expected(context);
      for (const { operation, entity, id, after = {} } of context.states[server]?.changes ?? []) {
        const place = missing.findIndex(
          (row) => operation === 'create' && row.entity === entity && has(after, row),
        );
        if (place < 0) return { correct: false, reason: `Not asked for: ${operation} ${entity} ${id}.` };
        missing.splice(place, 1);
      }
      const [first] = missing;
      if (first === undefined)
        return { correct: true, reason: 'What was to be added was added, and nothing else.' };
      return { correct: false, reason: `${missing.length} rows were not added, such as a ${first.entity}.` };
    },
  };
}

function has(after: Record<string, unknown>, { fields }: Row): boolean {
  return Object.entries(fields).every(([name, value]) => isDeepStrictEqual(after[name], value));
}
