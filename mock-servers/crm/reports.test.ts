import { expect, test } from 'vitest';
import { openCrm } from '../testing/open-server.ts';
import { toCents } from '../values.ts';
import { makeDataset } from './dataset.ts';

const options = { contacts: 200, seed: 4 };
const dataset = makeDataset(options);
const crm = openCrm(options);
const cents = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + toCents(amount), 0);

test('revenue by month is what the orders of a month come to, without cancelled and refunded ones', () => {
  const report = crm.call<{ months: { month: string; orders: number; revenue: number }[]; revenue: number }>(
    'report_revenue_by_month',
    { from: '2024-11', to: '2025-02' },
  );
  expect(report.months.map(({ month }) => month)).toEqual(['2024-11', '2024-12', '2025-01', '2025-02']);
  for (const { month, orders, revenue } of report.months) {
    const own = dataset.orders.filter(
      ({ placedAt, status }) => placedAt.startsWith(month) && status !== 'cancelled' && status !== 'refunded',
    );
    expect([orders, toCents(revenue)]).toEqual([own.length, cents(own.map(({ total }) => total))]);
  }
  expect(toCents(report.revenue)).toBe(cents(report.months.map(({ revenue }) => revenue)));
});

test('revenue is reported for the last twelve months unless told otherwise', () => {
  const { months } = crm.call<{ months: { month: string }[] }>('report_revenue_by_month');
  expect([months.length, months[0]?.month, months.at(-1)?.month]).toEqual([12, '2025-07', '2026-06']);
});

test.each([
  [{ from: '2026-02', to: '2026-01' }, 'from: must not be later than to, 2026-01 (got 2026-02)'],
  [{ from: '1990-01' }, 'from: at most 60 months are reported at once (got 1990-01 to 2026-06)'],
  [{ from: '2025' }, 'must be a month such as 2026-01\n  → at from'],
])('the range %j is refused', (range, message) => {
  expect(crm.failure('report_revenue_by_month', range)).toContain(message);
});

test('the pipeline counts every deal in its stage', () => {
  type Stage = { stage: string; deals: number; amount: number; weightedAmount: number };
  const { stages, openDeals } = crm.call<{ stages: Stage[]; openDeals: number }>('report_pipeline');
  for (const { stage, deals, amount, weightedAmount } of stages) {
    const own = dataset.deals.filter((deal) => deal.stage === stage);
    expect([deals, toCents(amount)]).toEqual([own.length, cents(own.map((deal) => deal.amount))]);
    expect(weightedAmount).toBeCloseTo((amount * (own[0]?.probability ?? 0)) / 100, 1);
  }
  expect(stages.reduce((sum, { deals }) => sum + deals, 0)).toBe(dataset.deals.length);
  expect(openDeals).toBe(dataset.deals.filter(({ closedAt }) => closedAt === null).length);
});

test('activity volume counts every activity of the period once', () => {
  type User = { userId: string; activities: number; byType: Record<string, number> };
  const period = { occurredAfter: '2025-01-01T00:00:00Z', occurredBefore: '2026-01-01T00:00:00Z' };
  const { users, activities } = crm.call<{ users: User[]; activities: number }>(
    'report_activity_volume',
    period,
  );
  const own = dataset.activities.filter(({ occurredAt }) => occurredAt.startsWith('2025'));
  expect(activities).toBe(own.length);
  for (const user of users) {
    const counted = own.filter(({ ownerId }) => ownerId === user.userId);
    expect(user.activities).toBe(counted.length);
    expect(user.byType.email).toBe(counted.filter(({ type }) => type === 'email').length);
  }
  expect(users.map((user) => user.activities)).toEqual(
    users.map((user) => user.activities).toSorted((a, b) => b - a),
  );
});
