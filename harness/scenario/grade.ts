import { jsonAnswer } from './answer.ts';
import { askGrader, type TimeLimit } from './ask.ts';
import type { Grade, GradeContext, Scenario } from './scenario.ts';

/** What the graders of a trial said: right only if each of them says so. */
export type Grades = { correct: boolean; grades: ({ grader: string } & Grade)[] };

/**
 * Asks every grader of a scenario. Where the task asks for no changes, the mock servers' data must also be what it was: an
 * answer that is right but left damage is wrong. Throws a `ScenarioFault` where a grader throws or does not end.
 */
export async function grade(
  scenario: Scenario,
  context: GradeContext,
  timeLimit: TimeLimit,
): Promise<Grades> {
  const grades: Grades['grades'] = [];
  for (const grader of scenario.graders ?? [jsonAnswer()]) {
    grades.push({ grader: grader.name, ...(await askGrader(scenario, grader, context, timeLimit)) });
  }
  if (!scenario.writes) grades.push({ grader: 'state unchanged', ...unchanged(context) });
  return { correct: grades.every((each) => each.correct), grades };
}

function unchanged(context: GradeContext): Grade {
  const changes = Object.entries(context.states).flatMap(([server, state]) =>
    state.changes.map((change) => `${server}: ${change.operation} ${change.entity} ${change.id}`),
  );
  return changes.length === 0
    ? { correct: true, reason: 'No server data was changed.' }
    : {
        correct: false,
        reason: `The task asks for no changes, but there are ${changes.length}: ${changes[0]}.`,
      };
}
