import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type IsolationLevel, LEVELS } from '../results/codes.ts';
import { createSandbox } from './create.ts';
import { bootstrapSource } from './guest/bootstrap.ts';
import {
  DATA_BYTES,
  findProgram,
  missingFor,
  ownNamespaces,
  refusalOfBubblewrap,
  type Wall,
} from './isolation.ts';
import { type IsolationProbe, isClaimed, probeIsolation, walls } from './probe.ts';
import { childPids } from './process.ts';
import { attempt, reachableLevels } from './testing/harness.ts';

const { levels, skipped } = await reachableLevels();
const KERNEL_TOOLS = process.platform === 'linux' && findProgram('setpriv') !== undefined;

/** Walls that hold from L2 on without namespaces, and the one that takes them. */
const FROM_L2 = Object.keys(walls).filter((wall) => walls[wall] === 'L2');
const BY_NAMESPACES = ['signal its parent'];

function open(probe: IsolationProbe): string[] {
  return probe.walls.filter(({ held }) => !held).map(({ wall }) => wall);
}

describe.each(LEVELS.map((level) => ({ level })))('at $level', ({ level }) => {
  test.skipIf(!levels.includes(level) || !KERNEL_TOOLS)(
    `every wall that belongs to ${level} holds ${skipped}`,
    async () => {
      const probe = await probeIsolation({ level });
      const hasOwnIds = ownNamespaces().length > 0;
      const unclaimed = Object.keys(walls).filter((wall) => !isClaimed(wall, level, hasOwnIds));
      expect(open(probe).sort()).toEqual(unclaimed.sort());
      expect(probe.walls.map(({ wall }) => wall).sort()).toEqual(Object.keys(walls).sort());
    },
  );
});

describe('a wall that is left out turns its case red', () => {
  /** Limits on programs have cases of their own below. */
  const parts = [] as const;
  const reached = (level: IsolationLevel) => levels.includes(level) && KERNEL_TOOLS;

  test.skipIf(!reached('L2'))('permissions', async () => {
    const without = ['permission', 'namespaces'] as const;
    expect(open(await probeIsolation({ level: 'L2' }, { without, parts }))).toEqual(
      expect.arrayContaining(FROM_L2.filter((wall) => wall !== 'write a file')),
    );
  });
  test.skipIf(!reached('L2'))('process ids of its own, where the kernel gives them to any user', async () => {
    expect(open(await probeIsolation({ level: 'L2' }, { without: ['namespaces'], parts }))).toEqual(
      BY_NAMESPACES,
    );
  });
  test.skipIf(!reached('L3'))('namespaces, which alone still stop files, network and signals', async () => {
    const namespacesOnly = open(await probeIsolation({ level: 'L3' }, { without: ['permission'], parts }));
    for (const wall of [
      'read a file',
      'read /etc/passwd',
      'TCP connection',
      'unix socket',
      'signal its parent',
    ]) {
      expect(namespacesOnly).not.toContain(wall);
    }
    const permissionOnly = open(await probeIsolation({ level: 'L3' }, { without: ['namespaces'], parts }));
    expect(permissionOnly).toEqual(BY_NAMESPACES);
  });
  test.skipIf(!reached('L1'))('the empty environment and the signal of the parent’s death', async () => {
    const found = open(
      await probeIsolation({ level: 'L1' }, { without: ['environment', 'parentDeath'], parts: ['death'] }),
    );
    expect(found).toEqual(expect.arrayContaining(['see environment variables', 'death with the parent']));
  });
  test.skipIf(!reached('L2') || findProgram('prlimit') === undefined)('system resource limits', async () => {
    const coreLimit = async (without: Wall[]) => {
      const sandbox = await createSandbox({ level: 'L2', warm: 0 }, { without });
      const [pid] = childPids();
      const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
      await sandbox.close();
      return /Max data size +(\S+)/.exec(limits)?.[1];
    };
    expect(await coreLimit([])).toBe(String(DATA_BYTES));
    expect(await coreLimit(['limits'])).not.toBe(String(DATA_BYTES));
  });

  const cases: {
    wall: Wall;
    source: string;
    limits: object;
    /** What is limited otherwise where the wall is left out. */
    later?: object;
    with: string;
    without: string[];
  }[] = [
    {
      wall: 'cpuWatch',
      // Takes seconds, and heeds no timer of the engine.
      source: 'return String(3n ** 600000000n).length',
      limits: { cpuMs: 100, wallMs: 60_000 },
      later: { wallMs: 700 },
      with: 'timeout_cpu',
      without: ['timeout_wall'],
    },
    {
      wall: 'memoryWatch',
      source: `JSON.parse('['.repeat(5e6))`,
      limits: { memoryBytes: 32 * 1024 * 1024, cpuMs: 4000, wallMs: 6000 },
      with: 'oom',
      without: ['guest_error'],
    },
  ];
  test.for(cases)('$wall', async ({ wall, source, limits, later, ...expected }) => {
    for (const without of [[], [wall]]) {
      const sandbox = await createSandbox({ level: 'L1', warm: 0 }, { without });
      const { end } = await attempt(sandbox, source, without.length === 0 ? limits : { ...limits, ...later });
      await sandbox.close();
      expect(without.length === 0 ? [expected.with] : expected.without).toContain(end.status);
    }
  });
  test('the wall timer', async () => {
    const sandbox = await createSandbox({ level: 'L1', warm: 0 }, { without: ['wallTimer'] });
    const ended = attempt(sandbox, 'await mcp.s.never()', { wallMs: 200 }).then(({ end }) => end.status);
    const late = new Promise((resolve) => setTimeout(resolve, 800, 'still running'));
    expect(await Promise.race([ended, late])).toBe('still running');
    await sandbox.close();
    expect(await ended).toBe('killed');
  });
  test('what the guest is deprived of', async () => {
    const boot = { bootstrap: bootstrapSource({ harden: false }) };
    const sandbox = await createSandbox({ level: 'L1', warm: 0 }, { boot });
    const { end } = await attempt(sandbox, 'return [typeof WebAssembly, typeof new ArrayBuffer(1).resize]');
    await sandbox.close();
    expect(end).toMatchObject({ status: 'ok', valueJson: '["object","function"]' });
  });
});

