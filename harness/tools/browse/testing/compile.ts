import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One complaint of the compiler: the file, the line (from 1) and the message. */
type Diagnostic = { file: string; line: number; message: string };

const compiler = join(import.meta.dirname, '../../../../node_modules/typescript/bin/tsc');

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024'],
  types: [],
  pretty: false,
};

/** Type-checks several sources in one run of the installed `tsc`; each source is a module of its own. */
export function compileTypeScript(sources: Record<string, string>): Diagnostic[] {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-tsc-'));
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    for (const [name, source] of Object.entries(sources)) {
      writeFileSync(join(folder, `${name}.ts`), `${source}\nexport {}\n`);
    }
    return parseDiagnostics(run(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string): string {
  try {
    return execFileSync(process.execPath, [compiler, '--project', folder], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    if (!stdout) throw new Error(`tsc did not run: ${stderr ?? error}`, { cause: error });
    return stdout;
  }
}

function parseDiagnostics(output: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const line of output.split('\n')) {
    const match = /^(.+?)\.ts\((\d+),\d+\): error (.+)$/.exec(line);
    if (match) found.push({ file: match[1] ?? '', line: Number(match[2]), message: match[3] ?? '' });
    else if (line.startsWith('error')) throw new Error(`tsc refused its input: ${line}`);
  }
  return found;
}
