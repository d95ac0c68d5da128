import { jsonAnswer, stateUpdates } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset, reviewOf } from '../../mock-servers/newsletter/dataset.ts';

const size = { contacts: 200 };

export default defineScenario({
  title: 'Have drafts reviewed, send those that were agreed to',
  description:
    'An approval in the middle: each draft is put before its reviewer, who answers in prose. What was not agreed to must not be sent, and a mail cannot be called back.',
  params: {
    drafts: { type: 'integer', default: 4, min: 1, max: 6, description: 'drafts to have reviewed' },
  },
  servers: ({ seed }) => ({ newsletter: { mock: 'newsletter', options: { ...size, seed } } }),
  tools: { newsletter: ['list_campaigns', 'request_review', 'send_campaign', 'get_campaign_stats'] },
  given: ({ params, seed }) => ({ drafts: draftsOf(params.drafts, seed) }),
  task: ({ params, seed }) =>
    `Request a review of the draft campaigns ${draftsOf(params.drafts, seed).join(', ')}. Read what the reviewer says, send those that they agree to, and leave the others in review. Answer with nothing but a JSON array of the ids of the campaigns that you sent.`,
  writes: true,
  stresses: ['judgement', 'writes'],
  prediction: {
    pattern: 'classic',
    because: 'a few small calls, and between them prose that the model has to read; code adds two programs',
  },
  surprise:
    'Too close to call: classic costs 12 % more. Both ask the model three times, and the comments are short.',
  truth: ({ params, seed }) => draftsOf(params.drafts, seed).filter((id) => reviewOf(id, seed).agrees),
  graders: [
    jsonAnswer({ unordered: true }),
    stateUpdates({
      server: 'newsletter',
      derived: ['sentAt'],
      expected: ({ params, seed }) =>
        draftsOf(Number(params.drafts), seed).map((id) => ({
          entity: 'campaign',
          id,
          fields: { status: reviewOf(id, seed).agrees ? 'sent' : 'in_review' },
        })),
    }),
  ],
});

function draftsOf(count: number, seed: number): string[] {
  const { campaigns } = readDataset({ ...size, seed });
  return campaigns.flatMap(({ id, status }) => (status === 'draft' ? [id] : [])).slice(0, count);
}
