import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GradeContext, Grader } from '../harness/scenario/scenario.ts';
import { trialDirReference } from '../harness/scenario/servers.ts';
import { officialServer } from './official-server.ts';

type Entity = { name: string; entityType: string; observations: string[] };
type Relation = { from: string; to: string; relationType: string };
type Line = ({ type: 'entity' } & Entity) | ({ type: 'relation' } & Relation);

const fileName = 'memory.jsonl';

/** The official memory server, with its file in the trial's own folder. */
export function memoryServer() {
  return officialServer('memory', { env: { MEMORY_FILE_PATH: `${trialDirReference}/${fileName}` } });
}

/** What `setup` writes for a memory server that remembers something already. */
export function memoryFile(entities: readonly Entity[]) {
  return {
    name: fileName,
    text: entities.map((each) => JSON.stringify({ type: 'entity', ...each })).join('\n'),
  };
}

/** Grades what the memory server kept: exactly these entities and relations. */
export function memoryGraph(
  expected: (context: GradeContext) => { entities: Entity[]; relations?: Relation[] },
): Grader {
  return {
    name: 'memory',
    grade(context) {
      const { entities, relations = [] } = expected(context);
      const file = join(context.trialDir, fileName);
      if (!existsSync(file)) return wrong('Nothing was remembered.');
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      const kept = lines.map((line) => JSON.parse(line) as Line);
      const texts = new Set(kept.map(textOf));
      const wanted = [
        ...entities.map((entity) => textOf({ type: 'entity', ...entity })),
        ...relations.map((relation) => textOf({ type: 'relation', ...relation })),
      ];
      if (wanted.some((text) => !texts.has(text)))
        return wrong('Something that was to be remembered is missing.');
      if (kept.length > wanted.length) return wrong('More is remembered than was asked for.');
      return { correct: true, reason: 'The memory holds what was asked for, and nothing else.' };
    },
  };
}

function textOf(line: Line): string {
  return JSON.stringify(
    line.type === 'entity'
      ? [line.name, line.entityType, line.observations]
      : [line.from, line.relationType, line.to],
  );
}

// Which writes were lost differs from run to run, so the reason names none.
function wrong(reason: string) {
  return { correct: false, reason };
}
