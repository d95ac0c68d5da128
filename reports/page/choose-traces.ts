import { deflateRawSync } from 'node:zlib';
import { cheaperCost, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { isControl } from '../../harness/results/codes.ts';
import { pointKey } from '../../harness/results/point.ts';
import { isMeasured } from '../../harness/results/reading.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { TraceEvent } from '../../harness/results/trace.ts';
import {
  type Block,
  mapStrings,
  type PackedBlock,
  sharedMark,
  type Trace,
  type TraceEntry,
  type Workflow,
} from './data.ts';
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
  pack: ReturnType<typeof createPacker>;
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
  for (const { at, pack, files, isBefore, trial, isCompared } of candidates) {
    const workflow = filled[at] as Workflow;
    const events = files.traceOf(trial.result, trial.repeat);
    if (!events || !isOf(events, trial.result)) continue;
    const trace = toTrace(events, trial.result, toTerms(files.record));
    workflow.task ??= firstText(trace.trips[0]?.added[0]?.content);
    const entry = toEntry(trial, isBefore);
    workflow.traces.push(entry);
    const { block, needs, keep } = pack(trace, cut);
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
  const packers = workflows.map(createPacker);
  const candidates = runs.flatMap((files, run) => {
    const ended = Map.groupBy(files.trials, ({ result }) => pointKey(result));
    return workflows.flatMap(({ sides }, at): Candidate[] => {
      const compared = [sides.classic?.variant, sides.code?.variant];
      return (ended.get(points[at] ?? '') ?? []).map((trial) => ({
        at,
        pack: packers[at] as Candidate['pack'],
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
function isOf(events: readonly TraceEvent[], { scenario, params: own }: Result): boolean {
  const started = events.find((each) => each.event === 'trial_started');
  const params = (started?.params ?? own) as Result['params'];
  return pointKey({ scenario, params }) === pointKey({ scenario, params: own });
}

function toEntry({ repeat, result }: Trial, isBefore: boolean): TraceEntry {
  const { scenario, variant, pattern, correct } = result;
  const { costUsd, roundTrips } = wholeJob(result);
  const key = repeat === 1 ? variant : `${variant}.${repeat}`;
  return {
    isBefore: isBefore || undefined,
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

/** Shorter texts stay where they are. */
const leastShared = 120;

type Packed = { block: Buffer; needs: number[]; keep: (index: number) => void };

/**
 * Packs the traces of one workflow, in the order in which they are given; texts of messages are cut after `most` characters. Gives
 * the block of a trace, deflated, and the indexes of the earlier blocks that hold some of its texts. `keep` says where in the page
 * the block stands. Without it later blocks repeat its texts.
 */
function createPacker(): (trace: Trace, most: number) => Packed {
  const kept = new Map<string, { number: number; block: number }>();
  return (trace, most) => {
    const needs = new Set<number>();
    const first = kept.size;
    const own = new Map<string, number>();
    const share = (text: string): string => {
      if (text.length < leastShared && !text.startsWith(sharedMark)) return text;
      const known = kept.get(text);
      if (known) needs.add(known.block);
      const number = known?.number ?? own.get(text) ?? first + own.size;
      if (!known) own.set(text, number);
      return `${sharedMark}${number}`;
    };
    const packed = mapStrings(most === Number.POSITIVE_INFINITY ? trace : cutTexts(trace, most), share);
    const block: PackedBlock = { first, texts: [...own.keys()], trace: packed };
    return {
      block: deflateRawSync(JSON.stringify(block), { level: 9 }),
      needs: [...needs].sort((a, b) => a - b),
      keep: (index) => {
        for (const [text, number] of own) kept.set(text, { number, block: index });
      },
    };
  };
}

/** The trace with the long texts of its messages cut; `cutFrom` says how long they were. */
function cutTexts(trace: Trace, most: number): Trace {
  const shorten = (block: Block): Block => {
    if (block.text !== undefined && block.text.length > most) {
      return { ...block, text: block.text.slice(0, most).toWellFormed(), cutFrom: block.text.length };
    }
    return Array.isArray(block.content) ? { ...block, content: block.content.map(shorten) } : block;
  };
  return {
    ...trace,
    trips: trace.trips.map((trip) => ({
      ...trip,
      added: trip.added.map((message) =>
        Array.isArray(message.content) ? { ...message, content: message.content.map(shorten) } : message,
      ),
    })),
  };
}
