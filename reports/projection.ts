import { project } from '../harness/analysis/project.ts';
import { counted, number, percent, share, usd } from '../harness/numbers.ts';
import type { Amount, Projection, ProjectionRow } from '../harness/results/projection.ts';
import type { Verdict } from '../harness/results/summary.ts';
import { showUntrusted } from '../harness/visible.ts';
import { toCsvText } from './text/formats.ts';
import { inline, toMarkdownTable } from './text/markup.ts';
import { paragraphs, present, type Table } from './text/table.ts';
import { type Screen, terminalTable, wrap } from './text/terminal.ts';

const reasons: Record<Exclude<ProjectionRow['status'], 'projected'>, string> = {
  does_not_fit: 'does not fit the context window',
  not_measured: 'not measured',
  unpriced: 'unpriced',
};

/** A projection as Markdown: a table for each scenario, and how it was worked out. */
export function projectionMarkdown(projection: Projection): string {
  return `${paragraphs(
    `# ${describeWorkload(projection)}`,
    byScenario(projection).map(([scenario, own]) => [
      `## ${inline(scenario)}`,
      toMarkdownTable(scenarioTable(own)),
    ]),
    describeBasis(projection)
      .map((line) => `_${line}_`)
      .join('  \n'),
  )}\n`;
}

/** The same on a terminal. */
export function projectionText(projection: Projection, screen: Screen): string {
  const basis = describeBasis(projection).flatMap((line) => wrap(line, { columns: screen.columns }));
  return `\n${paragraphs(
    describeWorkload(projection),
    byScenario(projection).map(([scenario, own]) => [
      screen.paint('strong', showUntrusted(scenario)),
      terminalTable(scenarioTable(own), screen),
    ]),
    basis.map((line) => screen.paint('faint', line)).join('\n'),
  )}\n`;
}

function byScenario({ rows }: Projection): [string, ProjectionRow[]][] {
  return [...Map.groupBy(rows, ({ scenario }) => scenario)];
}

/** How much work a projection is of. */
export function describeWorkload({ runs, tenants }: Projection): string {
  return `${number(runs)} runs a month, ${counted(tenants, 'tenant')}`;
}

function describeBasis({ cacheShare, model, pricesAsOf, evidence }: Projection): string[] {
  const basis =
    cacheShare.basis === 'given'
      ? 'as given'
      : 'worked out: runs at random moments at an even rate, five minutes in the cache, one prompt a tenant';
  return [
    `Evidence: ${evidence}${evidence === 'scripted' ? ', a perfect model: the best case of each pattern' : ''}. Prices: ${model}, as documented ${pricesAsOf}; tools' own prices are not in it.`,
    `Runs that find tools and system prompt in the cache: ${share(cacheShare.value)}, ${basis}. Per run = (1 − share)·cold + share·warm; in parentheses what it is known to.`,
  ];
}

/** What the work of a verdict costs in a month, at the workload that its scenario assumes; undefined without one. */
export function describeMonth(
  summary: Parameters<typeof project>[0],
  verdict: Verdict,
  write: (foreign: string) => string,
): string | undefined {
  const { workload } = verdict;
  if (!workload) return undefined;
  const { rows } = project(summary, { ...workload, cacheShare: undefined });
  const costs = costsOf(rows, [verdict], workload);
  return costs
    ? `${costs}; ${number(workload.runs)} runs of ${number(workload.tenants)} tenants, assumed: ${write(workload.because)}`
    : undefined;
}

/** What a workload would cost a month with the variants that verdicts compare, a phrase for each scenario. */
export function projectionLines(projection: Projection, verdicts: readonly Verdict[]): string[] {
  return present(
    byScenario(projection).map(([scenario, rows]) => {
      const own = verdicts.filter((each) => each.scenario === scenario);
      const costs = costsOf(rows, own, projection);
      return costs && `${showUntrusted(scenario)}: ${costs}`;
    }),
  );
}

/** What the variants that verdicts compare cost in a month, of all tenants and of one; empty where none can be told. */
function costsOf(
  rows: readonly ProjectionRow[],
  verdicts: readonly Verdict[],
  { tenants }: Pick<Projection, 'tenants'>,
): string {
  const compared = verdicts.flatMap(({ sides }) => [sides.classic?.name, sides.code?.name]);
  const costs = rows.map(
    (row) =>
      row.status === 'projected' &&
      compared.includes(row.variant) &&
      `${row.variant} ${usd(row.perMonth.usd)}${tenants > 1 ? ` (${usd(row.perTenant.usd)} a tenant)` : ''}`,
  );
  return present(costs).join(', ');
}

function scenarioTable(rows: readonly ProjectionRow[]): Table {
  return {
    headings: [
      'variant',
      'correct',
      'a run, cold',
      'a run, warm',
      'a run',
      'a tenant and month',
      'a month',
      'a correct run',
    ],
    rows: rows.map((row) => {
      const correct = row.correct === null ? '' : percent(row.correct);
      if (row.status !== 'projected') return [row.variant, correct, reasons[row.status], '', '', '', '', ''];
      const { coldUsd, warmUsd, perRun, perTenant, perMonth, perCorrectRunUsd } = row;
      return [
        row.variant,
        correct,
        usd(coldUsd),
        usd(warmUsd),
        usd(perRun.usd),
        usd(perTenant.usd),
        `${usd(perMonth.usd)} (${usd(perMonth.low)} to ${usd(perMonth.high)})`,
        perCorrectRunUsd === null ? 'none was right' : usd(perCorrectRunUsd),
      ];
    }),
  };
}

/** A projection as CSV: a row for each variant, empty cells where there is no cost to give. */
export function projectionCsv(projection: Projection): string {
  const bounds = (name: string, amount: Amount | undefined) => ({
    [`${name}_usd`]: amount?.usd,
    [`${name}_usd_low`]: amount?.low,
    [`${name}_usd_high`]: amount?.high,
  });
  const rows = projection.rows.map((row) => {
    const known = row.status === 'projected' ? row : undefined;
    return {
      scenario: row.scenario,
      params: JSON.stringify(row.params),
      variant: row.variant,
      status: row.status,
      correct: row.correct,
      model: projection.model,
      runs_per_month: projection.runs,
      tenants: projection.tenants,
      cache_share: projection.cacheShare.value,
      run_cold_usd: known?.coldUsd,
      run_warm_usd: known?.warmUsd,
      ...bounds('run', known?.perRun),
      ...bounds('tenant_month', known?.perTenant),
      ...bounds('month', known?.perMonth),
      correct_run_usd: known?.perCorrectRunUsd,
    };
  });
  return toCsvText(rows);
}
