import { defineScenario } from '../../harness/scenario/scenario.ts';
import { idOf, readDataset } from '../../mock-servers/research/dataset.ts';

const size = 240;
const documentId = idOf.document(size);

export default defineScenario({
  title: 'Follow references over three levels',
  description:
    'Which documents lie within three references of one? Each level is known only once the one before it was read, and grows; of all of it, a count, a year and three ids are wanted.',
  servers: ({ seed }) => ({ research: { mock: 'research', options: { documents: size, seed } } }),
  given: () => ({ documentId }),
  task: `Which documents does ${documentId} refer to directly, over one other document, or over two? Answer with nothing but a JSON object {"documents", "oldest", "top"}: how many there are, the year of the oldest, and the ids of the three with the highest citedBy, highest first, ties by id.`,
  stresses: ['round trips', 'payload'],
  prediction: {
    pattern: 'code',
    because: 'dozens of calls in three levels, whose results hold much that is repeated',
  },
  truth: ({ seed }) => {
    const byId = new Map(readDataset({ documents: size, seed }).documents.map((each) => [each.id, each]));
    const reached = new Map<string, number>();
    const visit = (id: string, level: number) => {
      if ((reached.get(id) ?? Infinity) <= level) return;
      reached.set(id, level);
      if (level < 3) for (const next of byId.get(id)?.referenceIds ?? []) visit(next, level + 1);
    };
    visit(documentId, 0);
    reached.delete(documentId);
    const found = [...reached.keys()].flatMap((id) => byId.get(id) ?? []);
    const byName = found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return {
      documents: found.length,
      oldest: found.reduce((oldest, { year }) => Math.min(oldest, year), Infinity),
      top: byName
        .sort((a, b) => b.citedBy - a.citedBy)
        .slice(0, 3)
        .map(({ id }) => id),
    };
  },
});
