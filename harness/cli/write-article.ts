import { basename, dirname, extname, join } from 'node:path';
import { exporters } from '../../reports/exporters.ts';
import type { Workload } from '../../reports/page/data.ts';
import type { Picture } from '../../reports/text/markup.ts';
import { UsageError } from '../errors.ts';
import { replaceFile } from '../files.ts';
import type { Summary } from '../results/summary.ts';
import type { Sweep } from '../results/sweep.ts';
import { type Io, tell } from './io.ts';
import { openRunFiles } from './read-run.ts';

/** Writes a run as Markdown to be published, with its pictures beside it. Throws a `UsageError` where a file cannot be written. */
export async function writeRunArticle(
  file: string,
  { directory, summary, workload }: { directory: string; summary: Summary; workload: Workload | undefined },
  io: Io,
): Promise<void> {
  const [{ describePage }, { toArticle }] = await Promise.all([
    import('../../reports/page/page.ts'),
    import('../../reports/page/article.ts'),
  ]);
  const data = describePage(openRunFiles(directory, summary), { workload });
  write(file, toArticle(data, stemOf(file)), io);
}

/** The same for a sweep. */
export function writeSweepArticle(file: string, sweep: Sweep, charts: readonly Picture[], io: Io): void {
  const pictures = charts.map((chart) => ({ ...chart, name: `${stemOf(file)}-${chart.name}` }));
  write(file, { text: exporters.sweep.md(sweep, pictures), pictures }, io);
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}

function write(file: string, { text, pictures }: { text: string; pictures: Picture[] }, io: Io): void {
  for (const { name, svg } of pictures) replaceFile(join(dirname(file), `${name}.svg`), svg, UsageError);
  replaceFile(file, text, UsageError);
  tell(io, `Written: ${file}, with ${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}`);
}
