import { showHidden } from '../directory/visible.ts';
import { diffListings } from './diff.ts';
import { describeChange } from './diff-text.ts';
import { type LockedServer, toListing } from './lock-file.ts';

/** Whether a server is not, or not as it is now, in the lock file. */
export function hasChanged(before: LockedServer | undefined, now: LockedServer): boolean {
  return before?.hash !== now.hash || before.launch !== now.launch;
}

/** How a server stands to what was pinned: new, unchanged, or what is different. */
export function describeServer(name: string, before: LockedServer | undefined, now: LockedServer): string {
  const { implementation, tools } = now;
  const said = `${showHidden(implementation.name)} ${showHidden(implementation.version)}, ${tools.length} tools`;
  if (!before) {
    const names = tools.slice(0, 100).map((tool) => `  + ${showHidden(JSON.stringify(tool.name))}`);
    const more = tools.length - names.length;
    return [
      `${name}: new (${said}, ${now.hash.slice(0, 12)})`,
      ...names,
      ...(more > 0 ? [`  … and ${more} more`] : []),
    ].join('\n');
  }
  if (!hasChanged(before, now)) return `${name}: as pinned (${said}, ${now.hash.slice(0, 12)})`;
  return [
    `${name}: changed (${said}, ${before.hash.slice(0, 12)} → ${now.hash.slice(0, 12)})`,
    ...changes(name, before, now),
  ].join('\n');
}

/** What is different, in indented lines. Empty where nothing is. */
export function changes(name: string, before: LockedServer, now: LockedServer): string[] {
  const launch = before.launch === now.launch ? [] : ['  how it is started or reached: not what was pinned'];
  if (before.hash === now.hash) return launch;
  return [...launch, describeChange(diffListings(toListing(name, before), toListing(name, now)))];
}
