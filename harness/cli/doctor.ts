import { toJson } from '../../reports/exporters.ts';
import { type Screen, terminalTable } from '../../reports/text/terminal.ts';
import { type IsolationLevel, LEVELS } from '../results/codes.ts';
import { missingFor, ownNamespaces, refusalOfBubblewrap } from '../sandbox/isolation.ts';
import { type IsolationProbe, isClaimed, probeIsolation } from '../sandbox/probe.ts';
import { type Io, screenFor } from './io.ts';

type DoctorOptions = { level: 'highest' | IsolationLevel; json?: boolean };

/** `doctor`: proves each wall of the sandbox on this machine by trying it. */
export async function doctor(
  { options: { level, json } }: { options: DoctorOptions },
  io: Io,
): Promise<number> {
  const probe = await probeIsolation({ level });
  io.stdout.write(json ? toJson(probe) : toText(probe, screenFor(io.stdout, io.env)));
  return probe.walls.every((wall) => wall.held || !isClaimedHere(probe.level, wall.wall)) ? 0 : 1;
}

/** Whether a wall is one that the level has on this machine. */
function isClaimedHere(level: IsolationLevel, wall: string): boolean {
  return isClaimed(wall, level, ownNamespaces().length > 0);
}

function toText({ level, walls }: IsolationProbe, screen: Screen): string {
  const rows = walls.map(({ wall, held, detail }) => [
    wall,
    held ? 'holds' : isClaimedHere(level, wall) ? 'DOES NOT HOLD' : `open at ${level}`,
    detail.replace(/\s+/g, ' ').slice(0, 100),
  ]);
  const next = LEVELS[LEVELS.indexOf(level) + 1];
  const missing = next ? missingFor(next) : [];
  const refusal = next === 'L3' ? refusalOfBubblewrap() : undefined;
  return `${[
    `Node ${process.versions.node}, ${process.platform} ${process.arch}. Isolation level ${level}.`,
    terminalTable({ headings: ['wall', 'tried', 'what happened'], align: ['l', 'l', 'l'], rows }, screen),
    missing.length > 0 ? `For ${next}, this machine lacks: ${missing.join('; ')}.` : '',
    refusal !== undefined
      ? `For L3, bubblewrap must be allowed to make namespaces. It says: ${refusal} On Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0. In a container: allow user namespaces.`
      : '',
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;
}
