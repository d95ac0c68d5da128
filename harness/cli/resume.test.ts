import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench, patternbenchApart, patternbenchProcess } from '../testing/command-line.ts';
import { runIn, withoutMeasured } from '../testing/live-run.ts';
import { lookupAgent } from '../testing/messages-api/agent.ts';
import { answer } from '../testing/messages-api/reply.ts';
import { messagesOf } from '../testing/messages-api/request.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import { pingScenario } from '../testing/scenario-files.ts';

const asked = [
  ...['crm-contact-lookup', '--param', 'contacts=10', '--model', 'anthropic:claude-sonnet-5'],
  ...['--trials', '2', '--set', 'limits.concurrency=2'],
];

/** The arguments of a run whose trials differ: each of them says more than the one before it. They are replayed. */
async function recordJob(): Promise<string[]> {
  let trials = 0;
  await using api = await startMessagesApi((request) => {
    const reply = lookupAgent(request);
    if (messagesOf(request.body).length > 1 || !('answer' in reply)) return reply;
    trials += 1;
    return answer(['Let me look. '.repeat(trials), ...reply.answer.content]);
  });
  const folder = makeFolder({});
  const { code } = await runIn(folder, [
    ...asked,
    '--set',
    `provider.baseUrl=${api.url}`,
    '--cassettes',
    'record',
  ]);
  expect(code).toBe(0);
  return [...asked, '--cassettes', 'strict', '--set', `cassettes.dir=${join(folder, 'cassettes')}`];
}

/** The summary on disk as it is written, without what was measured. */
function summaryText(folder: string): string {
  return JSON.stringify(
    withoutMeasured(JSON.parse(readFileSync(join(folder, 'out/summary.json'), 'utf8'))),
    null,
    2,
  );
}

