import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type LoadHookSync, registerHooks, stripTypeScriptTypes } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { describeThrown, stackOf, UsageError } from '../errors.ts';
import { bundled, findFolder, listScenarios, readListing } from './find.ts';
import { parseTypeScript, readStepSources } from './program-source.ts';
import { isFunction, type Scenario, type Step, scenarioSchema } from './scenario.ts';

/**
 * Loads scenarios by the name of a bundled one or the path of a folder, seen from the folder `from`; without any, all bundled
 * ones. Throws a `UsageError` that names the file and the field for anything that does not load.
 */
export async function loadScenarios(wanted: readonly string[], from = '.'): Promise<Scenario[]> {
  const folders = (wanted.length > 0 ? wanted : listScenarios()).map((each) => findFolder(each, from));
  const scenarios: Scenario[] = [];
  for (const folder of new Set(folders)) scenarios.push(await loadScenario(folder));
  const names = scenarios.map((scenario) => scenario.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice)
    throw new UsageError(`Two of the scenarios are named "${twice}"; their folders must differ in name.`);
  return scenarios;
}

/** What bundled scenarios say of themselves. Their programs, which take most of the time, are not read. */
export async function loadHeads(): Promise<ScenarioHead[]> {
  const heads: ScenarioHead[] = [];
  for (const name of listScenarios()) heads.push(await loadHead(join(bundled, name)));
  return heads;
}

/** The bundled scenarios that a run without names has: few, quick, and of every kind. */
export async function loadCoreScenarios(): Promise<Scenario[]> {
  const core = readListing().scenarios.filter((scenario) => scenario.core);
  return loadScenarios(core.map(({ name }) => name));
}

/** A scenario without its program. */
export type ScenarioHead = Omit<Scenario, 'steps' | 'sources'>;

async function loadHead(folder: string): Promise<ScenarioHead> {
  const file = join(folder, 'scenario.ts');
  const hash = hashFiles(folder);
  const module = await importFile(file, hash);
  const read = readExport(file, () => scenarioSchema.safeParse(module.default));
  if (read.success) return { ...read.data, name: basename(folder), folder, hash };
  throw new UsageError(`${file}: its default export is not a scenario:\n${z.prettifyError(read.error)}`);
}

async function loadScenario(folder: string): Promise<Scenario> {
  const head = await loadHead(folder);
  const programFile = join(folder, 'program.ts');
  if (!existsSync(programFile)) {
    throw new UsageError(
      `${programFile} does not exist; it holds the reference program: export default async function (mcp, params) { … }`,
    );
  }
  const programModule = await importFile(programFile, head.hash);
  const steps = readExport(programFile, () => readSteps(programModule, programFile));
  let sources: Scenario['sources'];
  try {
    sources = readStepSources(
      readFileSync(programFile, 'utf8'),
      steps.map((step) => step.program.name),
    );
  } catch (error) {
    throw new UsageError(`${programFile}: ${describeReason(error)}.`, { cause: error });
  }
  return { ...head, steps, sources };
}

const stepSchema = z.strictObject({
  program: isFunction<Step['program']>(),
  look: isFunction<NonNullable<Step['look']>>().optional(),
});

function readSteps(module: Record<string, unknown>, file: string): Step[] {
  if (typeof module.default === 'function') {
    return [{ program: module.default as Step['program'] }];
  }
  const steps = z.array(stepSchema).min(1).safeParse(module.steps);
  if (steps.success) return steps.data;
  throw new UsageError(
    `${file} must export the reference program: export default async function program(mcp, params) { … }, or export const steps = [{ program }, { look, program }].`,
  );
}

