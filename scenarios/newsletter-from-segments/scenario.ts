import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';
import { readDataset as readNewsletter } from '../../mock-servers/newsletter/dataset.ts';
import { createdRows } from '../created-rows.ts';

const segments = ['enterprise', 'mid_market', 'small_business', 'startup'];

export default defineScenario({
  title: 'Draft a newsletter for each customer segment',
  description:
    'What an agency does for each client once a month: the CRM knows segments, the newsletter tool knows who may be written to, and a campaign needs the ids of both together. Addresses of people pass through, which a program keeps from the model.',
  params: {
    contacts: { type: 'integer', default: 400, min: 200, max: 20_000, description: 'contacts in the CRM' },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({
    crm: { mock: 'crm', options: { contacts: params.contacts, seed } },
    newsletter: { mock: 'newsletter', options: { contacts: params.contacts, seed } },
  }),
  tools: {
    crm: ['list_contacts', 'get_contact', 'search_contacts', 'get_company'],
    newsletter: ['list_subscribers', 'list_campaigns', 'list_templates', 'create_campaign', 'count_audience'],
  },
  given: () => ({ segments }),
  task: `Draft one campaign for each of the CRM's segments ${segments.join(', ')}. Its recipients are the subscribers with status subscribed and consent on record whose CRM contact is in that segment, has the tag newsletter, and is not in the lifecycle stage inactive. Name it "July for <segment>", with the subject "What is new in July" and the template tpl_01. Send nothing. Answer with nothing but a JSON object from segment to number of recipients.`,
  writes: true,
  canaries: {
    crm: { list_contacts: ['email', 'phone', 'notes'] },
    newsletter: { list_subscribers: ['email'] },
  },
  workload: { runs: 80, tenants: 40, because: 'two newsletters of each client' },
  stresses: ['payload', 'writes'],
  prediction: {
    pattern: 'code',
    because: 'two lists are joined, and in classic the model writes out every recipient’s id',
  },
  truth: ({ params, seed }) =>
    Object.fromEntries(
      segments.map((segment) => [segment, recipients(params.contacts, seed, segment).length]),
    ),
  graders: [
    jsonAnswer(),
    createdRows('newsletter', ({ params, seed }) =>
      segments.map((segment) => ({
        entity: 'campaign',
        fields: {
          name: `July for ${segment}`,
          subject: 'What is new in July',
          templateId: 'tpl_01',
          status: 'draft',
          recipientIds: recipients(Number(params.contacts), seed, segment),
        },
      })),
    ),
  ],
});

function recipients(contacts: number, seed: number, segment: string): string[] {
  const members = readDataset({ contacts, seed }).contacts.filter(
    (contact) => contact.segment === segment && contact.lifecycleStage !== 'inactive',
  );
  const ids = new Set(members.map(({ id }) => id));
  return readNewsletter({ contacts, seed }).subscribers.flatMap(({ id, contactId, status, consentAt }) =>
    status === 'subscribed' && consentAt && contactId && ids.has(contactId) ? [id] : [],
  );
}
