import { Late } from '../late.ts';
import { type Change, MockToolError } from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import type { SharedDataset } from './dataset.ts';
import { idOf } from './ids.ts';
import type { Activity, Company, Contact, Deal, Order, User } from './schemas.ts';

/**
 * The account as it is now: the dataset plus what tools have written. Keeps what is derived in step. The data are made when a
 * tool first asks for them, so that a large account lists its tools as soon as a small one.
 */
export class Account {
  readonly #core: Late<ReturnType<typeof openCore>>;
  readonly #deals: Late<Table<Deal>>;
  readonly #activities: Late<Table<Activity>>;
  // No tool writes orders, so this never has to follow.
  readonly #ordersByContact: Late<ReadonlyMap<string, Order[]>>;

  constructor(read: () => SharedDataset) {
    const dataset = new Late(read);
    this.#core = new Late(() => openCore(dataset.value));
    this.#deals = new Late(() => new Table('deal', dataset.value.deals, idOf.deal));
    this.#activities = new Late(() => new Table('activity', dataset.value.activities, idOf.activity));
    this.#ordersByContact = new Late(() => Map.groupBy(dataset.value.orders, ({ contactId }) => contactId));
  }

  get users(): Table<User> {
    return this.#core.value.users;
  }

  get companies(): Table<Company> {
    return this.#core.value.companies;
  }

  get contacts(): Table<Contact> {
    return this.#core.value.contacts;
  }

  get orders(): Table<Order> {
    return this.#core.value.orders;
  }

  get deals(): Table<Deal> {
    return this.#deals.value;
  }

  get activities(): Table<Activity> {
    return this.#activities.value;
  }

  /** Throws `MockToolError` where one of the ids that a tool was given is of nothing. */
  requireKnown(ids: { [Id in 'contactId' | 'companyId' | 'dealId' | 'ownerId']?: string | undefined }): void {
    if (ids.contactId !== undefined) this.contacts.need(ids.contactId);
    if (ids.companyId !== undefined) this.companies.need(ids.companyId);
    if (ids.dealId !== undefined) this.deals.need(ids.dealId);
    if (ids.ownerId !== undefined) this.users.need(ids.ownerId);
  }

  contactByEmail(email: string): Contact | undefined {
    const id = this.#core.value.contactIdByEmail.get(email.toLowerCase());
    return id === undefined ? undefined : this.contacts.get(id);
  }

  /** Oldest first, those of one moment by id. */
  ordersOf(contactId: string): readonly Order[] {
    return this.#ordersByContact.value.get(contactId) ?? [];
  }

  /** Throws `MockToolError` where a contact other than `id` has the email, which is in lower case. */
  requireFreeEmail(email: string, id?: string): void {
    const holder = this.#core.value.contactIdByEmail.get(email);
    if (holder !== undefined && holder !== id) {
      throw new MockToolError(`email: ${email} is the email of contact ${holder} already`);
    }
  }

  /** Adds or replaces a contact, whose email no other contact may have. */
  saveContact(contact: Contact): void {
    const before = this.contacts.get(contact.id);
    if (before !== undefined) this.#core.value.contactIdByEmail.delete(before.email);
    this.#core.value.contactIdByEmail.set(contact.email, contact.id);
    this.contacts.put(contact);
    if (before?.companyId !== contact.companyId) {
      if (before !== undefined) this.#countContact(before.companyId, -1);
      this.#countContact(contact.companyId, 1);
    }
  }

  removeContact(contact: Contact): void {
    this.contacts.delete(contact.id);
    this.#core.value.contactIdByEmail.delete(contact.email);
    this.#countContact(contact.companyId, -1);
  }

  changes(): Change[] {
    // Users and orders are never written.
    const made = [
      this.#core.made?.companies,
      this.#core.made?.contacts,
      this.#deals.made,
      this.#activities.made,
    ];
    return changesOf(...made.filter((table) => table !== undefined));
  }

  #countContact(companyId: string, difference: 1 | -1): void {
    const company = this.companies.need(companyId);
    this.companies.put({ ...company, contactCount: company.contactCount + difference });
  }
}

/** What most tools need. */
function openCore({ users, companies, contacts, orders }: SharedDataset) {
  return {
    users: new Table<User>('user', users, idOf.user),
    companies: new Table<Company>('company', companies, idOf.company, ['contactCount']),
    contacts: new Table<Contact>('contact', contacts, idOf.contact, ['updatedAt']),
    orders: new Table<Order>('order', orders, idOf.order),
    contactIdByEmail: new Map(contacts.map(({ email, id }) => [email, id])),
  };
}
