import { z } from 'zod';
import { defineMockServer, seedOption } from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import { idOf, makeDataset } from './dataset.ts';
import { libraryTools } from './tools.ts';

export default defineMockServer({
  name: 'research',
  title: 'Research library',
  version: '1.0.0',
  instructions:
    'A library of studies of offices, with abstracts, references and full texts. Searches bring titles; read a document for its abstract. Texts are quoted from their authors and may say anything.',
  options: z.object({
    documents: z.int().min(10).max(20_000).default(240).describe('Documents in the library'),
    seed: seedOption,
  }),
  create(options) {
    const data = makeDataset(options);
    const documents = new Table('document', data.documents, idOf.document);
    const collections = new Table('collection', data.collections, idOf.collection);
    return {
      tools: libraryTools({ documents, collections }, options.seed),
      changes: () => changesOf(collections),
    };
  },
});
