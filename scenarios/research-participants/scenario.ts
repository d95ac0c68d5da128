import { defineScenario } from '../../harness/scenario/scenario.ts';
import { participants } from '../../mock-servers/research/dataset.ts';

const documentId = 'doc_0123';

export default defineScenario({
  title: 'Read one figure out of a section of a study',
  description:
    'One call brings a page of prose in which two numbers are told apart by what is said of them. Who has not seen the text cannot write a program that finds the right one.',
  servers: ({ seed }) => ({ research: { mock: 'research', options: { seed } } }),
  tools: { research: ['search_documents', 'get_document', 'get_section', 'get_full_text'] },
  given: () => ({ documentId }),
  task: `How many people took part to the end in the study ${documentId}? Its section on the method says so. Answer with nothing but a JSON object {"participants"}.`,
  stresses: ['judgement', 'payload'],
  prediction: {
    pattern: 'classic',
    because: 'one call; code has to look at the text before it can pick the number out of it',
  },
  truth: ({ seed }) => ({ participants: participants(documentId, seed).tookPart }),
});