describe('a run that was killed', () => {
  const job = recordJob();
  const whole = job.then((args) => runIn(makeFolder({}), args));

  test('has trials that differ', async () => {
    const { code, summary, folder } = await whole;
    expect(code).toBe(0);
    const bills = journalLines(folder).flatMap((line) => JSON.parse(line).result?.tokens.billed ?? []);
    expect(new Set(bills).size).toBe(4);
    for (const { statistics } of summary?.results ?? []) expect(statistics?.n).toBe(2);
  });

  test('in the middle goes on to the same summary, and does nothing twice', async () => {
    const { folder: uninterrupted } = await whole;
    const folder = makeFolder({});
    await patternbenchProcess(['run', ...(await job), '--out', 'out'], {
      cwd: folder,
      onStart: (child) => {
        child.stderr?.on('data', (text: string) => {
          if (/^\[/m.test(text)) child.kill('SIGKILL');
        });
      },
    });
    const before = journalLines(folder);
    expect(before.length).toBeGreaterThanOrEqual(2);
    const resumed = await runIn(folder, ['--resume', 'out'], { by: patternbenchApart });
    expect(resumed.code).toBe(0);
    // On a busy machine the kill may come after the last trial, when the run has been released.
    if (before.length < 5) expect(resumed.stderr).toContain('which died without releasing it');
    expectWhole(folder, before, resumed);
    expect(summaryText(folder)).toBe(summaryText(uninterrupted));
    await expectVerified(folder);
  });

  test.each([0, 1, 2, 3])(
    'while its journal held %i trials goes on to the same summary, and does nothing twice',
    async (ended) => {
      const { folder: uninterrupted } = await whole;
      const folder = makeFolder({});
      cpSync(uninterrupted, folder, { recursive: true });
      const all = journalLines(folder);
      const before = all.slice(0, ended + 1);
      const torn = all[ended + 1]?.slice(0, 50) ?? '';
      writeFileSync(join(folder, 'out/results.jsonl'), `${before.join('\n')}\n${torn}`);
      const resumed = await runIn(folder, ['--resume', 'out']);
      expect(resumed.code).toBe(0);
      expectWhole(folder, before, resumed);
      expect(summaryText(folder)).toBe(summaryText(uninterrupted));
      await expectVerified(folder);
    },
  );

  /** All four trials are there, and those of before are as they were. */
  function expectWhole(folder: string, before: string[], { stderr }: { stderr: string }): void {
    expect(stderr).toContain(`Resumed: ${before.length - 1} of 4 trials had ended.`);
    expect(journalLines(folder).slice(0, before.length)).toEqual(before);
    expect(journalLines(folder)).toHaveLength(5);
  }

  async function expectVerified(folder: string): Promise<void> {
    const { code, stdout, stderr } = await patternbench(['audit', 'verify', 'out'], { cwd: folder });
    expect(stderr + stdout).not.toMatch(/problem|changed|removed/i);
    expect(code).toBe(0);
  }

  test('with its last records torn goes on from the whole ones', async () => {
    const { folder: uninterrupted } = await whole;
    const folder = makeFolder({});
    cpSync(uninterrupted, folder, { recursive: true });
    loseLastTrial(folder);
    appendFileSync(join(folder, 'out/audit.jsonl'), '{"seq":999,"event":"call","run":"o');
    writeFileSync(join(folder, 'out/run.json'), '{"format": "patternbench.ru');
    const resumed = await runIn(folder, ['--resume', 'out']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('Resumed: 3 of 4');
    expect(summaryText(folder)).toBe(summaryText(uninterrupted));
  });

  test('is refused when something has changed, unless forced, which is recorded', async () => {
    const files = pingScenario();
    const folder = makeFolder(files);
    await runIn(folder, ['./ping', '--trials', '2']);
    loseLastTrial(folder);
    writeFileSync(join(folder, 'ping/program.ts'), `${files['ping/program.ts']}\n// changed\n`);
    const refused = await runIn(folder, ['--resume', 'out', '--set', 'latencyProfile=slow']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('scenario ping: its files have changed');
    expect(refused.stderr).toContain('latencyProfile was "default" and is "slow"');
    const forced = await runIn(folder, ['--resume', 'out', '--force']);
    expect(forced.code).toBe(0);
    expect(forced.summary?.forced).toEqual(['scenario ping: its files have changed']);
  });
});

const finished = runIn(makeFolder(pingScenario()), ['./ping', '--trials', '2']);

/** A copy of the run with its last trial to be done again, and its log. */
async function copyOfRun() {
  const { folder } = await finished;
  const copy = makeFolder({});
  cpSync(folder, copy, { recursive: true });
  loseLastTrial(copy);
  const file = join(copy, 'out/audit.jsonl');
  return { folder: copy, file, lines: readFileSync(file, 'utf8').trimEnd().split('\n') };
}

describe('the audit log of a run that is resumed', () => {
  test.each<[string, (file: string, lines: string[]) => void, string]>([
    [
      'lacks its last lines',
      (file, lines) => writeFileSync(file, `${lines.slice(0, -2).join('\n')}\n`),
      '2 of the',
    ],
    ['was cut in its last line', (file) => truncateSync(file, readFileSync(file).length - 10), '1 of the'],
    [
      'had a line changed',
      (file, lines) => writeFileSync(file, `${lines.join('\n').replace('"allowed"', '"refused"')}\n`),
      'was changed',
    ],
    ['is missing', (file) => rmSync(file), 'it is missing'],
    [
      'has no summary to be held against',
      (file) => rmSync(file.replace('audit.jsonl', 'summary.json')),
      'summary.json',
    ],
  ])('that %s refuses the resume with 1, unless forced, which is recorded', async (_, tamper, message) => {
    const { folder, file, lines } = await copyOfRun();
    tamper(file, lines);
    const found = readdirSync(join(folder, 'out')).includes('audit.jsonl')
      ? readFileSync(file, 'utf8')
      : undefined;
    const refused = await runIn(folder, ['--resume', 'out']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('its audit log does not hold');
    expect(refused.stderr).toContain(message);
    if (found !== undefined) expect(readFileSync(file, 'utf8')).toBe(found);
    const forced = await runIn(folder, ['--resume', 'out', '--force']);
    expect(forced.code).toBe(0);
    expect(forced.summary?.forced).toEqual([expect.stringContaining(message)]);
    if (found !== undefined)
      expect(readFileSync(join(folder, 'out/audit.aside-1.jsonl'), 'utf8')).toBe(found);
    expect((await patternbench(['audit', 'verify', 'out'], { cwd: folder })).code).toBe(0);
  });

  test('may be longer than the last summary says: the process died before the next', async () => {
    const { folder, file, lines } = await copyOfRun();
    const summaryFile = join(folder, 'out/summary.json');
    const summary = JSON.parse(readFileSync(summaryFile, 'utf8'));
    const earlier = JSON.parse(lines[4] ?? '');
    summary.measured.audit = { records: 5, head: earlier.hash };
    writeFileSync(summaryFile, JSON.stringify({ ...summary, status: 'partial' }));
    const { code, summary: resumed } = await runIn(folder, ['--resume', 'out']);
    expect(code).toBe(0);
    expect(resumed?.forced).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toContain(lines.join('\n'));
    expect((await patternbench(['audit', 'verify', 'out'], { cwd: folder })).code).toBe(0);
  });
});

describe('a run directory', () => {
  test('has one writer at a time', async () => {
    const { folder } = await copyOfRun();
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(holder, 'spawn');
    try {
      const owner = { pid: holder.pid, host: (await import('node:os')).hostname(), startTicks: null };
      writeFileSync(join(folder, 'out/run.lock'), `${JSON.stringify(owner)}\n`);
      const second = await runIn(folder, ['--resume', 'out']);
      expect(second.code).toBe(2);
      expect(second.stderr).toContain(`is being written by process ${holder.pid}`);
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    await wait(20);
    const third = await runIn(folder, ['--resume', 'out']);
    expect(third.code).toBe(0);
    expect(third.stderr).toContain(`taken over from process ${holder.pid}`);
  });

  test('that is none cannot be resumed', async () => {
    const { code, stderr } = await runIn(makeFolder({ 'out/notes.txt': 'mine' }), ['--resume', 'out']);
    expect(code).toBe(2);
    expect(stderr).toContain('Is it the directory of a run?');
  });
});

/** Tears the journal's last line: its trial has not ended. */
function loseLastTrial(folder: string): void {
  const file = join(folder, 'out/results.jsonl');
  truncateSync(file, readFileSync(file).length - 40);
}

function journalLines(folder: string): string[] {
  return readFileSync(join(folder, 'out/results.jsonl'), 'utf8').split('\n').slice(0, -1);
}
