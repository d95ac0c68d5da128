import { readdirSync, readlinkSync } from 'node:fs';

/** The files at or under a path that this process holds open. None are seen on systems without /proc. */
export function openFilesAt(path: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${name}`);
      return file === path || file.startsWith(`${path}/`) ? [file] : [];
    } catch {
      // Closed between the two looks, as the listing's own is.
      return [];
    }
  });
}
