import type { z } from 'zod';
import { nearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

/** Longest rendering of a refused value inside a message, in characters. */
const SHOWN = 60;

/** What the top level of an input takes: the names, and what one of them is called. */
export type Known = { noun: 'argument' | 'option' | 'field'; names: readonly string[] };

/** What is wrong with `input` and what is allowed, one line a field, such as `limit: must be at most 200 (got 500)`. */
export function describeIssues(issues: readonly Issue[], input: unknown, known: Known): string {
  return issues.map((issue) => describeIssue(issue, input, known)).join('\n');
}

function describeIssue(issue: Issue, input: unknown, known: Known): string {
  const value = valueAt(input, issue.path);
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') return describeUnknownKeys(issue.keys, issue.path, known);
  if (issue.code === 'custom') return `${field}: ${issue.message}`;
  const rule = describeRule(issue);
  if (value === undefined) return `${field}: is required, ${rule}`;
  return `${field}: ${rule} (got ${show(value)})`;
}

function describeRule(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${show(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `must ${bound(issue, 'at most', issue.maximum)}`;
    case 'too_small':
      return `must ${bound(issue, 'at least', issue.minimum)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return describeFormat(issue);
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  }
}

const FORMATS: Record<string, string> = {
  date: 'a date such as 2026-01-31',
  datetime: 'a timestamp such as 2026-01-31T00:00:00Z',
  email: 'an email address',
};

/** A schema's own message wins over the pattern, which a reader would have to decipher. */
function describeFormat(issue: z.core.$ZodIssueInvalidStringFormat): string {
  const format = FORMATS[issue.format];
  if (format !== undefined) return `must be ${format}`;
  if (!issue.message.startsWith('Invalid')) return issue.message;
  return issue.pattern === undefined ? `must be of the form ${issue.format}` : `must match ${issue.pattern}`;
}

function bound(
  issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall,
  inclusive: 'at most' | 'at least',
  limit: number | bigint,
): string {
  const exclusive = inclusive === 'at most' ? 'less than' : 'more than';
  const comparison = issue.exact ? 'exactly' : issue.inclusive === false ? exclusive : inclusive;
  if (issue.origin === 'string') return `be ${comparison} ${limit} character${limit === 1 ? '' : 's'} long`;
  if (issue.origin === 'array') return `have ${comparison} ${limit} item${limit === 1 ? '' : 's'}`;
  return `be ${comparison} ${limit}`;
}

function describeUnknownKeys(keys: readonly string[], path: readonly PropertyKey[], known: Known): string {
  const { noun, names } = path.length === 0 ? known : { noun: 'field', names: [] };
  const lines = keys.map((key) => {
    const near = nearest(key, names, 2);
    const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
    return `${fieldName([...path, key])}: is not a known ${noun}${hint}`;
  });
  if (path.length === 0)
    lines.push(names.length > 0 ? `Known ${noun}s: ${names.join(', ')}` : `No ${noun}s are taken`);
  return lines.join('\n');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'arguments';
  return path.map(String).join('.');
}

function article(type: string): string {
  if (type === 'int') return 'a whole number';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
