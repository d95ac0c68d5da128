import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { delimiter, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IsolationLevel } from '../results/codes.ts';

const MIB = 1024 * 1024;

/**
 * What the system lets a child map for data. 1,024 MiB of it are addresses that its two isolates reserve for machine code, and
 * 96 MiB an idle child; the rest is what the parent's watch allows by default too: heap, allowance, and results on their way.
 */
export const DATA_BYTES = 1400 * MIB;

/** Walls that a test may leave out, to show that the case that relies on a wall fails without it. */
export type Wall =
  | 'permission'
  | 'limits'
  | 'environment'
  | 'parentDeath'
  | 'namespaces'
  | 'memoryWatch'
  | 'cpuWatch'
  | 'wallTimer';

/** How a child is started at one level. */
export type Launch = { command: string; args: string[]; env: Record<string, string> };

/** Finds isolated-vm, as this module would import it, and its compiled addon. */
export function locateIvm() {
  const require = createRequire(import.meta.url);
  const dir = dirname(require.resolve('isolated-vm/package.json'));
  const build = createRequire(join(dir, 'package.json'))('node-gyp-build') as { path(dir: string): string };
  return { dir, binding: build.path(dir) };
}

/**
 * The child's entry file, beside this one. Where that is TypeScript its types are taken out once, into a file in `cwd`: it would
 * cost each child 70 ms.
 */
export function childEntry(cwd: string): string {
  const beside = fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url));
  if (!beside.endsWith('.ts')) return beside;
  const entry = join(cwd, 'child.mjs');
  writeFileSync(entry, stripTypeScriptTypes(readFileSync(beside, 'utf8')), { mode: 0o400 });
  return entry;
}

/** The first executable of this name on the usual path. */
export function findProgram(name: string): string | undefined {
  const dirs = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(delimiter)];
  return dirs.map((dir) => join(dir, name)).find((path) => path.startsWith('/') && existsSync(path));
}

/** The same of what other systems have with other options, if at all. */
function findOnLinux(name: string): string | undefined {
  return process.platform === 'linux' ? findProgram(name) : undefined;
}

/** What a level needs and this machine lacks, each with the way to get it; empty where nothing is lacking. */
export function missingFor(level: IsolationLevel): string[] {
  if (level === 'L1') return [];
  if (level === 'L2') {
    const hasNet = process.allowedNodeEnvironmentFlags.has('--allow-net');
    return hasNet ? [] : ['Node 26 (the permission model of older ones leaves the network open)'];
  }
  if (process.platform !== 'linux') return ['Linux (namespaces exist only there)'];
  return findProgram('bwrap') ? [] : ['bubblewrap (for example: apt-get install bubblewrap)'];
}

/** What bubblewrap says where it may not make namespaces, as on Ubuntu from 23.10 on; undefined where it may, or is not there. */
export function refusalOfBubblewrap(program = findProgram('bwrap')): string | undefined {
  if (program === undefined) return undefined;
  const flags = ['--unshare-all', '--ro-bind', '/', '/', 'true'];
  const { status, stderr } = spawnSync(program, flags, { encoding: 'utf8', timeout: 5_000 });
  return status === 0 ? undefined : stderr.trim() || `It ended with ${status}.`;
}

/** The command that starts a child at this level. Wrappers that the machine lacks are left out of L1 and L2. */
export function planLaunch(
  level: IsolationLevel,
  options: {
    ivm: ReturnType<typeof locateIvm>;
    entry: string;
    cwd: string;
    without: readonly Wall[];
    nodeFlags?: readonly string[];
  },
): Launch {
  const { ivm, entry, cwd, nodeFlags = [] } = options;
  const has = (wall: Wall) => !options.without.includes(wall);
  const env = has('environment') ? {} : (process.env as Record<string, string>);
  const node: string[] = [process.execPath, '--no-warnings', ...nodeFlags];
  const readable = [
    entry,
    join(ivm.dir, 'package.json'),
    ivm.binding,
    ...scopeFiles(entry),
    ...scopeFiles(ivm.binding),
  ];
  if (level !== 'L1' && has('permission')) {
    node.push('--permission', '--allow-addons', ...readable.map((path) => `--allow-fs-read=${path}`));
  }
  node.push(entry);

  const command: string[] = [];
  const setpriv = findOnLinux('setpriv');
  // A blocked child sees its pipe close; one that computes would not, so the kernel is asked to end it with its parent.
  if (setpriv !== undefined && has('parentDeath')) {
    // Where bubblewrap is set-user-id it needs privileges to give them up itself.
    command.push(setpriv, '--pdeathsig', 'KILL', ...(level === 'L3' ? [] : ['--no-new-privs']), '--');
  }
  const prlimit = findOnLinux('prlimit');
  if (level !== 'L1' && prlimit !== undefined && has('limits')) {
    command.push(prlimit, `--data=${DATA_BYTES}`, '--core=0', '--fsize=0', '--nofile=128', '--cpu=600', '--');
  }
  if (level === 'L3' && has('namespaces')) command.push(...bubblewrap(readable, cwd));
  if (level === 'L2' && has('namespaces')) command.push(...ownNamespaces());
  const [first = process.execPath, ...args] = [...command, ...node];
  return { command: first, args, env };
}

/**
 * What gives a child process ids, a network and shared memory of its own where the kernel lets any user do that. It takes
 * 1 to 3 ms, and the child can then signal no other process, not even its parent. Tried once; empty where it does not work, as
 * in many containers.
 */
export function ownNamespaces(): string[] {
  if (foundNamespaces) return foundNamespaces;
  const program = findOnLinux('unshare');
  if (program === undefined) return [];
  const flags = ['--user', '--map-current-user', '--pid', '--fork', '--kill-child', '--net', '--ipc', '--'];
  const { status } = spawnSync(program, [...flags, 'true'], { stdio: 'ignore', timeout: 5_000 });
  foundNamespaces = status === 0 ? [program, ...flags] : [];
  return foundNamespaces;
}

let foundNamespaces: string[] | undefined;

/** package.json files that Node consults to know how to read a module. */
function scopeFiles(file: string): string[] {
  const found: string[] = [];
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    const path = join(dir, 'package.json');
    if (existsSync(path)) return [...found, path];
  }
  return found;
}

function bubblewrap(readable: string[], cwd: string): string[] {
  const bwrap = findProgram('bwrap') ?? 'bwrap';
  const files = new Set([process.execPath, realpathSync(process.execPath), ...sharedObjects(), ...readable]);
  const binds = [...files].filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', path, path]);
  return [
    ...[bwrap, '--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...['--uid', '65534', '--gid', '65534'],
    ...binds,
    ...['--dir', cwd, '--chdir', cwd, '--remount-ro', '/', '--'],
  ];
}

/** Libraries that this very Node binary has mapped, and the loader at the path that the binary names. */
function sharedObjects(): string[] {
  if (foundObjects) return foundObjects;
  const mapped = readFileSync('/proc/self/maps', 'utf8').match(/\/\S+\.so(\.\S+)?$/gm) ?? [];
  const loaders = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];
  const names = process.report.getReport() as unknown as { sharedObjects?: string[] };
  const linked = (names.sharedObjects ?? []).filter((path) => path.startsWith('/') && path.includes('.so'));
  const all = new Set([...mapped, ...linked, ...loaders]);
  foundObjects = [...all].filter((path) => !path.includes('node_modules'));
  return foundObjects;
}

let foundObjects: string[] | undefined;
