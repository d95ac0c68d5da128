import { createRandom, weighted } from '../../random.ts';
import { DAY_MS, date, fromCents, NOW_MS, timestamp } from '../../values.ts';
import { idOf } from '../ids.ts';
import { type Contact, CURRENCY, type Deal } from '../schemas.ts';

/** Chance of winning, in percent, that a stage stands for. */
export const STAGE_PROBABILITY: Record<Deal['stage'], number> = {
  qualification: 20,
  proposal: 40,
  negotiation: 70,
  won: 100,
  lost: 0,
};

const SUBJECTS = [
  'Office refit',
  'Framework agreement',
  'New site',
  'Seating renewal',
  'Print fleet',
  'Supplies 2026',
];

const drawOpenStage = weighted<Deal['stage']>([
  ['qualification', 45],
  ['proposal', 33],
  ['negotiation', 22],
]);
const drawCustomerStage = weighted<Deal['stage'] | 'open'>([
  ['open', 34],
  ['won', 38],
  ['lost', 28],
]);

/** Deals of about a fifth of the contacts. Contacts at `opportunity` have an open one; only customers have won ones. */
export function makeDeals(contacts: readonly Contact[], seed: number): Deal[] {
  const random = createRandom(seed, 'deals');
  const deals: Deal[] = [];
  for (const contact of contacts) {
    const isOpportunity = contact.lifecycleStage === 'opportunity';
    const isCustomer = contact.lastOrderAt !== null;
    if (!isOpportunity && !(isCustomer && random.chance(0.2))) continue;
    const drawn = isOpportunity ? 'open' : drawCustomerStage(random);
    const stage = drawn === 'open' ? drawOpenStage(random) : drawn;
    const isOpen = drawn === 'open';
    const earliestMs = Math.max(Date.parse(contact.createdAt), isOpen ? NOW_MS - 150 * DAY_MS : 0);
    const createdMs = earliestMs + Math.floor(random.next() * (NOW_MS - earliestMs));
    const closedMs = Math.min(NOW_MS, createdMs + random.integer(3 * DAY_MS, 120 * DAY_MS));
    const expectedMs = isOpen
      ? NOW_MS + random.integer(2 * DAY_MS, 120 * DAY_MS)
      : closedMs + random.integer(-20 * DAY_MS, 20 * DAY_MS);
    deals.push({
      id: idOf.deal(deals.length + 1),
      name: `${contact.companyName}: ${random.pick(SUBJECTS)}`,
      contactId: contact.id,
      companyId: contact.companyId,
      ownerId: contact.ownerId,
      stage,
      amount: fromCents(Math.round(Math.exp(9.0 + 0.9 * random.normal())) * 100),
      currency: CURRENCY,
      probability: STAGE_PROBABILITY[stage],
      createdAt: timestamp(createdMs),
      expectedCloseDate: date(Math.max(createdMs, expectedMs)),
      closedAt: isOpen ? null : timestamp(closedMs),
    });
  }
  return deals;
}
