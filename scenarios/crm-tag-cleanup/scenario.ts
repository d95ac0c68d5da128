import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/crm/dataset.ts';

export default defineScenario({
  title: 'Take a tag off many contacts, but not off the protected ones',
  description:
    'Hundreds of writes that are all alike, with an exception to observe. Nobody reads their results, so little is gained by their passing through the model; a program that gets the exception wrong does its damage at once.',
  params: {
    contacts: { type: 'integer', default: 2000, min: 1, max: 100_000, description: 'contacts in the CRM' },
  },
  items: 'contacts',
  servers: ({ params, seed }) => ({ crm: { mock: 'crm', options: { contacts: params.contacts, seed } } }),
  task: 'Take the tag newsletter off all CRM contacts in the lifecycle stage inactive, except those tagged key-account: leave these as they are. Answer with nothing but a JSON object {"untagged", "skipped"}: how many contacts lost the tag, and how many inactive contacts keep it because they are key accounts.',
  writes: true,
  approvals: { per: 'program', tools: { crm: { untag_contact: ['tags'] } }, latencyMs: 10_000 },
  core: true,
  stresses: ['writes', 'round trips'],
  prediction: {
    pattern: 'code',
    because: 'a hundred or more uniform writes, ten a round trip in classic, whose results nobody reads',
  },
  truth: ({ params, seed }) => {
    const { contacts } = readDataset({ contacts: params.contacts, seed });
    const concerned = contacts.filter(
      ({ lifecycleStage, tags }) => lifecycleStage === 'inactive' && tags.includes('newsletter'),
    );
    const skipped = concerned.filter(({ tags }) => tags.includes('key-account')).length;
    return { untagged: concerned.length - skipped, skipped };
  },
  graders: [
    jsonAnswer(),
    stateUpdates({
      server: 'crm',
      derived: ['updatedAt'],
      expected: ({ params, seed }) =>
        readDataset({ contacts: Number(params.contacts), seed }).contacts.flatMap(
          ({ id, lifecycleStage, tags }) =>
            lifecycleStage === 'inactive' && tags.includes('newsletter') && !tags.includes('key-account')
              ? [{ entity: 'contact', id, fields: { tags: tags.filter((tag) => tag !== 'newsletter') } }]
              : [],
        ),
    }),
  ],
});
