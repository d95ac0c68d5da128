import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../harness/json.ts';
import { DAY_MS, NOW, toCents } from '../values.ts';
import { type Dataset, makeDataset } from './dataset.ts';
import {
  activitySchema,
  companySchema,
  contactSchema,
  dealSchema,
  orderSchema,
  userSchema,
} from './schemas.ts';

const digest = (dataset: Dataset) => createHash('sha256').update(canonicalJson(dataset)).digest('hex');

describe('determinism', () => {
  test('equal arguments give equal bytes, another seed or size does not', () => {
    const reference = digest(makeDataset({ contacts: 200, seed: 1 }));
    expect(digest(makeDataset({ contacts: 200, seed: 1 }))).toBe(reference);
    expect(digest(makeDataset({ contacts: 200, seed: 2 }))).not.toBe(reference);
    expect(digest(makeDataset({ contacts: 201, seed: 1 }))).not.toBe(reference);
  });

  test('another process, in another time zone and locale, makes the same data', () => {
    const program = `
      import { makeDataset } from ${JSON.stringify(import.meta.resolve('./dataset.ts'))};
      process.stdout.write(JSON.stringify(makeDataset({ contacts: 200, seed: 1 })));
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      env: { TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8' },
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(output.toString()).toBe(JSON.stringify(makeDataset({ contacts: 200, seed: 1 })));
  });

  // Published figures were measured on this data. A new digest is fine if intended, and calls for measuring again.
  test('the data of seed 1 is the data that published figures stand on', () => {
    expect(digest(makeDataset({ contacts: 200, seed: 1 }))).toMatchInlineSnapshot(
      `"4b47c175fcfa0338cc2582c77360d203a4edaa580d7f7403ff8000c29bae27b2"`,
    );
  });
});

describe.each([
  [0, 1],
  [1, 1],
  [200, 7],
  [5_000, 1],
])('with %i contacts of seed %i', (size, seed) => {
  const dataset = makeDataset({ contacts: size, seed });
  const { users, companies, contacts, orders, deals, activities } = dataset;
  const contactById = new Map(contacts.map((contact) => [contact.id, contact]));
  const companyById = new Map(companies.map((company) => [company.id, company]));
  const userIds = new Set(users.map(({ id }) => id));
  const dealById = new Map(deals.map((deal) => [deal.id, deal]));

  test('every record fits its schema and has an id of its own, in order', () => {
    const kinds = [
      [userSchema, users],
      [companySchema, companies],
      [contactSchema, contacts],
      [orderSchema, orders],
      [dealSchema, deals],
      [activitySchema, activities],
    ] as const;
    for (const [schema, rows] of kinds) {
      const closed = schema.strict();
      expect(rows.filter((row) => !closed.safeParse(row).success)).toEqual([]);
      const ids = rows.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].sort());
    }
    expect(contacts).toHaveLength(size);
    expect(users.length).toBeGreaterThan(0);
  });

  test('emails of contacts and domains of companies are unique', () => {
    expect(new Set(contacts.map(({ email }) => email)).size).toBe(size);
    expect(new Set(companies.map(({ domain }) => domain)).size).toBe(companies.length);
  });

  test('contacts agree with their company, and companies count their contacts', () => {
    const counts = new Map<string, number>();
    for (const contact of contacts) {
      const company = companyById.get(contact.companyId);
      expect(company).toMatchObject({
        name: contact.companyName,
        country: contact.country,
        city: contact.city,
      });
      expect(contact.email.endsWith(`@${company?.domain}`)).toBe(true);
      expect(company && company.createdAt <= contact.createdAt).toBe(true);
      expect(userIds.has(contact.ownerId)).toBe(true);
      counts.set(contact.companyId, (counts.get(contact.companyId) ?? 0) + 1);
    }
    expect(companies.map(({ contactCount }) => contactCount)).toEqual(
      companies.map(({ id }) => counts.get(id)),
    );
  });

  test('orders agree with their contact, add up, and ship after they are placed', () => {
    for (const order of orders) {
      const contact = contactById.get(order.contactId);
      expect(order.companyId).toBe(contact?.companyId);
      expect(contact && contact.createdAt <= order.placedAt && order.placedAt <= NOW).toBe(true);
      const cents = order.items.reduce(
        (sum, { quantity, unitPrice }) => sum + quantity * toCents(unitPrice),
        0,
      );
      expect(toCents(order.total)).toBe(cents);
      expect(order.total).toBe(Number(order.total.toFixed(2)));
      expect(order.items.length).toBeGreaterThan(0);
      const shipped = ['shipped', 'delivered', 'refunded'].includes(order.status);
      expect(order.shippedAt !== null).toBe(shipped);
      if (order.shippedAt !== null)
        expect(order.shippedAt > order.placedAt && order.shippedAt < NOW).toBe(true);
    }
    const placed = orders.map(({ placedAt }) => placedAt);
    expect(placed).toEqual(placed.toSorted());
  });

  test('lastOrderAt is the newest order, and the lifecycle stage follows from the orders', () => {
    const history = Map.groupBy(orders, ({ contactId }) => contactId);
    for (const contact of contacts) {
      const own = history.get(contact.id) ?? [];
      const newest =
        own
          .map(({ placedAt }) => placedAt)
          .toSorted()
          .at(-1) ?? null;
      expect(contact.lastOrderAt).toBe(newest);
      expect(contact.createdAt <= contact.updatedAt && contact.updatedAt <= NOW).toBe(true);
      if (newest === null) {
        expect(['subscriber', 'lead', 'qualified', 'opportunity']).toContain(contact.lifecycleStage);
      } else {
        const isRecent = Date.parse(NOW) - Date.parse(newest) <= 365 * DAY_MS;
        expect(contact.lifecycleStage).toBe(
          isRecent ? (own.length >= 8 ? 'champion' : 'customer') : 'inactive',
        );
      }
    }
  });

  test('deals are closed exactly when won or lost, and only customers have won ones', () => {
    for (const deal of deals) {
      const contact = contactById.get(deal.contactId);
      expect(deal.companyId).toBe(contact?.companyId);
      expect(contact && contact.createdAt <= deal.createdAt && deal.createdAt <= NOW).toBe(true);
      expect(deal.closedAt !== null).toBe(deal.stage === 'won' || deal.stage === 'lost');
      if (deal.closedAt !== null) expect(deal.createdAt <= deal.closedAt && deal.closedAt <= NOW).toBe(true);
      else expect(deal.expectedCloseDate > NOW.slice(0, 10)).toBe(true);
      if (deal.stage === 'won') expect(contact?.lastOrderAt).not.toBeNull();
    }
    const withOpenDeal = new Set(
      deals.filter(({ closedAt }) => closedAt === null).map(({ contactId }) => contactId),
    );
    for (const { id, lifecycleStage } of contacts) {
      if (lifecycleStage === 'opportunity') expect(withOpenDeal.has(id)).toBe(true);
    }
  });

  test('activities belong to a contact and its deal, within their time', () => {
    for (const activity of activities) {
      const contact = contactById.get(activity.contactId);
      expect(contact && contact.createdAt <= activity.occurredAt && activity.occurredAt <= NOW).toBe(true);
      expect(activity.durationMinutes !== null).toBe(['call', 'meeting'].includes(activity.type));
      if (activity.dealId === null) continue;
      const deal = dealById.get(activity.dealId);
      expect(deal?.contactId).toBe(activity.contactId);
      expect(deal && deal.createdAt <= activity.occurredAt).toBe(true);
      expect(activity.occurredAt <= (deal?.closedAt ?? NOW)).toBe(true);
    }
  });
});

describe('the shape of 5,000 contacts', () => {
  const { companies, contacts, orders } = makeDataset({ contacts: 5_000, seed: 1 });
  const bytes = (rows: readonly unknown[]) => JSON.stringify(rows).length / rows.length;

  test('records are as large as those of a real CRM', () => {
    expect(bytes(contacts)).toBeGreaterThan(400);
    expect(bytes(contacts)).toBeLessThan(550);
    expect(bytes(orders)).toBeGreaterThan(300);
    expect(bytes(orders)).toBeLessThan(450);
  });

  test('about 8 % of contacts have no order, and orders per contact are skewed', () => {
    const counts = [...Map.groupBy(orders, ({ contactId }) => contactId).values()].map((own) => own.length);
    const share = 1 - counts.length / contacts.length;
    expect(share).toBeGreaterThan(0.065);
    expect(share).toBeLessThan(0.095);
    counts.sort((a, b) => b - a);
    const topTenth = counts.slice(0, contacts.length / 10).reduce((sum, count) => sum + count, 0);
    expect(topTenth / orders.length).toBeGreaterThan(0.3);
  });

  test('companies differ widely in contacts, and each has some', () => {
    const counts = companies.map(({ contactCount }) => contactCount).toSorted((a, b) => b - a);
    expect(counts.at(-1)).toBeGreaterThanOrEqual(1);
    expect(counts[0]).toBeGreaterThan(100);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(12);
  });

  test('order totals have a long tail: the mean is well above the median', () => {
    const totals = orders.map(({ total }) => total).toSorted((a, b) => a - b);
    const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length;
    expect(mean).toBeGreaterThan(1.4 * (totals[Math.floor(totals.length / 2)] ?? 0));
  });

  test.each([1, 2, 3, 4, 5])(
    'with seed %i, about 1 contact in 100 has a last order above EUR 5,000',
    (seed) => {
      const last = new Map(
        makeDataset({ contacts: 5_000, seed }).orders.map((order) => [order.contactId, order.total]),
      );
      const above = [...last.values()].filter((total) => total > 5_000).length;
      expect(above).toBeGreaterThan(30);
      expect(above).toBeLessThan(70);
    },
  );
});
