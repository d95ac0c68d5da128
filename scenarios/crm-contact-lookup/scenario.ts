import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';

export default defineScenario({
  title: 'Look one contact up',
  description:
    'One call with a key that the task gives, by an assistant that was given the four tools it needs. There is nothing to save: code pays for discovery and a program, and classic should win.',
  params: {
    contacts: { type: 'integer', default: 5000, min: 1, max: 100_000, description: 'contacts in the CRM' },
  },
  servers: ({ params, seed }) => ({ crm: { mock: 'crm', options: { contacts: params.contacts, seed } } }),
  tools: { crm: ['get_contact', 'search_contacts', 'get_company', 'get_last_order'] },
  given: ({ params, seed }) => ({ email: wanted(params.contacts, seed).email }),
  task: ({ params, seed }) =>
    `Who is the CRM contact with the email address ${wanted(params.contacts, seed).email}? Answer with nothing but a JSON object {"name", "phone", "company"}, company being the company's name.`,
  core: true,
  stresses: ['discovery'],
  prediction: { pattern: 'classic', because: 'one small result; code pays for discovery and a program' },
  truth: ({ params, seed }) => {
    const contact = wanted(params.contacts, seed);
    return { name: contact.name, phone: contact.phone, company: contact.companyName };
  },
});

/** The contact in the middle of the list, so that no first page happens to show it. */
function wanted(size: number, seed: number) {
  const { contacts } = readDataset({ contacts: size, seed });
  const contact = contacts[Math.floor(contacts.length / 2)];
  if (!contact) throw new RangeError('the CRM has no contacts');
  return contact;
}
