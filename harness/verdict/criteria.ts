import type { Category } from '../results/codes.ts';
import type { Result } from '../run/summary.ts';
import { type Figures, wholeJob } from './measure.ts';
import type { Verdict } from './verdict-schema.ts';

/** The five criteria by which people choose a pattern, with what was measured for each. `looks`: steps but the first. */
export function measureCriteria(
  classic: Result,
  code: Result,
  looks: number,
): NonNullable<Verdict['criteria']> {
  const [direct, programmed] = [wholeJob(classic), wholeJob(code)];
  const both = (pick: (figures: Figures) => number) => ({ classic: pick(direct), code: pick(programmed) });
  const { toolCalls } = direct;
  return {
    tools: {
      listed: classic.tools,
      definitionTokens: both((figures) => once(figures, 'tool_definitions', 'discovery')),
    },
    steps: { toolCalls, roundTrips: both(({ roundTrips }) => roundTrips), looks },
    resultSize: {
      bytesPerResult:
        classic.resultBytes === undefined || toolCalls === 0
          ? null
          : Math.round(classic.resultBytes / toolCalls),
      tokensShown: both((figures) => once(figures, 'tool_results', 'program_output')),
    },
    determinism: { modelDecisions: { classic: toolCalls, code: code.programs } },
    traceability: { callsInConversation: { classic: toolCalls, code: 0 } },
  };
}

function once({ ledger }: Figures, ...categories: Category[]): number {
  return ledger
    .filter((row) => categories.includes(row.category))
    .filter((row) => row.direction === 'output' || row.history === 'new')
    .reduce((sum, { tokens }) => sum + tokens, 0);
}
