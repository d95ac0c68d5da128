import { expect, test } from 'vitest';
import { createRandom } from '../../random.ts';
import { companySchema } from '../schemas.ts';
import { makeContact } from './contacts.ts';

test('two people of one name at one company get emails of their own', () => {
  const company = companySchema.parse({
    id: 'com_00001',
    name: 'Hane Works',
    domain: 'hane-works.example',
    industry: 'manufacturing',
    segment: 'startup',
    employees: 12,
    city: 'Graz',
    country: 'AT',
    ownerId: 'usr_01',
    contactCount: 2,
    createdAt: '2024-01-01T00:00:00Z',
  });
  const emails = new Set<string>();
  const createdMs = Date.parse('2025-01-01T00:00:00Z');
  // The same stream twice draws the same name twice.
  const [first, second] = [0, 1].map((index) =>
    makeContact(index, createdMs, company, undefined, emails, createRandom(1, 'twins')),
  );
  expect(second?.name).toBe(first?.name);
  expect(second?.email).toBe(first?.email.replace('@', '2@'));
});
