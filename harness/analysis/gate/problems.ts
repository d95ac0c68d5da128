import { counted } from '../../numbers.ts';
import { describeParams, pointKey } from '../../results/point.ts';
import type { Cause } from './causes.ts';
import { describeDifference, describeValues, figureNames, hypotheticalName } from './change.ts';
import type { ComparedPair, ComparedScenario, Comparison } from './compare-runs.ts';
import type { Finding, Problem } from './gate.ts';

/**
 * Findings by what caused them: one problem for each scenario, and one for all scenarios that the same tools changed. What
 * is missing, new or under other conditions is told once. A sum that rose because a scenario did is no problem of its own.
 */
export function findProblems(findings: readonly Finding[], comparison: Comparison): Problem[] {
  const bad = findings.filter(({ status }) => status !== 'pass');
  const ofScenarios = comparison.scenarios.flatMap(
    (scenario) => draft(scenario, bad, comparison.pairs) ?? [],
  );
  const byCause = Map.groupBy(ofScenarios, ({ key }) => key);
  const problems = [
    ...[...byCause.values()].map(write),
    ...unpairedChecks.flatMap((check) => tellUnpaired(check, bad, comparison.pairs)),
    ...bad.filter(({ check }) => check in wholeTitles).map(tellWhole),
    ...bad.filter((finding) => finding.scenario === null && !isExplained(finding, bad)).flatMap(tellSum),
  ];
  const withLevel = (level: Problem['level']) => problems.filter((problem) => problem.level === level);
  return [...withLevel('error'), ...withLevel('warn')];
}

/** What one scenario has to tell. Drafts of the same `key` have the same cause. */
type Draft = {
  key: string;
  level: Problem['level'];
  name: string;
  /** What happened, in phrases. */
  moved: string[];
  causes: string[];
  /** Figures and other circumstances. */
  details: string[];
};

function draft(
  scenario: ComparedScenario,
  bad: readonly Finding[],
  pairs: readonly ComparedPair[],
): Draft | undefined {
  const params = describeParams(scenario.params);
  const isOwn = (finding: Finding) =>
    finding.scenario === scenario.scenario && finding.params === params && !isUnpaired(finding);
  const own = bad.filter(isOwn);
  if (own.length === 0) return undefined;
  const ownPairs = pairs.filter((pair) => pointKey(pair) === pointKey(scenario));
  const tools = own.find(({ check }) => check === 'toolSurface');
  const named = new Set(own.map(({ variant }) => variant));
  const concerned = ownPairs.filter(
    ({ variant }) => named.has(variant) || named.has(hypotheticalName(variant)),
  );
  const causes = choose([
    ...(scenario.surface ?? []),
    ...(concerned.length > 0 && !tools ? concerned : ownPairs).flatMap((pair) => pair.causes),
  ]);
  const signature = causes.map(({ kind, tool, field }) => [kind, tool, field]);
  const isToolsDoing = causes.length > 0 && causes.every(({ kind }) => kind !== 'ledger');
  return {
    key: JSON.stringify(isToolsDoing ? [levelOf(own), signature] : pointKey(scenario)),
    level: levelOf(own),
    name: scenario.scenario,
    moved: [
      ...(tools ? [tellTools(scenario.surface)] : []),
      ...failing(causes),
      ...tellFigures(own),
      ...own.filter(({ check }) => check === 'verdict').map(tellVerdict),
    ],
    causes: causes.map(({ text }) => text),
    details: [
      ...(tools ? ownPairs.map(tellEffect) : []),
      ...tellDetails(own.filter((finding) => finding !== tools)),
      ...ownPairs.flatMap(tellEnd),
      ...(scenario.filesChanged ? ["the scenario's own files changed"] : []),
    ],
  };
}

/** The first causes say where to look. */
const mostCauses = 3;

