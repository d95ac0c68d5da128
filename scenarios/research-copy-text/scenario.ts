import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset, sectionNames, sectionOf } from '../../mock-servers/research/dataset.ts';
import { fileIs, filesServer } from '../official-server.ts';

const [documentId, path] = ['doc_0042', 'study.txt'];

export default defineScenario({
  title: 'Copy a long text from one server to another',
  description:
    'A study of some pages goes from a library into a file, letter by letter, by the official file-system server. In classic the model reads the text and then writes all of it out again.',
  servers: ({ seed }) => ({ research: { mock: 'research', options: { seed } }, files: filesServer() }),
  tools: {
    research: ['get_full_text', 'search_documents', 'get_document'],
    files: ['write_file', 'list_directory'],
  },
  given: () => ({ documentId, path }),
  task: `Write the full text of the document ${documentId} to the file "${path}", exactly as the library has it. Answer with nothing but a JSON object {"path", "characters"}: the file and how many characters you wrote.`,
  writes: true,
  stresses: ['payload', 'writes'],
  prediction: {
    pattern: 'code',
    because: 'in classic the whole text is read and written as output, the dearest tokens',
  },
  truth: ({ seed }) => ({ path, characters: textOf(seed).length }),
  graders: [jsonAnswer(), fileIs(path, ({ seed }) => textOf(seed))],
});

function textOf(seed: number): string {
  const document = readDataset({ documents: 240, seed }).documents.find(({ id }) => id === documentId);
  if (!document) throw new RangeError(`there is no ${documentId}`);
  return sectionNames.map((name) => sectionOf(document, name, seed)).join('\n');
}
