import type { Verdict } from '../harness/run/summary.ts';
import { comparedBy } from '../harness/verdict/verdict-schema.ts';
import { amount } from './measure-words.ts';
import type { Table } from './text/markup.ts';
import { number } from './text/numbers.ts';

/** Why one side takes less, by cause, and what code takes besides; empty where nothing could be compared. */
export function explainMargin(verdict: Verdict): string[] {
  return [...mechanismLine(verdict), ...extraLine(verdict)];
}

/** What had been expected before it was measured, as a sentence; empty where nothing had. */
export function describeExpectation({ predicted, pattern }: Verdict): string {
  if (predicted === undefined) return '';
  return predicted === pattern
    ? `Expected beforehand: ${predicted}.`
    : `Expected beforehand was ${predicted}.`;
}

function mechanismLine(verdict: Verdict): string[] {
  const { mechanism, by } = verdict;
  const variants = comparedBy(verdict);
  if (!mechanism || !variants) return [];
  const { definitions, payload, roundTrips, writing, fixed, remainder, total, resent } = mechanism;
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${amount(Math.abs(value), by)}`;
  const parts: [string, number][] = [
    ['definitions', definitions],
    ['payload', payload],
    ['round trips', roundTrips],
    ['writing', writing],
    ['instructions and framing', fixed],
    ['unexplained', remainder],
  ];
  const shown = parts
    .filter(([, value]) => Math.abs(value) >= Math.abs(total) * 0.005)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    // Parts of what is saved, or of what it costs more.
    .map(([name, value]) => `${name} ${signed(total >= 0 ? value : -value)}`);
  const sent = Object.entries(resent).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))[0];
  const most =
    sent && Math.abs(sent[1]) > 0
      ? ` (what is sent again is mostly ${sent[0] === 'other' ? 'instructions, calls and programs' : sent[0]})`
      : '';
  const outcome = total >= 0 ? `saves ${amount(total, by)}` : `costs ${amount(-total, by)} more`;
  const hypothetical = mechanism.hypothetical ? ', against what would have been billed with no window' : '';
  return [`Why: ${variants.code} ${outcome}${hypothetical}: ${shown.join(', ')}${most}.`];
}

function extraLine(verdict: Verdict): string[] {
  const { extra, flips, pattern, by } = verdict;
  const variants = comparedBy(verdict);
  if (!extra || !variants) return [];
  const change = (value: number, unit: string) =>
    `${value >= 0 ? '+' : '−'}${Math.abs(value).toLocaleString('en-US', { maximumFractionDigits: 1 })}${unit}`;
  // Where code is recommended, what its failures cost stands with what would flip that.
  const failure =
    flips?.failedPrograms && pattern !== 'code'
      ? ` A program that fails costs about ${amount(flips.failedPrograms.each, by)} more.`
      : '';
  return [
    `What ${variants.code} takes besides: ${change(extra.latencySeconds, ' s')} modelled model time, ${change(extra.outputTokens, '')} output tokens, ${change(extra.discoveryTokens, '')} tokens of discovery, ${(extra.measured.sandboxMs / 1000).toFixed(2)} s in the sandbox (measured).${failure}`,
  ];
}

/** The five criteria by which people choose, as they were measured. */
export function criteriaTable({
  tools,
  steps,
  resultSize,
  determinism,
  traceability,
}: NonNullable<Verdict['criteria']>): Table {
  const both = ({ classic, code }: { classic: number; code: number }) => [number(classic), number(code)];
  return {
    headings: ['criterion', 'measured', 'classic', 'code'],
    align: ['l', 'l', 'r', 'r'],
    rows: [
      [
        'number of tools',
        `${number(tools.listed)} listed; tokens to know them`,
        ...both(tools.definitionTokens),
      ],
      [
        'steps',
        `${number(steps.toolCalls)} calls, ${steps.looks} looks at results in between; round trips`,
        ...both(steps.roundTrips),
      ],
      [
        'size of results',
        `${resultSize.bytesPerResult === null ? 'no results' : `${number(resultSize.bytesPerResult)} bytes each`}; tokens shown to the model`,
        ...both(resultSize.tokensShown),
      ],
      ['determinism', 'decisions left to the model', ...both(determinism.modelDecisions)],
      ['traceability', 'calls that stand in the conversation', ...both(traceability.callsInConversation)],
    ],
  };
}
