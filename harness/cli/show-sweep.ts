import { exporters } from '../../reports/exporters.ts';
import { sweepText } from '../../reports/sweep/text.ts';
import type { Picture } from '../../reports/text/markup.ts';
import type { Sweep } from '../results/sweep.ts';
import { type Io, screenFor } from './io.ts';
import { type Outputs, writeOutputs } from './outputs.ts';

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
