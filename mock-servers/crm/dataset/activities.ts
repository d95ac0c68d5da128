import { createRandom, type Random, weighted } from '../../random.ts';
import { NOW_MS, timestamp } from '../../values.ts';
import { idOf } from '../ids.ts';
import type { Activity, Contact, Deal } from '../schemas.ts';

type Type = Activity['type'];

const drawType = weighted<Type>([
  ['email', 40],
  ['call', 25],
  ['note', 15],
  ['meeting', 12],
  ['task', 8],
]);

const SUBJECTS: Record<Type, readonly string[]> = {
  email: [
    'Price list sent',
    'Answer on delivery times',
    'Thank-you note',
    'Quote sent',
    'Question on an invoice',
  ],
  call: ['Intro call', 'Follow-up call', 'Call about a reorder', 'Left a voicemail', 'Check-in'],
  note: ['Change of buyer', 'Competitor mentioned', 'Budget round', 'Site visit notes'],
  meeting: ['Product demo', 'Quarterly review', 'Negotiation', 'Showroom visit'],
  task: ['Prepare a quote', 'Update the address', 'Send samples'],
};

const BODIES = [
  'Agreed to speak again next month.',
  'Asked for a volume discount from 50 units.',
  'Happy with the last delivery.',
  'Delivery was two days late; apologised.',
  'Waiting for approval by finance.',
  'Wants samples before deciding.',
  'No open questions.',
  'Will compare with the present supplier.',
];

type Draft = { contact: Contact; occurredMs: number; deal: Deal | undefined };

/** All activities, ids rising with `occurredAt`: a skewed number a contact, two on average, some about its deal. */
export function makeActivities(
  contacts: readonly Contact[],
  deals: readonly Deal[],
  seed: number,
): Activity[] {
  const random = createRandom(seed, 'activities');
  const dealByContact = new Map(deals.map((deal) => [deal.contactId, deal]));
  const drafts: Draft[] = [];
  for (const contact of contacts) {
    const deal = dealByContact.get(contact.id);
    const createdMs = Date.parse(contact.createdAt);
    // Exponential with mean 2.5, rounded down: a third of the contacts has none.
    const count = Math.min(40, Math.floor(-2.5 * Math.log(1 - random.next()))) + (deal === undefined ? 0 : 1);
    for (let activity = 0; activity < count; activity++) {
      const aboutDeal = deal !== undefined && random.chance(0.6);
      const fromMs = aboutDeal ? Date.parse(deal.createdAt) : createdMs;
      const toMs = aboutDeal && deal.closedAt !== null ? Date.parse(deal.closedAt) : NOW_MS;
      const occurredMs = fromMs + Math.floor(random.next() * (toMs - fromMs));
      drafts.push({ contact, occurredMs, deal: aboutDeal ? deal : undefined });
    }
  }
  drafts.sort((a, b) => a.occurredMs - b.occurredMs);
  return drafts.map((draft, index) => finishActivity(draft, index + 1, random));
}

function finishActivity({ contact, occurredMs, deal }: Draft, number: number, random: Random): Activity {
  const type = drawType(random);
  return {
    id: idOf.activity(number),
    type,
    contactId: contact.id,
    dealId: deal?.id ?? null,
    ownerId: contact.ownerId,
    subject: random.pick(SUBJECTS[type]),
    body: random.chance(0.7) ? random.pick(BODIES) : '',
    durationMinutes: type === 'call' || type === 'meeting' ? random.integer(1, 12) * 5 : null,
    occurredAt: timestamp(occurredMs),
  };
}
