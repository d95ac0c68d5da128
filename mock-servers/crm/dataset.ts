import { Late, remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { timestamp } from '../values.ts';
import { makeActivities } from './dataset/activities.ts';
import { assignCompanies, companyCreatedMs, makeCompanies } from './dataset/companies.ts';
import { contactCreationTimes, makeContact, type OrderHistory } from './dataset/contacts.ts';
import { makeDeals } from './dataset/deals.ts';
import { type Buyer, makeOrders } from './dataset/orders.ts';
import { makeUsers } from './dataset/users.ts';
import { idOf } from './ids.ts';
import type { Activity, Company, Contact, Deal, Order, User } from './schemas.ts';

/** Everything in the account, each list in order of id. */
export type Dataset = {
  users: User[];
  companies: Company[];
  contacts: Contact[];
  /** Ids rise with `placedAt`, so a contact's newest order, ties by id, is its last one here. */
  orders: Order[];
  deals: Deal[];
  activities: Activity[];
};

/**
 * The account of a supplier of workplaces, with any number of `contacts` from 0 up. Equal arguments give equal data,
 * byte for byte; nothing depends on the machine, its clock or its locale.
 */
export function makeDataset({ contacts: size, seed }: { contacts: number; seed: number }): Dataset {
  const users = makeUsers(size, seed);
  const bareCompanies = makeCompanies(size, users, seed);
  const createdMs = contactCreationTimes(size, seed);
  const employers = assignCompanies(size, bareCompanies.length, seed).map((index) =>
    at(bareCompanies, index),
  );

  const buyers = employers.map(
    (company, index): Buyer => ({
      id: idOf.contact(index + 1),
      companyId: company.id,
      segment: company.segment,
      createdMs: at(createdMs, index),
    }),
  );
  const orders = makeOrders(buyers, seed);
  const histories = orderHistories(orders);

  const random = createRandom(seed, 'contacts');
  const emails = new Set<string>();
  const contacts = employers.map((company, index) =>
    makeContact(index, at(createdMs, index), company, histories.get(at(buyers, index).id), emails, random),
  );
  // Half of the work, and few workflows look at them.
  const deals = new Late(() => makeDeals(contacts, seed));
  const activities = new Late(() => makeActivities(contacts, deals.value, seed));
  return {
    users,
    companies: finishCompanies(bareCompanies, contacts, seed),
    contacts,
    orders,
    get deals() {
      return deals.value;
    },
    get activities() {
      return activities.value;
    },
  };
}

/** A dataset that others read too. */
export type SharedDataset = {
  readonly [List in keyof Dataset]: readonly Readonly<Dataset[List][number]>[];
};

const remember = remembered(makeDataset);

/** The data of `makeDataset` for readers that ask again and again. */
export function readDataset({ contacts, seed }: { contacts: number; seed: number }): SharedDataset {
  return remember({ contacts, seed });
}

/** By contact; `orders` are in order of time. */
function orderHistories(orders: readonly Order[]): Map<string, OrderHistory> {
  const histories = new Map<string, OrderHistory>();
  for (const { contactId, placedAt } of orders) {
    const count = (histories.get(contactId)?.count ?? 0) + 1;
    histories.set(contactId, { count, lastOrderAt: placedAt });
  }
  return histories;
}

/** Fills in what follows from the contacts, which are in order of creation. */
function finishCompanies(
  companies: readonly Company[],
  contacts: readonly Contact[],
  seed: number,
): Company[] {
  const random = createRandom(seed, 'company-times');
  const firstContact = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { companyId, createdAt } of contacts) {
    if (!firstContact.has(companyId)) firstContact.set(companyId, createdAt);
    counts.set(companyId, (counts.get(companyId) ?? 0) + 1);
  }
  return companies.map((company) => ({
    ...company,
    contactCount: counts.get(company.id) ?? 0,
    createdAt: timestamp(
      companyCreatedMs(Date.parse(firstContact.get(company.id) ?? company.createdAt), random),
    ),
  }));
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} of ${values.length}`);
  return value;
}
