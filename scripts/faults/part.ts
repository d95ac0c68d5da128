import { rmSync } from 'node:fs';
import { createRandom } from '../../mock-servers/random.ts';

/**
 * How one case ended: `survived` where the work was done as if nothing had happened, `told` where the command gave up and said
 * why, `BAD` where it did neither, `skipped` where this machine cannot try it.
 */
export type Outcome = 'survived' | 'told' | 'BAD' | 'skipped';

export type Finding = {
  outcome: Outcome;
  why: string;
  seconds: number;
  peakMiB: number;
  /** The exit code, and the processes that outlived the command. */
  code?: number | null;
  left?: number;
};
export type NamedFinding = Finding & { part: string; name: string; folder: string };

/** One fault to try. */
export type FaultCase = { name: string; run(folder: string): Promise<Finding> };

export type FaultOptions = {
  seed: number;
  /** How many rounds a part with rounds makes, or how many of its cases another part tries; undefined for all. */
  count: number | undefined;
  /** Multiplies what a command may take, for slow machines. */
  timeFactor: number;
};

/** One kind of faults. */
export type Part = {
  name: string;
  describes: string;
  /** Cases at a time, where the part says so. */
  jobs?: number;
  cases(options: FaultOptions): Promise<FaultCase[]>;
};

type Runner = {
  jobs: number;
  only: string | undefined;
  /** Cases that were tried before. */
  known: ReadonlySet<string>;
  newFolder: () => string;
  onEnd: (finding: NamedFinding, done: number, of: number) => void;
};

/** Runs the cases of a part, several at a time. A case that throws is BAD; the folder of a BAD case stays. */
export async function runPart(part: Part, options: FaultOptions, runner: Runner): Promise<NamedFinding[]> {
  const cases = (await part.cases(options)).filter(
    ({ name }) => isWanted(name, runner.only) && !runner.known.has(`${part.name} ${name}`),
  );
  const waiting = sample(cases, options);
  const many = waiting.length;
  const findings: NamedFinding[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const folder = runner.newFolder();
      const finding = await next.run(folder).catch(
        (error: unknown): Finding => ({
          outcome: 'BAD',
          why: `the case itself failed: ${error}`,
          seconds: 0,
          peakMiB: 0,
        }),
      );
      if (finding.outcome !== 'BAD') rmSync(folder, { recursive: true, force: true });
      const named = { ...finding, part: part.name, name: next.name, folder };
      findings.push(named);
      runner.onEnd(named, findings.length, many);
    }
  };
  await Promise.all(Array.from({ length: Math.min(runner.jobs, part.jobs ?? runner.jobs) }, work));
  return findings;
}

/** Whether a case is one of those asked for, by name or by how their names begin: `config-*,locks`. */
function isWanted(name: string, only: string | undefined): boolean {
  if (only === undefined) return true;
  return only
    .split(',')
    .some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
}

/** So many of the cases, drawn by the seed, in their own order. */
function sample(cases: FaultCase[], { count = cases.length, seed }: FaultOptions): FaultCase[] {
  const random = createRandom(seed, 'faults/sample');
  const drawn = cases.map((each) => ({ each, at: random.next() })).sort((a, b) => a.at - b.at);
  const kept = new Set(drawn.slice(0, count).map(({ each }) => each));
  return cases.filter((each) => kept.has(each));
}
