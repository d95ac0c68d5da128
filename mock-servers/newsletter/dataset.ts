import { z } from 'zod';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { DAY_MS, idForm, NOW_MS, timestamp } from '../values.ts';

export const idOf = {
  list: idForm('lst_', 2),
  subscriber: idForm('sub_', 5),
  template: idForm('tpl_', 2),
  campaign: idForm('cmp_', 3),
  send: idForm('snd_', 6),
};

const instant = z.iso.datetime();
export const status = z.enum(['subscribed', 'unsubscribed', 'bounced']);
export const delivery = z.enum(['delivered', 'soft_bounce', 'hard_bounce']);

export const listSchema = z.object({ id: z.string(), name: z.string(), language: z.string() });
export const subscriberSchema = z.object({
  id: z.string(),
  email: z.string(),
  contactId: z.string().nullable().describe('The contact of the CRM; null where there is none'),
  firstName: z.string(),
  status,
  consentAt: instant.nullable().describe('Null where no consent is on record; then nothing may be sent'),
  listIds: z.array(z.string()),
  openRate: z.number().describe('Share of sends that were opened'),
  source: z.string(),
  updatedAt: instant,
});
export const templateSchema = z.object({ id: z.string(), name: z.string() });
export const campaignSchema = z.object({
  id: z.string(),
  name: z.string(),
  subject: z.string(),
  templateId: z.string(),
  recipientCount: z.int(),
  status: z.enum(['draft', 'in_review', 'sent']),
  sentAt: instant.nullable(),
});
export const sendSchema = z.object({
  id: z.string(),
  campaignId: z.string(),
  subscriberId: z.string(),
  delivery,
  opened: z.boolean(),
  clicked: z.boolean(),
});

export type List = z.output<typeof listSchema>;
export type Subscriber = z.output<typeof subscriberSchema>;
type Template = z.output<typeof templateSchema>;
export type Campaign = z.output<typeof campaignSchema> & { recipientIds: readonly string[] };
export type Send = z.output<typeof sendSchema>;

const sentNames = ['January news', 'February news', 'March news', 'April news', 'May news', 'June news'];
const draftNames = ['Summer offer', 'New chairs', 'Trade fair', 'Price list', 'Opening hours', 'Survey'];

/** A sender's account: the CRM's contacts that have the tag newsletter, what they were sent, and drafts. */
export function makeDataset({ contacts: size, seed }: { contacts: number; seed: number }) {
  const { contacts } = readCrm({ contacts: size, seed });
  const random = createRandom(seed, 'newsletter');
  const lists = ['Monthly news', 'Offers', 'Events'].map(
    (name, index): List => ({ id: idOf.list(index + 1), name, language: 'en' }),
  );
  const subscribers = contacts
    .filter(({ tags }) => tags.includes('newsletter'))
    .map(
      ({ id, email, firstName }, index): Subscriber => ({
        id: idOf.subscriber(index + 1),
        email,
        contactId: id,
        firstName,
        status: random.chance(0.85) ? 'subscribed' : random.chance(0.6) ? 'unsubscribed' : 'bounced',
        consentAt: random.chance(0.9) ? timestamp(NOW_MS - random.integer(1, 900) * DAY_MS) : null,
        listIds: lists.filter((_, place) => place === 0 || random.chance(0.4)).map((list) => list.id),
        openRate: random.integer(0, 100) / 100,
        source: random.pick(['form on the web site', 'trade fair', 'import']),
        updatedAt: timestamp(NOW_MS - random.integer(1, 90) * DAY_MS),
      }),
    );
  const campaigns = [...sentNames, ...draftNames].map((name, index): Campaign => {
    const isSent = index < sentNames.length;
    const recipientIds = isSent ? subscribers.map(({ id }) => id) : [];
    return {
      id: idOf.campaign(index + 1),
      name,
      subject: `${name} for your office`,
      templateId: idOf.template(1),
      recipientCount: recipientIds.length,
      recipientIds,
      status: isSent ? 'sent' : 'draft',
      sentAt: isSent ? timestamp(Date.UTC(2026, index, 15, 9)) : null,
    };
  });
  const sends = campaigns.flatMap(({ id: campaignId, recipientIds }, campaign) =>
    recipientIds.map((subscriberId, place): Send => {
      const isDelivered = random.chance(0.93);
      const opened = isDelivered && random.chance(0.4);
      return {
        id: idOf.send(campaign * subscribers.length + place + 1),
        campaignId,
        subscriberId,
        opened,
        clicked: opened && random.chance(0.25),
        delivery: isDelivered ? 'delivered' : random.chance(0.5) ? 'soft_bounce' : 'hard_bounce',
      };
    }),
  );
  const templates = ['Plain', 'Two columns'].map(
    (name, index): Template => ({ id: idOf.template(index + 1), name }),
  );
  return { lists, subscribers, templates, campaigns, sends };
}

export type Dataset = ReturnType<typeof makeDataset>;

/** The data of `makeDataset` for readers that ask again and again; they must not change it. */
export const readDataset = remembered(makeDataset);

/** What reviewers answer, and whether they agree, labelled by hand. */
export const reviews = [
  { agrees: true, comment: 'Reads well, the prices are right. Off it goes.' },
  {
    agrees: false,
    comment: 'Good text, but legal has not seen the small print yet, so let it rest until they have.',
  },
  { agrees: true, comment: 'I would have said it with fewer words, but no objections from my side.' },
  { agrees: false, comment: 'We ran out of these last week. Nothing to announce for now.' },
] as const;

/** What the reviewer of a campaign answers. */
export function reviewOf(campaignId: string, seed: number) {
  const turn = Number(campaignId.slice(-3)) + seed;
  return reviews[turn % reviews.length] ?? reviews[0];
}
