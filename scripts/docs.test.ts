// Runs every block of docs/, over real servers from npm too: some 12 s of CPU, so that no page can say what is not so.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as api from '../harness/cli/api.ts';
import { makeFolder, patternbench } from '../harness/testing/command-line.ts';
import { officialServers } from '../harness/testing/official-servers.ts';
import { type Block, blocksOf, commandsOf, documents, linksOf, readDocument } from './docs.ts';

const root = resolve(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
const env = { PATH: [await officialServers(), bin, process.env.PATH].join(delimiter) };
/** The package as it is loaded here already: loading it once more takes seconds. */
Object.assign(globalThis, { patternbenchApi: api });
const exported = `export const { ${Object.keys(api).join(', ')} } = globalThis.patternbenchApi;\n`;

/** Each document is tried in a folder of its own, where the package is installed. */
const home = makeFolder({
  'package.json': '{ "type": "module" }',
  'node_modules/patternbench/package.json': '{ "type": "module", "exports": "./index.js" }',
  'node_modules/patternbench/index.js': exported,
});
const folderOf = (document: string) => join(home, document.replace(/\.\w+$/, ''));

/**
 * What may keep a block from being run here; the rest runs. `elsewhere`: other tests or pages have it. `stays`: it serves or
 * waits until it is stopped.
 */
const reasons = ['browser', 'elsewhere', 'install', 'key', 'slow', 'stays'];

function write(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Runs the commands of a block; a block marked `exit=1` ends with that code. */
async function runCommands(block: Block, cwd: string): Promise<void> {
  const exit = Number(block.marks.exit ?? 0);
  for (const [program, ...args] of commandsOf(block)) {
    const command = `${block.document}:${block.line}: ${[program, ...args].join(' ')}`;
    expect(program, command).toBe('patternbench');
    const { code, stderr } = await patternbench(args, { cwd, env, trust: false });
    expect({ command, code, said: code === exit ? '' : stderr }).toEqual({ command, code: exit, said: '' });
  }
}

/** Imports a module as a program that was started in a folder. */
async function importFrom(cwd: string, module: string): Promise<void> {
  const before = process.cwd();
  process.chdir(cwd);
  try {
    await import(/* @vite-ignore */ pathToFileURL(module).href);
  } finally {
    process.chdir(before);
  }
}

describe.each(documents())('%s', (document) => {
  test('is short: at most 150 lines of at most 132 columns', () => {
    const lines = readDocument(document).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(150);
    expect(lines.filter((line) => line.length > 132)).toEqual([]);
  });

  test('leads somewhere with every link', () => {
    const targets = linksOf(readDocument(document)).map((path) => join(root, dirname(document), path));
    expect(targets.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('holds block by block', async () => {
    const cwd = folderOf(document);
    mkdirSync(cwd, { recursive: true });
    for (const block of blocksOf(document)) {
      const { file, skip } = block.marks;
      if (skip !== undefined) continue;
      if (file !== undefined) write(join(cwd, file), block.text);
      else if (block.language === 'sh') await runCommands(block, cwd);
      else if (block.language === 'ts') {
        const module = write(join(cwd, `line-${block.line}.ts`), block.text);
        await importFrom(cwd, module);
      }
    }
  });
});

// What imports the package was loaded above, and is checked by its schemas; to check all of harness/ here would take 12 s.
test('programs in docs/ have no type errors, with the types that the commands wrote', () => {
  const files = documents().flatMap((document) =>
    blocksOf(document).flatMap(({ language, marks: { file }, text }) =>
      language === 'ts' && file !== undefined && !text.includes("'patternbench")
        ? join(folderOf(document), file)
        : [],
    ),
  );
  expect(files.length).toBeGreaterThan(0);
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] }, include: [], files };
  const project = write(join(home, 'tsconfig.json'), JSON.stringify(config));
  const shell = process.platform === 'win32';
  const tsc = join(bin, shell ? 'tsc.cmd' : 'tsc');
  const { stdout, status } = spawnSync(tsc, ['--noEmit', '-p', project], { encoding: 'utf8', shell });
  expect([status, stdout]).toEqual([0, '']);
});

test('blocks that are not run say why, and these are all', () => {
  const skipped = documents().flatMap((document) =>
    blocksOf(document).flatMap(({ marks }) => marks.skip ?? []),
  );
  const count = (reason: string) => skipped.filter((each) => each === reason).length;
  expect(skipped.filter((each) => !reasons.includes(each))).toEqual([]);
  expect(Object.fromEntries(reasons.map((reason) => [reason, count(reason)]))).toEqual({
    browser: 1,
    elsewhere: 5,
    install: 1,
    key: 0,
    slow: 2,
    stays: 1,
  });
});

test('blocks are of languages that are run, or plainly are not', () => {
  const known = ['sh', 'ts', 'json', 'text', 'yaml'];
  const all = documents().flatMap(blocksOf);
  expect(all.filter(({ language }) => !known.includes(language))).toEqual([]);
});
