import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario, type GradeContext } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/workspace/dataset.ts';
import { createdRows } from '../created-rows.ts';

const sentMail = createdRows('workspace', ({ seed }) => {
  const { documentId, from, to } = draft(seed);
  const body = 'The report is final.';
  return [{ entity: 'mail', fields: { from, to: [to], subject: documentId, body } }];
});

const heldBack = stateUpdates({
  server: 'workspace',
  derived: ['characters', 'updatedAt'],
  expected: ({ seed }) => {
    const { documentId } = draft(seed);
    const { documents } = readDataset({ contacts: 200, seed });
    const body = documents.find(({ id }) => id === documentId)?.body;
    return [{ entity: 'document', id: documentId, fields: { body: `${body}\n\nHeld back.` } }];
  },
});

export default defineScenario({
  title: 'Send a report only if its approval came, in words',
  description:
    'In the middle stands a decision that a person wrote in their own words. The mail that follows cannot be taken back.',
  servers: ({ seed }) => ({ workspace: { mock: 'workspace', options: { contacts: 200, seed } } }),
  tools: { workspace: ['list_mail', 'read_mail', 'send_mail', 'append_to_document'] },
  given: ({ seed }) => draft(seed),
  task: ({ seed }) => {
    const { documentId, from, to } = draft(seed);
    return `Find the mails labelled approval on the document ${documentId} and read their thread. If the last mail approves the document, send a mail from ${from} to ${to} with the subject ${documentId} and the text "The report is final." Otherwise append the paragraph "Held back." to the document. Answer with nothing but a JSON object {"sent"}, true or false.`;
  },
  writes: true,
  stresses: ['judgement', 'writes', 'round trips'],
  prediction: {
    pattern: 'classic',
    because: 'three small reads and one decision on prose; code writes two programs',
  },
  surprise:
    'Too close to call: a program with all declarations in its prompt costs 15 % more, and counting may err by 7 %. Two of the three reads only look for the thread, and in code their results are not seen.',
  truth: ({ seed }) => ({ sent: isApproved(seed) }),
  graders: [
    jsonAnswer(),
    {
      name: 'state of workspace',
      grade: (context: GradeContext) => (isApproved(context.seed) ? sentMail : heldBack).grade(context),
    },
  ],
});

/** The first draft, and who sends it to whom. */
function draft(seed: number) {
  const { documents, boss } = readDataset({ contacts: 200, seed });
  const document = documents.find(({ folder }) => folder === 'drafts');
  if (!document) throw new RangeError('there are no drafts');
  return { documentId: document.id, from: boss, to: 'client@agency.example' };
}

function isApproved(seed: number): boolean {
  const { answers } = readDataset({ contacts: 200, seed });
  return answers.find(({ documentId }) => documentId === draft(seed).documentId)?.approved ?? false;
}
