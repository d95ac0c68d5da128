import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/workspace/dataset.ts';
import { createdRows } from '../created-rows.ts';

export default defineScenario({
  title: 'Copy a long document from one server to another, word for word',
  description:
    'The text of a meeting goes from the workspace into the knowledge base unchanged. In classic the model reads all of it and writes all of it again; in code it passes by.',
  servers: ({ seed }) => ({
    workspace: { mock: 'workspace', options: { contacts: 200, seed } },
    desk: { mock: 'helpdesk', options: { contacts: 200, seed } },
  }),
  tools: {
    workspace: ['list_documents', 'read_document'],
    desk: ['search_articles', 'get_article', 'create_article'],
  },
  given: ({ seed }) => ({ documentId: minutes(seed).id }),
  task: ({ seed }) =>
    `Copy the text of the workspace's document ${minutes(seed).id}, word for word, into a new article of the helpdesk's knowledge base: title ${minutes(seed).id}, section minutes. Answer with nothing but a JSON object {"characters"}, the length of the article.`,
  writes: true,
  core: true,
  stresses: ['payload', 'writes'],
  prediction: {
    pattern: 'code',
    because: 'ten kilobytes of output, the dearest tokens there are, against two lines',
  },
  truth: ({ seed }) => ({ characters: minutes(seed).body.length }),
  graders: [
    jsonAnswer(),
    createdRows('desk', ({ seed }) => {
      const { id, body } = minutes(seed);
      return [{ entity: 'article', fields: { title: id, section: 'minutes', body } }];
    }),
  ],
});

/** The newest minutes. */
function minutes(seed: number) {
  const { documents } = readDataset({ contacts: 200, seed });
  const document = documents.findLast(({ folder }) => folder === 'minutes');
  if (!document) throw new RangeError('there are no minutes');
  return document;
}
