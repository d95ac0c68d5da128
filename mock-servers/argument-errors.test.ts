import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeIssues } from './argument-errors.ts';

const input = z.strictObject({
  limit: z.int().min(1).max(200).optional(),
  name: z.string().min(1).max(3),
  stage: z.enum(['open', 'won']).optional(),
  tags: z.array(z.string()).min(1).optional(),
  since: z.iso.datetime().optional(),
  country: z.string().length(2).optional(),
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/, 'must be a month such as 2026-01')
    .optional(),
});

function problems(args: unknown): string[] {
  const parsed = input.safeParse(args);
  if (parsed.success) return [];
  return describeIssues(parsed.error.issues, args, {
    noun: 'argument',
    names: Object.keys(input.shape),
  }).split('\n');
}

test.each([
  [{ name: 'a', limit: 500 }, 'limit: must be at most 200 (got 500)'],
  [{ name: 'a', limit: 0 }, 'limit: must be at least 1 (got 0)'],
  [{ name: 'a', limit: 1.5 }, 'limit: must be a whole number (got 1.5)'],
  [{ name: 'a', limit: '7' }, 'limit: must be a number (got "7")'],
  [{}, 'name: is required, must be a string'],
  [{ name: '' }, 'name: must be at least 1 character long (got "")'],
  [{ name: 'abcd' }, 'name: must be at most 3 characters long (got "abcd")'],
  [{ name: 'a', stage: 'lost' }, 'stage: must be one of open, won (got "lost")'],
  [{ name: 'a', tags: [] }, 'tags: must have at least 1 item (got [])'],
  [{ name: 'a', tags: ['x', 3] }, 'tags.1: must be a string (got 3)'],
  [{ name: 'a', since: 'May' }, 'since: must be a timestamp such as 2026-01-31T00:00:00Z (got "May")'],
  [{ name: 'a', country: 'DEU' }, 'country: must be exactly 2 characters long (got "DEU")'],
  [{ name: 'a', month: '2026' }, 'month: must be a month such as 2026-01 (got "2026")'],
])('%j is refused with the field, the rule and the value', (args, message) => {
  expect(problems(args)).toEqual([message]);
});

test('an unknown argument is met with the nearest one and all that there are', () => {
  expect(problems({ name: 'a', limits: 3 })).toEqual([
    'limits: is not a known argument; did you mean limit?',
    'Known arguments: limit, name, stage, tags, since, country, month',
  ]);
});

test('every wrong field gets a line', () => {
  expect(problems({ limit: 500, stage: 'x' })).toHaveLength(3);
});

test('a long value is cut', () => {
  expect(problems({ name: 'x'.repeat(10_000) })[0]?.length).toBeLessThan(140);
});
