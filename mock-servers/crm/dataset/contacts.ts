import { createRandom, type Random, weighted } from '../../random.ts';
import { DAY_MS, NOW_MS, timestamp } from '../../values.ts';
import { idOf } from '../ids.ts';
import type { Company, Contact, LifecycleStage } from '../schemas.ts';
import {
  CONTACT_NOTES,
  COUNTRIES,
  FIRST_NAMES,
  JOB_AREAS,
  JOB_RANKS,
  LAST_NAMES,
  TAGS,
} from './vocabulary.ts';

const ACCOUNT_OPENED_MS = Date.parse('2022-01-10T08:00:00Z');

/** Contacts that are no customers yet, by what has become of them. */
const drawEarlyStage = weighted<LifecycleStage>([
  ['subscriber', 30],
  ['lead', 35],
  ['qualified', 20],
  ['opportunity', 15],
]);

const callingCodes = new Map(COUNTRIES.map(([country, code]) => [country, code]));

/** When each contact was created, in milliseconds since 1970: rising, and denser towards the present. */
export function contactCreationTimes(contacts: number, seed: number): number[] {
  const random = createRandom(seed, 'contact-times');
  const span = NOW_MS - DAY_MS - ACCOUNT_OPENED_MS;
  return Array.from(
    { length: contacts },
    (_, index) => ACCOUNT_OPENED_MS + Math.floor(span * ((index + random.next()) / contacts) ** 0.75),
  );
}

/** What a contact's orders say about it. */
export type OrderHistory = { count: number; lastOrderAt: string };

/** The contact in place `index`, of `company`, with `history` where it has ordered. `emails` are those taken. */
export function makeContact(
  index: number,
  createdMs: number,
  company: Company,
  history: OrderHistory | undefined,
  emails: Set<string>,
  random: Random,
): Contact {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const lastTouchedMs = history === undefined ? createdMs : Date.parse(history.lastOrderAt);
  return {
    id: idOf.contact(index + 1),
    firstName,
    lastName,
    name: `${firstName} ${lastName}`,
    email: freeEmail(firstName, lastName, company.domain, emails),
    // 555 stands for an invented number, as in films.
    phone: `${callingCodes.get(company.country)} 555 ${random.integer(100, 999)} ${random.integer(1000, 9999)}`,
    jobTitle: `${random.pick(JOB_RANKS)} ${random.pick(JOB_AREAS)}`,
    companyId: company.id,
    companyName: company.name,
    lifecycleStage: history === undefined ? drawEarlyStage(random) : customerStage(history),
    segment: company.segment,
    ownerId: company.ownerId,
    tags: TAGS.filter(([, share]) => random.chance(share)).map(([tag]) => tag),
    city: company.city,
    country: company.country,
    createdAt: timestamp(createdMs),
    updatedAt: timestamp(lastTouchedMs + Math.floor(random.next() * (NOW_MS - lastTouchedMs))),
    lastOrderAt: history?.lastOrderAt ?? null,
    notes: random.chance(0.3) ? random.pick(CONTACT_NOTES) : '',
  };
}

/** Customers are champions from eight orders on, and inactive after a year without one. */
function customerStage({ count, lastOrderAt }: OrderHistory): LifecycleStage {
  if (NOW_MS - Date.parse(lastOrderAt) > 365 * DAY_MS) return 'inactive';
  return count >= 8 ? 'champion' : 'customer';
}

function freeEmail(firstName: string, lastName: string, domain: string, emails: Set<string>): string {
  const mailbox = `${firstName}.${lastName}`.toLowerCase().replaceAll("'", '');
  let email = `${mailbox}@${domain}`;
  for (let number = 2; emails.has(email); number++) email = `${mailbox}${number}@${domain}`;
  emails.add(email);
  return email;
}