/** Reads what a module exports, whose getters and proxies may throw. */
function readExport<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: reading what it exports threw ${describeThrown(error)}`, { cause: error });
  }
}

/**
 * Imports a file of a scenario. `hash` is that of its folder: Node keeps modules by address, and with the hash in it a folder
 * that has changed is read again. Throws a `UsageError` with file and line where it does not load.
 */
export async function importFile(file: string, hash: string): Promise<Record<string, unknown>> {
  refuseDeep(file);
  takeModulesByTheirText();
  try {
    return await import(`${pathToFileURL(file).href}?${hash.slice(0, 12)}`);
  } catch (error) {
    const place = /file:\/\/\S+?:(\d+)/.exec(stackOf(error))?.[1];
    throw new UsageError(`${file}${place ? `:${place}` : ''} does not load: ${describeReason(error)}`, {
      cause: error,
    });
  }
}

/** What an error says, or what was thrown instead of one. */
function describeReason(error: unknown): string {
  return error instanceof Error ? error.message : describeThrown(error);
}

let isHooked = false;

/**
 * Lets TypeScript load where Node does not take it for that. Below node_modules, where an installed patternbench keeps its
 * scenarios, Node takes out no types. It also lets TypeScript files with `import` or `export` load where the nearest
 * package.json says "type": "commonjs", as `npm init` writes it. They could not be loaded otherwise, and a scenario's folder
 * has no package.json of its own.
 */
function takeModulesByTheirText(): void {
  if (isHooked) return;
  isHooked = true;
  const load: LoadHookSync = (url, context, next) => {
    if (isInstalledTypeScript(url)) {
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'strip' });
      return { format: 'module', source, shortCircuit: true };
    }
    const isMistaken = context.format === 'commonjs-typescript' && isModule(url);
    return next(url, isMistaken ? { ...context, format: 'module-typescript' } : context);
  };
  registerHooks({ load });
}

function isInstalledTypeScript(url: string): boolean {
  return url.startsWith('file:') && /\/node_modules\/.*\.ts$/.test(new URL(url).pathname);
}

function isModule(url: string): boolean {
  try {
    const { body } = parseTypeScript(readFileSync(fileURLToPath(url), 'utf8'));
    return body.some(({ type }) => /^(Import|Export)/.test(type));
  } catch {
    // Node says what is wrong with it.
    return false;
  }
}

/** Brackets within brackets; the type stripper, which recurses natively, takes the process down at some ten thousand. */
const mostNested = 1_000;

/** Throws a `UsageError` for code that cannot be parsed safely. Brackets in texts are few and mostly in pairs. */
function refuseDeep(file: string): void {
  let depth = 0;
  for (const [bracket] of readFileSync(file, 'utf8').matchAll(/[()[\]{}]/g)) {
    depth = '([{'.includes(bracket) ? depth + 1 : Math.max(0, depth - 1);
    if (depth <= mostNested) continue;
    throw new UsageError(
      `${file} is nested more than ${mostNested} brackets deep. Split its expressions up.`,
    );
  }
}

/** Bytes of one file, and of all, that are read; what is larger counts by its name and size alone. */
const mostOfOne = 16 * 1024 ** 2;
const mostOfAll = 256 * 1024 ** 2;

/** What runs and installations leave in a folder is no part of the workflow, and types change nothing that runs. */
const skippedFolders = ['node_modules', 'runs', 'cassettes'];
const skippedFiles = /^patternbench\.(lock|trust|baseline)\.json$|\.d\.ts$/;

/** Code of patternbench itself, of which every run records the version. */
const own = resolve(import.meta.dirname, '../..');
const ownCode = ['harness', 'mock-servers', 'node_modules'].map((name) => join(own, name) + sep);

/**
 * SHA-256 over names and bytes of all files that a scenario's result depends on, as far as its folder tells: everything in the
 * folder and below (its code, data and `.mcp.json`), and what its code imports from elsewhere by a relative path, transitively.
 * Left out are hidden files, `node_modules`, declarations of types, and what patternbench writes: runs, recordings, lock and
 * baseline.
 */
export function hashFiles(folder: string): string {
  /** By name as seen from the folder; a link to a folder has no bytes. */
  const files = new Map<string, string | undefined>();
  listFiles(folder, folder, files);
  const imported = new Set([...files.values()].flatMap((file) => file ?? []));
  for (const file of imported) {
    for (const other of findImports(file)) {
      if (imported.has(other) || ownCode.some((place) => other.startsWith(place))) continue;
      imported.add(other);
      files.set(nameIn(folder, other), other);
    }
  }
  const hash = createHash('sha256');
  let room = mostOfAll;
  for (const [name, file] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const size = file === undefined ? 0 : statSync(file).size;
    hash.update(`${name}\n${size}\n`);
    if (file === undefined || size > mostOfOne || size > room) continue;
    room -= size;
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

function listFiles(folder: string, root: string, files: Map<string, string | undefined>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') && entry.name !== '.mcp.json') continue;
    // A link to a folder may lead round in a circle: where it leads is what counts.
    const isLink = entry.isSymbolicLink();
    const target = isLink && !existsSync(path) ? undefined : statSync(path);
    if (target?.isDirectory() === true) {
      if (isLink) files.set(`${nameIn(root, path)} -> ${readlinkSync(path)}`, undefined);
      else if (!skippedFolders.includes(entry.name) && !isRun(path)) listFiles(path, root, files);
    } else if (target?.isFile() === true && !skippedFiles.test(entry.name)) {
      files.set(nameIn(root, path), path);
    }
  }
}

function isRun(folder: string): boolean {
  return ['run.json', 'sweep.json', 'results.jsonl'].some((name) => existsSync(join(folder, name)));
}

/** Files that a module names by a relative path, in imports of any form. */
function findImports(file: string): string[] {
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g)].flatMap(
    ([, , specifier = '']) => {
      const path = join(dirname(file), specifier.replace(/[?#].*$/, ''));
      return existsSync(path) && statSync(path).isFile() && !skippedFiles.test(path) ? [path] : [];
    },
  );
}

/** A path as seen from the folder, alike on all systems. */
function nameIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
