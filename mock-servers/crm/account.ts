import { Late } from '../late.ts';
import { type Change, MockToolError } from '../mock-server.ts';
import { Table } from '../table.ts';
import type { SharedDataset } from './dataset.ts';
import type { Activity, Company, Contact, Deal, Order, User } from './schemas.ts';
import { idOf, type Kind } from './values.ts';

/** The account as it is now: the dataset plus what tools have written. Keeps what is derived in step. */
export class Account {
  readonly users: ReadonlyMap<string, User>;
  readonly companies: Table<Company>;
  readonly contacts: Table<Contact>;
  readonly orders: Table<Order>;
  readonly #deals: Late<Table<Deal>>;
  readonly #activities: Late<Table<Activity>>;
  readonly #contactIdByEmail: Map<string, string>;
  // No tool writes orders, so this never has to follow.
  readonly #ordersByContact: Late<ReadonlyMap<string, Order[]>>;
  readonly #added = { contact: 0, deal: 0, activity: 0 };

  constructor(dataset: SharedDataset) {
    this.users = new Map(dataset.users.map((user) => [user.id, user]));
    this.companies = new Table('company', dataset.companies, ['contactCount']);
    this.contacts = new Table('contact', dataset.contacts, ['updatedAt']);
    this.orders = new Table('order', dataset.orders);
    this.#deals = new Late(() => new Table('deal', dataset.deals));
    this.#activities = new Late(() => new Table('activity', dataset.activities));
    this.#contactIdByEmail = new Map(dataset.contacts.map(({ email, id }) => [email, id]));
    this.#ordersByContact = new Late(() => Map.groupBy(dataset.orders, ({ contactId }) => contactId));
  }

  get deals(): Table<Deal> {
    return this.#deals.value;
  }

  get activities(): Table<Activity> {
    return this.#activities.value;
  }

  user(id: string): User {
    return found(this.users.get(id), 'user', id);
  }

  company(id: string): Company {
    return found(this.companies.get(id), 'company', id);
  }

  contact(id: string): Contact {
    return found(this.contacts.get(id), 'contact', id);
  }

  order(id: string): Order {
    return found(this.orders.get(id), 'order', id);
  }

  deal(id: string): Deal {
    return found(this.deals.get(id), 'deal', id);
  }

  /** Throws `MockToolError` where one of the ids that a tool was given is of nothing. */
  requireKnown(ids: { [Id in 'contactId' | 'companyId' | 'dealId' | 'ownerId']?: string | undefined }): void {
    if (ids.contactId !== undefined) this.contact(ids.contactId);
    if (ids.companyId !== undefined) this.company(ids.companyId);
    if (ids.dealId !== undefined) this.deal(ids.dealId);
    if (ids.ownerId !== undefined) this.user(ids.ownerId);
  }

  contactByEmail(email: string): Contact | undefined {
    const id = this.#contactIdByEmail.get(email.toLowerCase());
    return id === undefined ? undefined : this.contacts.get(id);
  }

  /** Oldest first, those of one moment by id. */
  ordersOf(contactId: string): readonly Order[] {
    return this.#ordersByContact.value.get(contactId) ?? [];
  }

  /** An id that nothing had before, also nothing deleted. */
  newId(kind: 'contact' | 'deal' | 'activity'): string {
    const table = kind === 'contact' ? this.contacts : kind === 'deal' ? this.deals : this.activities;
    this.#added[kind] += 1;
    return idOf(kind, table.startSize + this.#added[kind]);
  }

  /** Throws `MockToolError` where a contact other than `id` has the email, which is in lower case. */
  requireFreeEmail(email: string, id?: string): void {
    const holder = this.#contactIdByEmail.get(email);
    if (holder !== undefined && holder !== id) {
      throw new MockToolError(`email: ${email} is the email of contact ${holder} already`);
    }
  }

  /** Adds or replaces a contact, whose email no other contact may have. */
  saveContact(contact: Contact): void {
    const before = this.contacts.get(contact.id);
    if (before !== undefined) this.#contactIdByEmail.delete(before.email);
    this.#contactIdByEmail.set(contact.email, contact.id);
    this.contacts.put(contact);
    if (before?.companyId !== contact.companyId) {
      if (before !== undefined) this.#countContact(before.companyId, -1);
      this.#countContact(contact.companyId, 1);
    }
  }

  removeContact(contact: Contact): void {
    this.contacts.delete(contact.id);
    this.#contactIdByEmail.delete(contact.email);
    this.#countContact(contact.companyId, -1);
  }

  changes(): Change[] {
    // In order of entity name; orders, companies and users are never written by themselves.
    return [this.#activities.made, this.companies, this.contacts, this.#deals.made].flatMap(
      (table) => table?.changes() ?? [],
    );
  }

  #countContact(companyId: string, difference: 1 | -1): void {
    const company = this.company(companyId);
    this.companies.put({ ...company, contactCount: company.contactCount + difference });
  }
}

function found<T>(value: T | undefined, kind: Kind, id: string): T {
  if (value !== undefined) return value;
  const shown = JSON.stringify(id.slice(0, 60));
  throw new MockToolError(`${kind} ${shown} not found; ids of this kind look like ${idOf(kind, 7)}`);
}
