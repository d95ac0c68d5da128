import { cheaperCost, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { isControl } from '../../harness/results/codes.ts';
import { pointKey } from '../../harness/results/point.ts';
import { isMeasured } from '../../harness/results/reading.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { TraceEntry, Workflow } from './data.ts';
import { Packer } from './pack.ts';
import type { RunFiles } from './page.ts';
import { toTerms, toTrace } from './trace.ts';

type Trial = RunFiles['trials'][number];

/** Characters after which a text is cut, tried in this order until the trials that verdicts compare fit. */
const cuts = [Number.POSITIVE_INFINITY, 60_000, 12_000, 4_000, 1_000, 300];

/**
 * Puts traces into a page, in `mostBytes` of base64. The trials that verdicts compare come first, then as many others as there is
 * room for. Entries without blocks name those that were left out.
 */
export function chooseTraces(
  workflows: readonly Workflow[],
  files: RunFiles,
  mostBytes: number,
  before?: RunFiles,
): { workflows: Workflow[]; blocks: Buffer[] } {
  const points = [...new Set(files.summary.results.map(pointKey))];
  for (const cut of cuts) {
    const candidates = listCandidates(workflows, points, before ? [files, before] : [files]);
    const chosen = choose(workflows, candidates, { mostBytes, cut, mayLeaveOut: cut === cuts.at(-1) });
    if (chosen) return chosen;
  }
  return { workflows: [...workflows], blocks: [] };
}

type Candidate = {
  at: number;
  packer: Packer;
  files: RunFiles;
  isBefore: boolean;
  trial: Trial;
  isCompared: boolean;
};

function choose(
  workflows: readonly Workflow[],
  candidates: readonly Candidate[],
  { mostBytes, cut, mayLeaveOut }: { mostBytes: number; cut: number; mayLeaveOut: boolean },
): { workflows: Workflow[]; blocks: Buffer[] } | undefined {
  const filled: Workflow[] = workflows.map((workflow) => ({ ...workflow, traces: [] }));
  const blocks: Buffer[] = [];
  let bytes = 0;
  for (const { at, packer, files, isBefore, trial, isCompared } of candidates) {
    const workflow = filled[at] as Workflow;
    const events = files.traceOf(trial.result, trial.repeat);
    if (!events || !isOf(events, trial.result)) continue;
    const trace = toTrace(events, trial.result, toTerms(files.record));
    workflow.task ??= firstText(trace.trips[0]?.added[0]?.content);
    const entry = toEntry(trial, isBefore);
    workflow.traces.push(entry);
    const { block, needs, keep } = packer.pack(trace, cut);
    const size = Math.ceil(block.length / 3) * 4 + 60;
    if (bytes + size > mostBytes) {
      if (isCompared && !mayLeaveOut) return undefined;
      continue;
    }
    keep(blocks.length);
    bytes += size;
    entry.blocks = [...needs, blocks.length];
    blocks.push(block);
  }
  return { workflows: filled, blocks };
}

/**
 * All trials, what matters most first: the compared variants' first trials of all workflows, then first trials, then the rest.
 * Controls come last, and a trial of an earlier run after that of this one.
 */
function listCandidates(
  workflows: readonly Workflow[],
  points: readonly string[],
  runs: readonly RunFiles[],
): Candidate[] {
  const packers = workflows.map(() => new Packer());
  const candidates = runs.flatMap((files, run) => {
    const ended = Map.groupBy(files.trials, ({ result }) => pointKey(result));
    return workflows.flatMap(({ sides }, at): Candidate[] => {
      const compared = [sides.classic?.variant, sides.code?.variant];
      return (ended.get(points[at] ?? '') ?? []).map((trial) => ({
        at,
        packer: packers[at] as Packer,
        files,
        isBefore: run > 0,
        trial,
        isCompared: trial.repeat === 1 && compared.includes(trial.result.variant),
      }));
    });
  });
  const rank = ({ isCompared, isBefore, trial: { repeat, result } }: Candidate) =>
    (isCompared ? 0 : repeat + (isControl(result.variant) ? 1e6 : 0)) + (isBefore ? 0.5 : 0);
  return candidates.sort((a, b) => rank(a) - rank(b));
}

/** Whether a trace is that of a trial of these parameters: a folder keeps one of each name. */
function isOf(events: readonly { event: string }[], result: Result): boolean {
  const started = events.find(({ event }) => event === 'trial_started') as
    | { params?: Result['params'] }
    | undefined;
  return (
    started?.params === undefined ||
    pointKey({ scenario: result.scenario, params: started.params }) === pointKey(result)
  );
}

function toEntry({ repeat, result }: Trial, isBefore: boolean): TraceEntry {
  const { scenario, variant, pattern, correct } = result;
  const { costUsd, roundTrips } = wholeJob(result);
  const key = repeat === 1 ? variant : `${variant}.${repeat}`;
  return {
    ...(isBefore && { isBefore }),
    key: isBefore ? `before:${key}` : key,
    variant,
    pattern,
    repeat,
    right: isMeasured(result) ? correct === 1 : null,
    usd: cheaperCost(costUsd),
    roundTrips,
    file: `trials/${scenario}/${variant}/${repeat}.jsonl`,
  };
}

function firstText(content: string | { text?: string }[] | undefined): string {
  return typeof content === 'string' ? content : (content?.[0]?.text ?? '');
}
