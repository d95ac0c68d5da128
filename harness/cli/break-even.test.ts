import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sweepSchema } from '../results/sweep.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { type RunResult, runIn, withoutMeasured } from '../testing/live-run.ts';
import { pingScenario } from '../testing/scenario-files.ts';

const review = ['crm-notes-review', '--param', 'contacts=60'];
const items = ['parametric', '--param', 'bytes=400', '--param', 'tools=3', '--param', 'calls=16'];
const job = [...review, ...items];

/** The summary on disk as it is written, without what was measured. */
function summaryText(folder: string, out = 'out'): string {
  const summary = JSON.parse(readFileSync(join(folder, out, 'summary.json'), 'utf8'));
  return JSON.stringify(withoutMeasured(summary), null, 2);
}

const flipsOf = ({ summary }: RunResult) =>
  Object.fromEntries(summary?.verdicts.map(({ scenario, flips }) => [scenario, flips?.items]) ?? []);

let whole: RunResult;
beforeAll(async () => {
  whole = await runIn(makeFolder({}), job);
  expect(whole.code).toBe(0);
});

describe('a run of a perfect model', () => {
  test('says at how many items its verdict flips, and that is where a run at that size turns', async () => {
    const { parametric: found } = flipsOf(whole);
    expect(found).toMatchObject({ param: 'calls', now: 16 });
    const tried = found?.tried ?? [];
    expect(tried.map(({ at }) => at)).toEqual(tried.map(({ at }) => at).sort((a, b) => a - b));
    expect(tried.find(({ at }) => at === 16)?.pattern).toBe('code');
    const left = tried.findLast(({ pattern }) => pattern === 'classic')?.at ?? 0;
    const right = tried.find(({ pattern }) => pattern === 'code')?.at ?? 0;
    const cheaperAt = async (calls: number) => {
      const args = [...items.slice(0, -1), `calls=${calls}`, '--set', 'verdict.sizes=false'];
      const { summary } = await runIn(makeFolder({}), args);
      return summary?.verdicts[0]?.pattern;
    };
    expect(await Promise.all([cheaperAt(left), cheaperAt(right)])).toEqual(['classic', 'code']);
  });

  test('tells it in the report and as it goes, and leaves a sweep of ordinary runs', async () => {
    const last = flipsOf(whole).parametric?.tried.find(({ pattern }) => pattern === 'code')?.at;
    const { stdout } = await patternbench(['report', 'out', '--md', '-'], { cwd: whole.folder });
    expect(stdout).toMatch(new RegExp(`Changes .*with size: .*code from ${last} calls \\(now`));
    expect(whole.stderr).toMatch(/^parametric at calls=1: classic \$[\d.]+, code \$[\d.]+$/m);
    const folder = join(whole.folder, 'out/break-even/parametric');
    const sweep = sweepSchema.parse(JSON.parse(readFileSync(join(folder, 'sweep.json'), 'utf8')));
    expect(sweep.status).toBe('complete');
    expect(sweep.points[0]?.run).toBe('../..');
    const verified = await Promise.all(
      ['out', 'out/break-even/parametric/points/calls=1'].map((run) =>
        patternbench(['audit', 'verify', run], { cwd: whole.folder }),
      ),
    );
    expect(verified.map(({ code }) => code)).toEqual([0, 0]);
  });

  test('has the logs of its further runs verified with its own', async () => {
    const folder = makeFolder({});
    cpSync(join(whole.folder, 'out'), join(folder, 'out'), { recursive: true });
    const verify = () => patternbench(['audit', 'verify', 'out'], { cwd: folder });
    const points = (whole.summary?.verdicts ?? []).flatMap(({ scenario }) => {
      const at = join(folder, 'out/break-even', scenario, 'points');
      return existsSync(at) ? readdirSync(at).map((point) => join(at, point)) : [];
    });
    expect(points.length).toBeGreaterThan(1);
    expect((await verify()).stdout).toMatch(
      new RegExp(
        `^Further logs, in break-even: all ${points.length} verify \\(\\d+ records, \\d+ calls\\)\\.$`,
        'm',
      ),
    );
    const log = join(points[0] ?? '', 'audit.jsonl');
    writeFileSync(log, readFileSync(log, 'utf8').replace('"allowed"', '"refused"'));
    rmSync(join(points[1] ?? '', 'audit.jsonl'));
    const { code, stderr } = await verify();
    expect(stderr).toMatch(/^- break-even\/\S+: line \d+ was changed/m);
    expect(stderr).toMatch(/^- break-even\/\S+: audit\.jsonl is missing$/m);
    expect(code).toBe(1);
  });

  test('does not look for it where told so, which is recorded and keeps runs from being merged', async () => {
    const folder = makeFolder({});
    const { summary, stderr } = await runIn(folder, [...items, '--set', 'verdict.sizes=false']);
    expect(summary?.status).toBe('complete');
    expect(summary?.verdicts[0]?.flips?.bytesPerResult).toBeDefined();
    expect(summary?.verdicts[0]?.flips?.items).toBeUndefined();
    expect(stderr).not.toContain('calls=1:');
    cpSync(join(whole.folder, 'out'), join(folder, 'other'), { recursive: true });
    const { code, stderr: refusal } = await patternbench(['merge', 'out', 'other', '--out', 'joined'], {
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(refusal).toContain('options.breakEven is false in out and true in other');
  });

  test('has a baseline that does not depend on it, and passes the gate against its own', async () => {
    const { folder } = whole;
    const bare = await runIn(folder, [...job, '--set', 'verdict.sizes=false'], { out: 'bare' });
    expect(bare.code).toBe(0);
    for (const run of ['out', 'bare']) {
      const args = ['gate', '--update', '--run', run, '--baseline', `${run}.baseline.json`];
      expect((await patternbench(args, { cwd: folder })).code).toBe(0);
    }
    const read = (run: string) => readFileSync(join(folder, `${run}.baseline.json`), 'utf8');
    expect(read('out')).toBe(read('bare'));
    const args = ['gate', '--baseline', 'bare.baseline.json', '--run', 'out'];
    expect((await patternbench(args, { cwd: folder })).code).toBe(0);
  });
});

describe('a search for the number of items', () => {
  test('that was interrupted goes on to the same summary as one that was not', async () => {
    const folder = makeFolder({});
    const interruptAt = / at calls=/;
    const stopped = await patternbench(['run', ...job, '--out', 'out'], { cwd: folder, interruptAt });
    expect(stopped.code).toBe(130);
    expect(JSON.parse(summaryText(folder)).status).toBe('partial');
    const save = ['gate', '--update', '--run', 'out', '--baseline', 'b.json'];
    expect((await patternbench(save, { cwd: folder })).code).toBe(3);
    await expectSame(folder);
    const again = await runIn(folder, ['--resume', 'out']);
    expect(again.stderr).not.toContain(' at calls=');
    expect(summaryText(folder)).toBe(summaryText(whole.folder));
  });

  test.each([
    ['had found all but the last', 1, 0],
    ['had ended but found nothing', 2, 0],
    ['had a point to end', 1, 1],
  ])('that was killed when it %s goes on to the same summary', async (_, found, trials) => {
    const folder = makeFolder({});
    cpSync(join(whole.folder, 'out'), join(folder, 'out'), { recursive: true });
    cutLines(join(folder, 'out/results.jsonl'), found);
    const [point = ''] = readdirSync(join(folder, 'out/break-even/parametric/points'));
    const last = join(folder, 'out/break-even/parametric/points', point);
    if (trials > 0) {
      cutLines(join(last, 'results.jsonl'), trials);
      rmSync(join(last, 'summary.json'));
    }
    await expectSame(folder);
  });

  async function expectSame(folder: string): Promise<void> {
    const resumed = await runIn(folder, ['--resume', 'out']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('Resumed: 4 of 4 trials had ended.');
    expect(summaryText(folder)).toBe(summaryText(whole.folder));
  }

  /** Takes the last lines of a journal away, and leaves half of the first of them. */
  function cutLines(file: string, count: number): void {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const torn = lines.at(-count)?.slice(0, 50) ?? '';
    writeFileSync(file, [...lines.slice(0, -count), torn].join('\n'));
  }

  test('gives the same summary from shards that are merged, which can be resumed', async () => {
    const folder = makeFolder({});
    const shards = ['1/2', '2/2'].map((shard, index) =>
      runIn(folder, [...job, '--shard', shard], { out: `part-${index}` }),
    );
    expect((await Promise.all(shards)).map(({ code }) => code)).toEqual([0, 0]);
    const merged = await patternbench(['merge', 'part-1', 'part-0', '--out', 'joined'], { cwd: folder });
    expect(merged.code).toBe(0);
    expect(summaryText(folder, 'joined')).toBe(summaryText(whole.folder));
    const resumed = await runIn(folder, ['--resume', 'joined']);
    expect(resumed.stderr).not.toContain(' at calls=');
    expect(summaryText(folder, 'joined')).toBe(summaryText(whole.folder));
  });

  test('tells of a size that cannot be run, and leaves the run as it is without', async () => {
    const files = pingScenario();
    const params =
      "params: { pings: { type: 'integer', default: 3, description: 'pings' } }, items: 'pings',";
    const truth =
      "truth: ({ params }) => { if (params.pings < 3) throw new Error('too few pings'); return 'pong'; },";
    const scenario = files['ping/scenario.ts']?.replace(/truth: .*/, `${truth} ${params}`) ?? '';
    const folder = makeFolder({ ...files, 'ping/scenario.ts': scenario });
    const { code, summary, stderr } = await runIn(folder, ['./ping']);
    expect(stderr).toMatch(/Could not find at how many pings the verdict on ping changes: .*too few pings/);
    expect(code).toBe(0);
    expect(summary?.status).toBe('complete');
    expect(summary?.verdicts[0]?.flips?.items).toBeUndefined();
  });
});

test.each([
  ['segment', 'is a string', "segment: { type: 'string', default: 'a', description: 'a word' }"],
  ['sise', 'is no parameter', "size: { type: 'integer', default: 1, description: 'how many' }"],
])(
  'items: "%s", which %s, is refused with the parameters that could be meant',
  async (name, words, param) => {
    const files = pingScenario();
    const scenario = files['ping/scenario.ts'] ?? '';
    const folder = makeFolder({
      ...files,
      'ping/scenario.ts': scenario.replace('servers:', `params: { ${param} }, items: '${name}', servers:`),
    });
    const { code, stderr } = await runIn(folder, ['./ping']);
    expect(code).toBe(2);
    expect(stderr).toContain(`"${name}" ${words}`);
    expect(stderr).toMatch(/Numeric parameters: (none|size)/);
  },
);
