import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { type Analysis, checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, patternbench as patternbenchHere } from '../harness/testing/command-line.ts';
import { officialServers } from '../harness/testing/official-servers.ts';
import { linksOf } from './docs.ts';

const root = resolve(import.meta.dirname, '..');
/**
 * A folder of a user's own, in which the packed package is installed beside the packages that it says it depends on, and no others:
 * these find what they need themselves, as a link leads to where they are.
 */
let folder: string;
/** What npm packed. */
let tarball: string;
/** Where commands of the user's servers are. */
let servers: string;

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, PATH: [servers, process.env.PATH].join(delimiter) },
  });
}

const patternbench = (...args: string[]) =>
  node(join(folder, 'node_modules', 'patternbench', 'dist', 'harness', 'cli', 'patternbench.js'), ...args);

beforeAll(async () => {
  servers = await officialServers();
  folder = makeFolder({ 'package.json': '{ "type": "module" }' });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const shell = process.platform === 'win32';
  const packed = execFileSync(npm, ['pack', '--json', '--pack-destination', folder], {
    ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell },
  });
  const name = /"filename":\s*"([^"]+)"/.exec(packed)?.[1];
  tarball = join(folder, String(name));
  execFileSync('tar', ['xzf', tarball], { cwd: folder });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  renameSync(join(folder, 'package'), join(modules, 'patternbench'));
  const manifest = JSON.parse(readFileSync(join(modules, 'patternbench', 'package.json'), 'utf8'));
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  const named = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  for (const each of named) {
    const installed = join(root, 'node_modules', each);
    // An optional one may be missing.
    if (!existsSync(installed)) continue;
    mkdirSync(dirname(join(modules, each)), { recursive: true });
    symlinkSync(installed, join(modules, each), 'junction');
  }
});

describe('the package that npm pack makes', () => {
  it('has no tests, scripts or TypeScript but scenarios and declarations', () => {
    const names = readdirSync(join(folder, 'node_modules', 'patternbench'), {
      recursive: true,
      encoding: 'utf8',
    });
    const brought = ['reports/schemas/summary.v1.schema.json', 'dist/reports/page/script.js'];
    for (const name of brought) expect(names).toContain(join(...name.split('/')));
    const foreign = names.filter((name) => /\.test\.|testing|(?<!\.d)\.ts$/.test(name));
    expect(foreign.filter((name) => !name.startsWith(join('dist', 'scenarios')))).toEqual([]);
    const inner = readFileSync(join(folder, 'node_modules', 'patternbench', 'dist', 'package.json'), 'utf8');
    expect(JSON.parse(inner)).not.toHaveProperty('exports');
  });

  it('is found by every way to import it that it serves, with its types', async () => {
    const pkgDir = join(folder, 'node_modules', 'patternbench');
    const { messages } = await publint({ pkgDir, pack: false, strict: true });
    expect(messages).toEqual([]);
    const { problems } = (await checkPackage(
      createPackageFromTarballData(readFileSync(tarball)),
    )) as Analysis;
    // It serves modules alone: no CommonJS, and no resolution from before Node had exports.
    const unserved = ['node10', 'node16-cjs'];
    const served = problems.filter(
      (problem) => !('resolutionKind' in problem && unserved.includes(problem.resolutionKind)),
    );
    expect(served).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
  });

  it('brings its documentation, in which each link leads to a file of the package', () => {
    const own = join(folder, 'node_modules', 'patternbench');
    const texts = ['docs', 'reports/published'].flatMap((name) =>
      readdirSync(join(own, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(md|txt)$/.test(file))
        .map((file) => join(own, name, file)),
    );
    expect(texts).toContain(join(own, 'docs', 'llms.txt'));
    const lost = texts.flatMap((text) =>
      linksOf(readFileSync(text, 'utf8')).filter((path) => !existsSync(join(dirname(text), path))),
    );
    expect(lost).toEqual([]);
  });

  it('starts a user off: with a workflow over servers that are installed beside it, and one for GitHub', () => {
    const mcpServers = { memory: { command: 'mcp-server-memory' } };
    writeFileSync(join(folder, '.mcp.json'), JSON.stringify({ mcpServers }));
    expect(patternbench('init', '--yes', '--ci')).toContain('.github/workflows/patternbench.yml');
    expect(patternbench('check')).toBe('first: ok\n');
  });

  it('gives programs what its command line does, with the figures of the repository', async () => {
    const asked = ['--param', 'contacts=20', '--variants', 'classic,code', '--set', 'verdict.sizes=false'];
    writeFileSync(
      join(folder, 'use.mjs'),
      `import { defineConfig, defineScenario, jsonAnswer, readSummary, run } from 'patternbench';
       const args = [${asked.map((each) => JSON.stringify(each)).join()}, '--out', 'from-code'];
       const { verdicts, results } = await run(['crm-contact-lookup'], { args });
       const same = readSummary('from-code').verdicts[0].pattern === verdicts[0].pattern;
       const wrong = await run(['crm-contact-lookpu']).catch(({ name }) => name);
       const given = [defineConfig, defineScenario, jsonAnswer].map((each) => typeof each);
       console.log(JSON.stringify({ results, ends: [verdicts[0].pattern, same, wrong, ...given] }));`,
    );
    const { results, ends } = JSON.parse(node('use.mjs'));
    expect(ends).toEqual(['classic', true, 'UsageError', 'function', 'function', 'function']);
    const figures = (of: Record<string, unknown>[]) =>
      of.map(({ variant, correct, tokens, costUsd }) => ({ variant, correct, tokens, costUsd }));
    const here = await patternbenchHere(['run', 'crm-contact-lookup', ...asked, '--json']);
    expect(figures(results)).toEqual(figures(JSON.parse(here.stdout).results));
  });

  it('lets a team hold a budget in its own tests, with types', () => {
    const budget = `import { expect, test } from 'vitest';
      import { workflow } from 'patternbench/vitest';
      test('a look-up is cheap', async () => {
        const args = ['--param', 'contacts=20', '--variants', 'classic,code', '--set', 'verdict.sizes=false'];
        const run = await workflow('crm-contact-lookup', { args });
        expect(run).toPrefer('classic');
        expect(run).toStayUnder({ billed: 20_000 });
        expect(run).toStayUnder({ billed: 20_000 }, 'code');
      });
      // @ts-expect-error: there is no such figure.
      test.skip('is never run', async () => expect(await workflow('x')).toStayUnder({ tokens: 1 }));`;
    writeFileSync(join(folder, 'budget.test.ts'), budget);
    const settings =
      '--ignoreConfig --noEmit --singleThreaded --strict --module nodenext --target es2024 --skipLibCheck';
    node(join(root, 'node_modules/typescript/bin/tsc'), ...settings.split(' '), 'budget.test.ts');
    const told = node(
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter',
      'tap-flat',
      '--testTimeout',
      '120000',
    );
    expect(told).toMatch(/^ok 1 - .*a look-up is cheap/m);
  });
});