test('the page on security says which walls hold where', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const listed = page.matchAll(/^- \*\*From (.+) on:\*\* ((?:.|\n {2})+)\.$/gm);
  const written = [...listed].flatMap(([, from = '', names = '']) =>
    names.split(/,\s+/).map((wall) => [wall.replace(/\s+/g, ' '), from]),
  );
  expect(Object.fromEntries(written)).toEqual(walls);
});

describe('levels', () => {
  test('a bubblewrap that may not make namespaces says why', () => {
    const program = join(mkdtempSync(join(tmpdir(), 'patternbench-bwrap-')), 'bwrap');
    writeFileSync(program, '#!/bin/sh\necho "bwrap: setting up uid map: Permission denied" >&2; exit 1\n', {
      mode: 0o700,
    });
    expect(refusalOfBubblewrap(program)).toBe('bwrap: setting up uid map: Permission denied');
    writeFileSync(program, '#!/bin/sh\nshift 4; exec "$@"\n');
    expect(refusalOfBubblewrap(program)).toBeUndefined();
    rmSync(dirname(program), { recursive: true });
  });

  test('the highest level that works is taken, and said', async () => {
    const sandbox = await createSandbox();
    expect(sandbox.level).toBe(levels.at(-1));
    await sandbox.close();
  });

  test('a minimum that is not reached is an error that names the remedy, before anything runs', async () => {
    const path = process.env.PATH;
    const lacking = LEVELS.find((level) => !levels.includes(level));
    if (lacking === undefined) {
      await expect(createSandbox({ level: 'L1', minimum: 'L2' })).rejects.toThrow(
        /cannot reach isolation level L2/,
      );
    } else {
      await expect(createSandbox({ minimum: lacking })).rejects.toThrow(missingFor(lacking)[0] ?? lacking);
    }
    expect(process.env.PATH).toBe(path);
  });

  test('an isolated-vm with the known memory-corruption flaw is refused', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'patternbench-old-ivm-'));
    try {
      for (const version of ['5.0.4', '6.2.0', '7.0.0']) {
        writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'isolated-vm', version }));
        await expect(createSandbox({ level: 'L1' }, { ivmDir: dir })).rejects.toThrow(
          /memory-corruption flaw; 7\.0\.1/,
        );
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
