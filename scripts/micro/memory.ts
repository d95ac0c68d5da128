import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const commandLine = resolve(import.meta.dirname, '../../harness/cli/patternbench.js');

/** Peak resident bytes of the default `patternbench run`: of its own process, and of it with all its children together. */
export async function measureMemory(): Promise<{ own: number; withChildren: number } | undefined> {
  if (process.platform !== 'linux') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-micro-'));
  const child = spawn(process.execPath, [commandLine, 'run', '--out', join(folder, 'run')], {
    stdio: 'ignore',
  });
  const peak = { own: 0, withChildren: 0 };
  const timer = setInterval(() => {
    const processes = readProcesses();
    const own = processes.get(child.pid ?? 0)?.residentBytes ?? 0;
    const family = [...processes.keys()].filter((pid) => descendsFrom(pid, child.pid ?? 0, processes));
    const all = family.reduce((sum, pid) => sum + (processes.get(pid)?.residentBytes ?? 0), 0);
    peak.own = Math.max(peak.own, own);
    peak.withChildren = Math.max(peak.withChildren, all);
  }, 20);
  const code = await new Promise((done) => child.once('exit', done));
  clearInterval(timer);
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`The run ended with ${code}.`);
  return peak;
}

type ProcessInfo = { parent: number; residentBytes: number };

function readProcesses(): Map<number, ProcessInfo> {
  const processes = new Map<number, ProcessInfo>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const field = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      processes.set(Number(name), { parent: field('PPid'), residentBytes: field('VmRSS') * 1024 });
    } catch {
      // It ended meanwhile.
    }
  }
  return processes;
}

function descendsFrom(pid: number, ancestor: number, processes: Map<number, ProcessInfo>): boolean {
  for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) if (at === ancestor) return true;
  return false;
}
