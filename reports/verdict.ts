import { markdownTable } from 'markdown-table';
import type { Verdict } from '../harness/run/summary.ts';
import type { ItemFlip, Measure } from '../harness/verdict/verdict-schema.ts';
import { amount } from '../harness/verdict/wording.ts';
import { inline } from './inline.ts';

/** What stands behind a verdict, as Markdown: in plain words, why, what would turn it, and the five criteria. */
export function explainVerdict(verdict: Verdict): string[] {
  const lines = [
    ...(verdict.summary ? [`In plain words: ${verdict.summary}`] : []),
    ...mechanismLine(verdict),
    ...extraLine(verdict),
    ...flipLines(verdict),
  ];
  return [
    ...(lines.length > 0 ? [lines.map((line) => `- ${line}`).join('\n')] : []),
    ...(verdict.criteria ? [criteriaTable(verdict.criteria)] : []),
  ];
}

function mechanismLine({ mechanism, by = 'cost', variants }: Verdict): string[] {
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
  const most = sent && Math.abs(sent[1]) > 0 ? ` (what is sent again is mostly ${sent[0]})` : '';
  const outcome = total >= 0 ? `saves ${amount(total, by)}` : `costs ${amount(-total, by)} more`;
  const hypothetical = mechanism.hypothetical ? ', against what would have been billed with no window' : '';
  return [`Why: ${variants.code} ${outcome}${hypothetical}: ${shown.join(', ')}${most}.`];
}

function extraLine({ extra, variants }: Verdict): string[] {
  if (!extra || !variants) return [];
  const change = (value: number, unit: string) =>
    `${value >= 0 ? '+' : '−'}${Math.abs(value).toLocaleString('en-US', { maximumFractionDigits: 1 })}${unit}`;
  return [
    `What ${variants.code} takes besides: ${change(extra.latencySeconds, ' s')} modelled model time, ${change(extra.outputTokens, '')} output tokens, ${change(extra.discoveryTokens, '')} tokens of discovery, ${(extra.measured.sandboxMs / 1000).toFixed(2)} s in the sandbox (measured).`,
  ];
}

function flipLines({ flips, by = 'cost', pattern }: Verdict): string[] {
  if (!flips) return [];
  const { uncached, warmPrefix, otherTokenizer, bytesPerResult, overheadSeconds, failedPrograms } = flips;
  const turned = (what: string, at: { pattern: string; ratio: number } | undefined) =>
    at ? [`${what}: ${at.pattern} (code takes ${at.ratio} of classic)`] : [];
  const bytes = (value: number) => `${value.toLocaleString('en-US')} bytes`;
  const turns = [
    ...turned('without caching', uncached),
    ...turned('with a warm prefix', warmPrefix),
    ...turned(`counted with the ${otherTokenizer?.method}`, otherTokenizer),
    ...(bytesPerResult
      ? [
          bytesPerResult.at === null
            ? `at any size of results the same side leads (now ${bytes(bytesPerResult.now)} each)`
            : `equal at ${bytes(bytesPerResult.at)} a result (now ${bytes(bytesPerResult.now)})`,
        ]
      : []),
    ...(overheadSeconds
      ? [
          overheadSeconds.at === null
            ? 'whichever is faster stays so at any model overhead'
            : `equally fast at ${overheadSeconds.at} s of overhead a round trip (now ${overheadSeconds.now} s)`,
        ]
      : []),
  ];
  // Where classic takes less already, there is nothing for failures to use up.
  const afford =
    pattern === 'code' && failedPrograms
      ? `; code can afford ${failedPrograms.affordable.toLocaleString('en-US')} a run before classic takes less`
      : '';
  const failures = failedPrograms
    ? [`Failed programs: one costs about ${amount(failedPrograms.each, by)}${afford}.`]
    : [];
  return [
    ...(flips.items ? [itemLine(flips.items, by)] : []),
    ...(turns.length > 0 ? [`Under other assumptions: ${turns.join('; ')}.`] : []),
    ...failures,
  ];
}

/** At how many items another side leads, and which numbers were tried. */
function itemLine({ param, now, at, between, above, turns, tried }: ItemFlip, by: Measure): string {
  const [least = now, most = now] = [tried[0], tried.at(-1)];
  const items = (value: number) => `${number(value)} ${inline(param)}`;
  if (at === null || !between) {
    const leads = above === 'neither' ? 'neither is right' : `${above} leads`;
    return `By size: no flip between ${number(least)} and ${items(most)}; ${leads} at all that were tried (${tried.map(number).join(', ')}).`;
  }
  // Between neighbouring whole numbers nothing is left to interpolate.
  const about = between[1] - between[0] === 1 ? '' : 'about ';
  const leads =
    above === 'neither'
      ? 'neither is right'
      : turns === 'value'
        ? `${above} ${{ cost: 'is cheaper', tokens: 'takes fewer tokens', latency: 'is faster' }[by]}`
        : `${above} is the one to use`;
  const why = {
    value: '',
    window: ', since one of the two fits its context window on one side of that only',
    correctness: ', since one of the two is right on one side of that only',
  }[turns ?? 'value'];
  return `By size: ${leads} from ${about}${items(at)} on${why} (tried at ${between.map(number).join(' and ')}; now ${number(now)}).`;
}

function criteriaTable({
  tools,
  steps,
  resultSize,
  determinism,
  traceability,
}: NonNullable<Verdict['criteria']>): string {
  const both = ({ classic, code }: { classic: number; code: number }) => [number(classic), number(code)];
  return markdownTable(
    [
      ['criterion', 'measured', 'classic', 'code'],
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
    { align: ['l', 'l', 'r', 'r'] },
  );
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
