import { resolve } from 'node:path';
import { toJson } from '../../reports/exporters.ts';
import { toComparisonMarkdown } from '../../reports/gate/decision.ts';
import { toPullRequest } from '../../reports/gate/pull-request.ts';
import { onScreen } from '../../reports/text/terminal.ts';
import { collect, findIncomplete } from '../analysis/gate/baseline.ts';
import { compare } from '../analysis/gate/compare-runs.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import type { Baseline } from '../results/baseline.ts';
import type { Summary } from '../results/summary.ts';
import { type Io, screenFor, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { openRunFiles, readRun } from './read-run.ts';

type CompareOptions = { json?: boolean; pr?: boolean; md?: string; html?: string };
type Read = { directory: string; summary: Summary; contents: Baseline; isComplete: boolean };

/** `compare`: two runs side by side, without running anything. Returns 3 where one of them is incomplete. */
export async function compareRuns(
  before: string,
  after: string,
  { options: { json, pr, md, html } }: { options: CompareOptions },
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
  if (html !== undefined) {
    const filesOf = ({ directory, summary }: Read) => openRunFiles(directory, summary);
    const { runPage } = await import('../../reports/page/page.ts');
    const file = resolve(io.cwd, html);
    replaceFile(
      file,
      runPage(filesOf(second), { before: { files: filesOf(first), comparison } }),
      UsageError,
    );
    tell(io, `Written: ${file}`);
  }
  const markdown = () => toComparisonMarkdown(comparison, { before, after });
  const file = md === undefined || md === '-' ? md : resolve(io.cwd, md);
  writeOutputs(
    comparison,
    { json, md: file },
    {
      text: () => (pr ? toPullRequest(comparison) : onScreen(markdown(), screenFor(io.stdout, io.env))),
      writers: { json: toJson, md: markdown },
      io,
    },
  );
  return first.isComplete && second.isComplete ? 0 : 3;
}
