import { expect, test } from 'vitest';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { openServer } from '../testing/open-server.ts';
import { type Invoice, linesOf, makeDataset } from './dataset.ts';
import billing from './server.ts';

const options = { contacts: 300, seed: 3 };
const made = makeDataset(options);

test('tenants are the companies of the CRM of the same size and seed', () => {
  const essence = (rows: readonly { id: string; name: string }[]) =>
    rows.map(({ id, name }) => ({ id, name }));
  expect(essence(made.tenants)).toEqual(essence(readCrm(options).companies));
  expect(makeDataset(options)).toEqual(made);
});

test('each tenant has an invoice a month, whose lines are those of its usage', () => {
  expect(made.invoices).toHaveLength(3 * made.tenants.length);
  const planOf = new Map(made.tenants.map(({ id, plan }) => [id, plan]));
  const wrong = made.invoices.filter(({ tenantId, month, lines, total }) => {
    const days = made.usage.filter((row) => row.tenantId === tenantId && row.day.startsWith(month));
    expect(lines).toEqual(linesOf(planOf.get(tenantId) ?? 'starter', days));
    return Math.abs(lines.reduce((sum, { amount }) => sum + amount, 0) - total) > 0.005;
  });
  expect(wrong.length).toBeGreaterThan(0);
  expect(wrong.length).toBeLessThan(made.invoices.length / 10);
});

test('usage is the same by month and as CSV', () => {
  const { call } = openServer(billing, options);
  const tenantId = made.tenants[4]?.id ?? '';
  const csv = call<string>('export_usage_csv', { month: '2026-04' });
  const own = csv.split('\n').filter((line) => line.startsWith(tenantId));
  expect(own).toHaveLength(30);
  const { requests } = call<{ requests: number }>('get_monthly_usage', { tenantId, month: '2026-04' });
  expect(requests).toBe(own.reduce((sum, line) => sum + Number(line.split(',')[2]), 0));
});

test('only an open invoice can be reminded of, voided or paid', () => {
  const { call, failure } = openServer(billing, options);
  const invoiceId = made.invoices.find(({ status }) => status === 'open')?.id ?? '';
  call('send_reminder', { invoiceId });
  expect(call<{ invoice: Invoice }>('mark_invoice_paid', { invoiceId }).invoice.status).toBe('paid');
  expect(failure('send_reminder', { invoiceId })).toContain('is paid, not open');
});
