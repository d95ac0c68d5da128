import { resolve } from 'node:path';
import { toJson } from '../../reports/exporters.ts';
import { toComparisonMarkdown } from '../../reports/gate/decision.ts';
import { toPullRequest } from '../../reports/gate/pull-request.ts';
import { onScreen } from '../../reports/text/terminal.ts';
import { collect, findIncomplete } from '../analysis/gate/baseline.ts';
import { compare } from '../analysis/gate/compare-runs.ts';
import type { Baseline } from '../results/baseline.ts';
import type { Summary } from '../results/summary.ts';
import type { Outputs } from './add-options.ts';
import { type Io, screenFor, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { openRunFiles, readRun } from './read-run.ts';

type Read = { directory: string; summary: Summary; contents: Baseline; isComplete: boolean };

/** `compare`: two runs side by side, without running anything. Returns 3 where one of them is incomplete. */
export async function compareRuns(
  before: string,
  after: string,
  { options }: { options: Pick<Outputs, 'json' | 'pr' | 'md' | 'html'> },
  io: Io,
): Promise<number> {
  const [first, second] = [before, after].map((given) => {
    const directory = resolve(io.cwd, given);
    const run = readRun(directory);
    const incomplete = findIncomplete(run);
    for (const reason of incomplete) tell(io, `${given}: ${reason}`);
    return { directory, summary: run.summary, contents: collect(run), isComplete: incomplete.length === 0 };
  }) as [Read, Read];
  const comparison = compare(first.contents, second.contents);
  const page = options.html === undefined ? undefined : await import('../../reports/page/page.ts');
  const filesOf = ({ directory, summary }: Read) => openRunFiles(directory, summary);
  const markdown = () => toComparisonMarkdown(comparison, { before, after });
  writeOutputs(comparison, options, {
    text: () => onScreen(markdown(), screenFor(io.stdout, io.env)),
    writers: {
      json: toJson,
      pr: toPullRequest,
      md: markdown,
      html: () => page?.runPage(filesOf(second), { before: { files: filesOf(first), comparison } }) ?? '',
    },
    io,
  });
  return first.isComplete && second.isComplete ? 0 : 3;
}