/** Causes worth telling: where a tool fails, what else changed follows from it; the ledger speaks where no tool does. */
function choose(causes: readonly Cause[]): Cause[] {
  const once = new Map(
    causes.toReversed().map((cause) => [`${cause.kind} ${cause.tool} ${cause.field}`, cause]),
  );
  const all = [...once.values()].reverse();
  const ofKind = (...kinds: Cause['kind'][]) =>
    kinds.flatMap((kind) => all.filter((each) => each.kind === kind));
  const errors = ofKind('errors').filter(({ delta }) => delta > 0);
  const definitions = ofKind('instructions', 'definition');
  if (errors.length > 0) return [...errors, ...definitions];
  const results = perTool(ofKind('results'));
  const ofTools = [...definitions, ...results, ...perTool(ofKind('calls'))];
  return ofTools.length > 0 ? ofTools : ofKind('ledger');
}

/** One cause a tool: what a model read before what only a program did. */
function perTool(causes: readonly Cause[]): Cause[] {
  const byTool = Map.groupBy(causes, ({ tool }) => tool);
  return [...byTool.values()].flatMap((own) => own.find(({ unit }) => unit === 'tokens') ?? own[0] ?? []);
}

function write(drafts: Draft[]): Problem {
  const [first] = drafts as [Draft];
  const names = [...new Set(drafts.map(({ name }) => name))];
  const moved = [...new Set(drafts.flatMap((each) => each.moved))];
  const isAlike = drafts.every(({ causes }) => causes.join() === first.causes.join());
  const shown = first.causes.slice(0, mostCauses);
  const rest = first.causes.length - shown.length;
  const causes = [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
  const where = isAlike ? '' : ` (in ${first.name}, and alike in the others)`;
  const details = drafts.flatMap((each) =>
    each.details.map((text) => (drafts.length > 1 ? `${each.name}: ${text}` : text)),
  );
  const lines = [...(causes ? [`Because: ${causes}${where}`] : []), ...details];
  return {
    level: first.level,
    title: `${shorten(names)}: ${moved.join('; ')}`,
    message: lines.map((line) => `${line}.`).join('\n'),
  };
}

function tellTools(surface: readonly Cause[] | null): string {
  if (surface === null) return 'its tools were not recorded';
  const names = surface.map(({ tool, field }) => (field ? `${tool} (${field})` : `${tool}`));
  return `tools changed: ${shorten(names)}`;
}

function failing(causes: readonly Cause[]): string[] {
  const tools = causes.filter(({ kind }) => kind === 'errors').map(({ tool }) => `${tool}`);
  return tools.length > 0 ? [`${shorten(tools)} fails`] : [];
}

/** "correctness fell in code", "billed tokens and cost with caching rose in classic". */
function tellFigures(own: readonly Finding[]): string[] {
  const phrases = own.flatMap(({ check, status, variant }) => {
    const figure = Object.values(figureNames).find((each) => each.check === check);
    if (variant === null || !figure) return [];
    const what = status === 'undecided' ? 'may be worse' : check === 'correctness' ? 'fell' : 'rose';
    return [{ name: figure.name, what, variant }];
  });
  const byPlace = Map.groupBy(phrases, ({ what, variant }) => JSON.stringify([what, variant]));
  const together = Map.groupBy(
    [...byPlace].map(([place, figures]) => {
      const [what, variant] = JSON.parse(place) as [string, string];
      return { what: `${list(figures.map(({ name }) => name))} ${what}`, variant };
    }),
    ({ what }) => what,
  );
  return [...together]
    .sort(([a], [b]) => Number(b.startsWith('correct')) - Number(a.startsWith('correct')))
    .map(([what, places]) => `${what} in ${list(places.map(({ variant }) => variant))}`);
}

function tellVerdict({ status, before, after }: Finding): string {
  return status === 'undecided'
    ? `the verdict ${before} is in doubt`
    : `the verdict changed from ${before} to ${after}`;
}

/** Figures by variant, and the fresh trials that decide what is undecided. */
function tellDetails(own: readonly Finding[]): string[] {
  const byVariant = Map.groupBy(own, ({ variant }) => variant);
  const figures = [...byVariant].map(([variant, findings]) => {
    const text = findings.map(({ message }) => message).join(', ');
    return variant === null ? text : `${variant}: ${text}`;
  });
  const trials = Math.max(0, ...own.map((finding) => finding.trials ?? 0));
  return [...figures, ...(trials > 0 ? [`${trials} fresh trials of each variant decide`] : [])];
}

/** What became of a variant whose tools changed; it is shown and not judged. */
function tellEffect({ variant, changes }: ComparedPair): string {
  const moved = changes.filter(({ before, after }) => before !== after).slice(0, 2);
  const texts = moved.map((change) => {
    const difference = describeDifference(change);
    return `${figureNames[change.metric].name} ${describeValues(change)}${difference ? ` (${difference})` : ''}`;
  });
  return `${variant}: ${texts.join(', ') || 'unchanged'}`;
}

function tellEnd({ variant, status }: ComparedPair): string[] {
  if (status.before === status.after) return [];
  const words = (text: string) => text.replaceAll('_', ' ');
  return [`${variant} ended as ${words(status.after)}, before as ${words(status.before)}`];
}

const unpairedChecks = ['missing', 'new', 'conditions'] as const;

function isUnpaired({ check }: Finding): boolean {
  return unpairedChecks.some((each) => each === check);
}

/** What has no counterpart, told once. Of a scenario that was compared, it is single variants that have none. */
function tellUnpaired(
  check: (typeof unpairedChecks)[number],
  bad: readonly Finding[],
  pairs: readonly ComparedPair[],
): Problem[] {
  const own = bad.filter((finding) => finding.check === check);
  if (own.length === 0) return [];
  const isCompared = (name: string | null) => pairs.some(({ scenario }) => scenario === name);
  const names = own.map(({ scenario, variant }) =>
    isCompared(scenario) ? `${scenario} / ${variant}` : `${scenario}`,
  );
  const [all, short] = [[...new Set(names)].join(', '), shorten([...new Set(names)])];
  const reasons = [...new Set(own.map(({ message }) => message))];
  const results = counted(own.length, 'result');
  const because = `Because: ${reasons.join('; ')}.`;
  const told = {
    missing: {
      title: `Missing from this run: ${short} (${results})`,
      message: `${all}. Run them, or name what to compare. ${because}`,
    },
    new: {
      title: `Not in the baseline: ${short} (${results})`,
      message: `${all}. Nothing holds them yet. ${because}`,
    },
    conditions: { title: `Not comparable: ${shorten(reasons)}`, message: `${results} of ${all}. ${because}` },
  };
  return [{ level: levelOf(own), ...told[check] }];
}

/** What is said of runs as a whole. */
const wholeTitles = {
  prices: 'Costs were not compared',
  weighing: 'Verdicts were weighed differently',
  counting: 'Tokens were counted otherwise than in the baseline',
};

function tellWhole(finding: Finding): Problem {
  const title = wholeTitles[finding.check as keyof typeof wholeTitles];
  return { level: levelOf([finding]), title, message: `${capital(finding.message)}.` };
}

function isExplained({ check, variant }: Finding, bad: readonly Finding[]): boolean {
  return bad.some((each) => each.scenario !== null && each.check === check && each.variant === variant);
}

function tellSum(finding: Finding): Problem[] {
  return tellFigures([finding]).map((moved) => ({
    level: levelOf([finding]),
    title: `All scenarios together: ${moved}`,
    message: `${capital(finding.message)}.`,
  }));
}

function levelOf(findings: readonly Finding[]): Problem['level'] {
  return findings.some(({ level }) => level === 'error') ? 'error' : 'warn';
}

/** The first names of a long list. */
function shorten(names: readonly string[]): string {
  const most = 3;
  return names.length > most + 1
    ? `${names.slice(0, most).join(', ')} and ${names.length - most} more`
    : names.join(', ');
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
