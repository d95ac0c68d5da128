import { createRandom, type Random, weighted } from '../../random.ts';
import { DAY_MS, fromCents, NOW_MS, timestamp } from '../../values.ts';
import { idOf } from '../ids.ts';
import { CURRENCY, type Order, type OrderItem, type Segment } from '../schemas.ts';

/** What orders need to know about the contact that places them. */
export type Buyer = { id: string; companyId: string; segment: Segment; createdMs: number };

/** What the account sells: SKU, name, unit price in cents, share of order lines. */
export const CATALOGUE: readonly (readonly [string, string, number, number])[] = [
  ['PAP-A4-080', 'Copy paper A4, box of 5', 2_290, 9],
  ['PAP-A3-080', 'Copy paper A3, box of 3', 3_150, 3],
  ['PEN-GEL-12', 'Gel pens, pack of 12', 1_190, 6],
  ['MRK-WB-08', 'Whiteboard markers, set of 8', 1_490, 5],
  ['NTB-A5-10', 'Notebooks A5, pack of 10', 1_990, 5],
  ['FLD-LVR-20', 'Lever arch files, box of 20', 4_480, 4],
  ['TNR-BLK-3K', 'Toner, black, 3,000 pages', 6_890, 6],
  ['TNR-CLR-2K', 'Toner, colour set, 2,000 pages', 18_900, 3],
  ['LBL-THM-06', 'Thermal labels, 6 rolls', 3_740, 4],
  ['BOX-SHP-25', 'Shipping boxes, pack of 25', 2_860, 5],
  ['TAP-PKG-36', 'Packing tape, 36 rolls', 4_120, 4],
  ['GLV-NIT-100', 'Nitrile gloves, box of 100', 1_380, 5],
  ['SAN-HND-05', 'Hand sanitiser, 5 litres', 2_640, 3],
  ['TWL-PPR-20', 'Paper towels, 20 packs', 3_290, 4],
  ['COF-BNS-06', 'Coffee beans, 6 kg', 8_940, 4],
  ['WTR-MIN-24', 'Mineral water, 24 bottles', 1_560, 3],
  ['LMP-DSK-LED', 'LED desk lamp', 5_490, 4],
  ['HDS-USB-02', 'USB headset', 6_990, 4],
  ['KBM-WRL-01', 'Wireless keyboard and mouse', 5_990, 4],
  ['DOC-USC-04', 'USB-C docking station', 16_900, 3],
  ['MON-27-QHD', '27-inch monitor', 28_900, 3],
  ['WEB-CAM-4K', 'Conference webcam', 14_900, 2],
  ['CHR-TSK-02', 'Task chair', 24_900, 4],
  ['CHR-ERG-05', 'Ergonomic chair', 54_900, 2],
  ['CHR-STK-01', 'Stacking chair', 7_900, 3],
  ['DSK-FIX-16', 'Desk, 160 cm', 31_900, 2],
  ['DSK-SIT-16', 'Sit-stand desk, 160 cm', 64_900, 2],
  ['CAB-FIL-04', 'Filing cabinet, 4 drawers', 27_900, 2],
  ['SHL-RCK-05', 'Shelving rack, 5 levels', 11_900, 3],
  ['TRL-PLT-01', 'Platform trolley', 13_900, 2],
  ['WBD-MAG-18', 'Magnetic whiteboard, 180 cm', 17_900, 1],
  ['PRN-LSR-MF', 'Multifunction laser printer', 48_900, 1],
  ['PRJ-LSR-4K', 'Laser projector', 129_000, 0.6],
  ['TBL-CNF-12', 'Conference table for 12', 189_000, 0.5],
  ['POD-ACO-01', 'Acoustic phone booth', 420_000, 0.3],
];

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
    // A small budget does not go into a conference table; the cheapest products always fit.
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
    id: idOf.order(number),
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
