import { readFileSync } from 'node:fs';
import { type LoadHookSync, registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'acorn';
import { describeThrown, stackOf, UsageError } from '../errors.ts';

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
export function describeReason(error: unknown): string {
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
    if (isInstalledTypeScript(url)) return { format: 'module', source: stripFile(url), shortCircuit: true };
    const isMistaken = context.format === 'commonjs-typescript' && isModule(url);
    return next(url, isMistaken ? { ...context, format: 'module-typescript' } : context);
  };
  registerHooks({ load });
}

function isInstalledTypeScript(url: string): boolean {
  return url.startsWith('file:') && /\/node_modules\/.*\.ts$/.test(new URL(url).pathname);
}

function stripFile(url: string): string {
  return stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'strip' });
}

function isModule(url: string): boolean {
  try {
    const { body } = parse(stripFile(url), { ecmaVersion: 'latest', sourceType: 'module' });
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
