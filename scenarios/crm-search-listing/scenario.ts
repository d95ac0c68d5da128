import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';

export default defineScenario({
  title: 'Show everything that a search finds',
  description:
    'The answer is the result itself, row by row. A program has nothing to leave out, so what it reads enters the context all the same.',
  params: {
    query: { type: 'string', default: 'procurement', description: 'words to search contacts for' },
  },
  servers: ({ seed }) => ({ crm: { mock: 'crm', options: { contacts: 400, seed } } }),
  tools: { crm: ['search_contacts', 'get_contact', 'list_contacts'] },
  task: ({ params }) =>
    `Search the CRM for the contacts that "${params.query}" finds. Answer with nothing but a JSON array of the first 50, in the order of the search, with all fields that the search shows: {"id", "name", "email", "jobTitle", "companyName"}.`,
  stresses: ['payload', 'discovery'],
  prediction: {
    pattern: 'classic',
    because: 'the program returns all that it read; code adds discovery and a program',
  },
  surprise:
    'Too close to call: even where the program returns all that it read, it costs 4 % more, because the answer is most of the bill on both sides.',
  truth: ({ params, seed }) =>
    readDataset({ contacts: 400, seed })
      .contacts.filter(({ name, email, jobTitle, companyName, city, tags, notes }) => {
        const texts = [name, email, jobTitle, companyName, city, ...tags, notes];
        const words = params.query.toLowerCase().split(' ');
        return words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
      })
      .slice(0, 50)
      .map(({ id, name, email, jobTitle, companyName }) => ({ id, name, email, jobTitle, companyName })),
});
