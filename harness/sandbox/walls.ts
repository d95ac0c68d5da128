import type { IsolationLevel } from '../results/codes.ts';

/** From where on a wall holds: from a level, or at L2 where the kernel gives a child process ids of its own. */
type From = 'L1' | 'L2' | 'L2 with own process ids';

/** Every wall that `doctor` tries, and from where on it holds. */
export const walls: Readonly<Record<string, From>> = {
  'see environment variables': 'L1',
  'see secrets in its arguments': 'L1',
  'use an inherited descriptor': 'L1',
  'CPU time': 'L1',
  'CPU time without the engine’s timer': 'L1',
  memory: 'L1',
  'wall time': 'L1',
  'death with the parent': 'L1',
  'read a file': 'L2',
  'read /etc/passwd': 'L2',
  'read /proc/self/environ': 'L2',
  'read its own program': 'L2',
  'list a directory': 'L2',
  'write a file': 'L2',
  'TCP connection': 'L2',
  'unix socket': 'L2',
  'UDP datagram': 'L2',
  'DNS query': 'L2',
  'start a program': 'L2',
  'start a worker': 'L2',
  'load an addon': 'L2',
  'open an inspector': 'L2',
  'silence on the network': 'L2',
  'signal its parent': 'L2 with own process ids',
};

/** Whether a wall is claimed to hold at a level; `hasOwnIds` says whether a child gets process ids of its own at L2. */
export function isClaimed(wall: string, level: IsolationLevel, hasOwnIds: boolean): boolean {
  const from = walls[wall];
  if (level === 'L3' || from === 'L1') return true;
  return level === 'L2' && (from === 'L2' || hasOwnIds);
}
