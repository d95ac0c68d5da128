import { createRandom, type Random, weighted } from '../../random.ts';
import { idOf } from '../ids.ts';
import { fromCents } from '../money.ts';
import { CURRENCY, type Order, type OrderItem, type Segment } from '../schemas.ts';
import { DAY_MS, NOW_MS, timestamp } from '../time.ts';
import { CATALOGUE } from './catalogue.ts';

/** What orders need to know about the contact that places them. */
export type Buyer = { id: string; companyId: string; segment: Segment; createdMs: number };

const SHARE_WITHOUT_ORDERS = 0.08;
const MOST_ORDERS = 120;

/** Median order value in cents by segment. */
const MEDIAN_CENTS: Record<Segment, number> = {
  enterprise: 86_000,
  mid_market: 55_000,
  small_business: 34_000,
  startup: 26_000,
};

const drawProduct = weighted(CATALOGUE.map((product) => [product, product[3]] as const));
const drawLineCount = weighted([
  [1, 48],
  [2, 28],
  [3, 14],
  [4, 6],
  [5, 4],
] as const);

type Draft = { buyer: Buyer; placedMs: number; items: OrderItem[]; totalCents: number };

/** All orders, ids and numbers rising with `placedAt`. A buyer's orders lie between its creation and the present. */
export function makeOrders(buyers: readonly Buyer[], seed: number): Order[] {
  const random = createRandom(seed, 'orders');
  const drafts: Draft[] = [];
  for (const buyer of buyers) {
    const count = drawOrderCount(random);
    // Buyers differ in how much they spend, and each buyer's orders differ around that.
    const usualCents = MEDIAN_CENTS[buyer.segment] * Math.exp(0.5 * random.normal());
    for (let order = 0; order < count; order++) {
      const placedMs = buyer.createdMs + Math.floor(random.next() * (NOW_MS - buyer.createdMs));
      drafts.push({ buyer, placedMs, ...drawItems(usualCents, random) });
    }
  }
  // A stable sort, so that orders of one moment keep the order of their buyers.
  drafts.sort((a, b) => a.placedMs - b.placedMs);
  return drafts.map((draft, index) => finishOrder(draft, index + 1, random));
}

/** None for 8 %; else a Pareto law from 1.5 with exponent 2, rounded down: many with one order, few with dozens. */
function drawOrderCount(random: Random): number {
  if (random.chance(SHARE_WITHOUT_ORDERS)) return 0;
  return Math.min(MOST_ORDERS, Math.floor(1.5 / Math.sqrt(1 - random.next())));
}

/** Lines that come to about a log-normal budget; one order in a hundred is a bulk order with a Pareto factor. */
function drawItems(usualCents: number, random: Random): { items: OrderItem[]; totalCents: number } {
  const bulk = random.chance(0.01) ? Math.min(40, 2 * (1 - random.next()) ** (-1 / 1.5)) : 1;
  const budgetCents = usualCents * bulk * Math.exp(0.85 * random.normal());
  const lines = drawLineCount(random);
  const items: OrderItem[] = [];
  let totalCents = 0;
  while (items.length < lines) {
    const [sku, name, cents] = drawProduct(random);
    if (items.some((item) => item.sku === sku)) continue;
    // Nobody fills a small budget with a conference table; the cheapest products always fit.
    if (cents > budgetCents * 1.5 && cents > 5_000) continue;
    const quantity = Math.max(1, Math.round(((0.5 + random.next()) * budgetCents) / lines / cents));
    items.push({ sku, name, quantity, unitPrice: fromCents(cents) });
    totalCents += quantity * cents;
  }
  return { items, totalCents };
}

function finishOrder({ buyer, placedMs, items, totalCents }: Draft, number: number, random: Random): Order {
  const shippedMs = placedMs + random.integer(DAY_MS / 2, 6 * DAY_MS);
  const deliveredMs = shippedMs + random.integer(DAY_MS, 5 * DAY_MS);
  const outcome = random.next();
  const placedAt = timestamp(placedMs);
  let status: Order['status'];
  if (outcome < 0.05) status = 'cancelled';
  else if (deliveredMs < NOW_MS) status = outcome < 0.085 ? 'refunded' : 'delivered';
  else if (shippedMs < NOW_MS) status = 'shipped';
  else status = outcome < 0.4 ? 'pending' : 'paid';
  const wasShipped = status === 'shipped' || status === 'delivered' || status === 'refunded';
  return {
    id: idOf('order', number),
    number: `SO-${placedAt.slice(0, 4)}-${String(number).padStart(6, '0')}`,
    contactId: buyer.id,
    companyId: buyer.companyId,
    status,
    placedAt,
    shippedAt: wasShipped ? timestamp(shippedMs) : null,
    items,
    total: fromCents(totalCents),
    currency: CURRENCY,
  };
}
