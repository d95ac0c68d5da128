import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/newsletter/dataset.ts';

const campaignId = 'cmp_004';
const size = { contacts: 200 };

export default defineScenario({
  title: 'Tell the open rate of a campaign, from figures of the server',
  description:
    'The server counts what became of every mail, so one call and a division answer the question. Without that tool, every mail would have to be read.',
  servers: ({ seed }) => ({ newsletter: { mock: 'newsletter', options: { ...size, seed } } }),
  tools: { newsletter: ['list_campaigns', 'get_campaign_stats', 'list_sends'] },
  given: () => ({ campaignId }),
  task: `Which share of the delivered mails of the campaign ${campaignId} was opened? Answer with nothing but a JSON object {"openRate"}: percent, rounded to one decimal.`,
  stresses: ['definitions', 'discovery'],
  prediction: {
    pattern: 'classic',
    because: 'one call with four numbers; code pays for discovery and a program',
  },
  truth: ({ seed }) => {
    const sends = readDataset({ ...size, seed }).sends.filter((send) => send.campaignId === campaignId);
    const delivered = sends.filter(({ delivery }) => delivery === 'delivered');
    return { openRate: (delivered.filter(({ opened }) => opened).length / delivered.length) * 100 };
  },
  graders: [jsonAnswer({ decimals: 1 })],
});
