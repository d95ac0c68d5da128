import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { domainMetrics, readDataset } from '../../mock-servers/seo/dataset.ts';
import { createdRows } from '../created-rows.ts';

const siteId = 'site_001';
const limit = 60;
const size = { contacts: 200, sites: 3, pages: 60 };

export default defineScenario({
  title: 'Disavow the spam among the domains that link to a site',
  description:
    'Some thirty domains are looked up one by one, and those with a high spam score are disavowed. Two kinds must be left alone: partners that the task names, and domains that are disavowed already.',
  servers: ({ seed }) => ({ seo: { mock: 'seo', options: { ...size, seed } } }),
  given: ({ seed }) => ({ siteId, limit, partners: partnersOf(seed) }),
  task: ({ seed }) =>
    `Disavow, for the site ${siteId}, every domain that links to it and has a spam score above ${limit}. Leave alone what is disavowed already, and these partners: ${partnersOf(seed).join(', ')}. Answer with nothing but a JSON array of the domains that you disavowed, in alphabetical order.`,
  writes: true,
  stresses: ['round trips', 'writes'],
  prediction: { pattern: 'code', because: 'thirty look-ups decide on a dozen writes by a number alone' },
  truth: ({ seed }) => spamOf(seed),
  graders: [
    jsonAnswer(),
    createdRows('seo', ({ seed }) =>
      spamOf(seed).map((domain) => ({ entity: 'disavowal', fields: { siteId, domain } })),
    ),
  ],
});

function linking(seed: number) {
  const { backlinks, disavowals } = readDataset({ ...size, seed });
  const known = disavowals.filter((each) => each.siteId === siteId).map(({ domain }) => domain);
  const domains = backlinks.filter((link) => link.siteId === siteId).map(({ sourceDomain }) => sourceDomain);
  const worst = [...new Set(domains)].filter((domain) => domainMetrics(domain, seed).spamScore > limit);
  return worst.filter((domain) => !known.includes(domain)).sort();
}

/** Two domains with a high score, which a careless program would disavow. */
function partnersOf(seed: number): string[] {
  return linking(seed).slice(0, 2);
}

function spamOf(seed: number): string[] {
  return linking(seed).slice(2);
}
