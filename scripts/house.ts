import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/**
 * Draws which rooms of harness/ import which, from the imports themselves, into ARCHITECTURE.md: `npm run house`. An arrow that
 * follows from others is left out. What may be imported is held by `biome.json`.
 */
const root = resolve(import.meta.dirname, '..');
export const mapFile = join(root, 'ARCHITECTURE.md');
const [start, end] = ['<!-- house -->\n', '<!-- /house -->'];

/** For each room, the rooms that its files import, without tests. */
export function readHouse(): Map<string, Set<string>> {
  const harness = join(root, 'harness');
  const house = new Map<string, Set<string>>();
  for (const entry of readdirSync(harness, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const room = roomOf(relative(harness, file));
    if (!room || !/\.ts$/.test(file) || /\.test\.ts$|[\\/]testing[\\/]/.test(file)) continue;
    const imports = house.get(room) ?? new Set();
    house.set(room, imports);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const other = roomOf(relative(harness, resolve(entry.parentPath, path)));
      if (other && other !== room) imports.add(other);
    }
  }
  return house;
}

/** The room of a path relative to harness/; undefined for files beside the rooms and those outside. */
function roomOf(path: string): string | undefined {
  const [first = '', second] = path.split(sep);
  return second === undefined || first === '..' ? undefined : first;
}

/** The house as a Mermaid diagram. */
function drawHouse(house = readHouse()): string {
  const rooms = [...house.keys()].sort();
  const reaches = (from: string, to: string): boolean =>
    [...(house.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  const arrows = rooms.flatMap((room) => {
    const imports = [...(house.get(room) ?? [])].sort();
    const direct = imports.filter((to) => !imports.some((between) => between !== to && reaches(between, to)));
    return direct.map((to) => `  ${room} --> ${to}`);
  });
  return ['```mermaid', 'flowchart TD', ...arrows, '```', ''].join('\n');
}

/** The text of ARCHITECTURE.md with the diagram as it is now. */
export function withDiagram(text: string): string {
  const [before = '', rest = ''] = text.split(start);
  const after = rest.slice(rest.indexOf(end));
  return `${before}${start}\n${drawHouse()}\n${after}`;
}

if (import.meta.main) writeFileSync(mapFile, withDiagram(readFileSync(mapFile, 'utf8')));
