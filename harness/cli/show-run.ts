import { relative } from 'node:path';
import { exporters } from '../../reports/exporters.ts';
import type { Workload } from '../../reports/page/data.ts';
import type { StoredRun } from '../../reports/page/workflow.ts';
import { toTerminal } from '../../reports/run/terminal.ts';
import { toMarkdown } from '../../reports/run/view.ts';
import { sweepText } from '../../reports/sweep/markdown.ts';
import type { Picture } from '../../reports/text/markup.ts';
import { project } from '../analysis/project.ts';
import type { Summary } from '../results/summary.ts';
import type { Sweep } from '../results/sweep.ts';
import type { Outputs } from './add-options.ts';
import { type Io, screenFor } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { openRunFiles } from './read-run.ts';

/** How much is shown, and the workload that it is worked out for. */
type Shown = {
  details?: boolean;
  runs?: number;
  tenants: number;
  cacheShare?: number;
  /** Runs over which the page follows the figures. */
  stored?: readonly StoredRun[];
};

/** Prints a run, and writes it in the formats that were asked for. `out` is its directory. */
export async function showRun(
  summary: Summary,
  out: string,
  options: Outputs & Shown,
  io: Io,
): Promise<void> {
  const { runs, tenants, cacheShare } = options;
  // Loaded only where it is asked for: it is a third of what reports are made of.
  const page = options.html === undefined ? undefined : await import('../../reports/page/page.ts');
  const html = (found: Summary) =>
    page?.runPage(openRunFiles(out, found), {
      stored: options.stored ?? [],
      workload: workloadOf(options),
    }) ?? '';
  const projected = (found: Summary) =>
    runs === undefined ? undefined : project(found, { runs, tenants, cacheShare });
  const next = [`In full: patternbench report ${fromHere(out, io)} --details`, 'As a page: --html FILE'];
  writeOutputs(summary, options, {
    text: (found) =>
      toTerminal(found, screenFor(io.stdout, io.env), {
        details: options.details ?? false,
        next,
        workload: projected(found),
      }),
    writers: { ...exporters.run, md: (found) => toMarkdown(found, projected(found)), html },
    io,
  });
}

/** How often a page and an article say that each workflow is run: in a month, for one tenant. */
export function workloadOf({ runs, tenants }: Pick<Shown, 'runs' | 'tenants'>): Workload | undefined {
  return runs === undefined ? undefined : { runs: runs / tenants, tenants };
}

/** A path as a person here would type it: the shorter of the two ways to say it. */
export function fromHere(path: string, { cwd }: Io): string {
  const here = relative(cwd, path) || '.';
  return here.length < path.length ? here : path;
}

/** A sweep with its charts, its page, and the way to show it in the formats that were asked for. */
type SweepReport = {
  charts: Picture[];
  html: string;
  show: (asked: Outputs, io: Io) => void;
};

/** Draws a sweep. What draws takes a tenth of a second to load, and most commands draw nothing. */
export async function openSweepReport(sweep: Sweep): Promise<SweepReport> {
  const { drawSweep, sweepHtml } = await import('../../reports/sweep/page.ts');
  const charts = drawSweep(sweep);
  const html = sweepHtml(sweep, charts);
  const show = (asked: Outputs, io: Io) =>
    writeOutputs(sweep, asked, {
      text: (found) => sweepText(found, screenFor(io.stdout, io.env)),
      writers: { md: (found) => exporters.sweep.md(found), json: exporters.sweep.json, html: () => html },
      io,
    });
  return { charts, html, show };
}
