import { z } from 'zod';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { DAY_MS, fromCents, idForm, NOW_MS, timestamp } from '../values.ts';

const instant = z.iso.datetime();

export const documentSchema = z.object({
  id: z.string().describe('Document id, such as doc_0012'),
  title: z.string(),
  folder: z.enum(['minutes', 'guides', 'drafts']),
  owner: z.string().describe('Email address'),
  characters: z.int(),
  updatedAt: instant,
});
export const mailSchema = z.object({
  id: z.string().describe('Mail id, such as msg_00123'),
  threadId: z.string().describe('Such as thr_0012'),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  labels: z.array(z.string()),
  sentAt: instant,
});
export const eventSchema = z.object({
  id: z.string().describe('Event id, such as evt_00123'),
  title: z.string(),
  attendees: z.array(z.string()).describe('Email addresses'),
  start: instant,
  end: instant,
});

export type Document = z.output<typeof documentSchema> & { body: string };
export type Mail = z.output<typeof mailSchema> & { body: string };
export type Event = z.output<typeof eventSchema>;
export type Sheet = { id: string; title: string; rows: (string | number)[][] };

export const idOf = {
  document: idForm('doc_', 4),
  mail: idForm('msg_', 5),
  thread: idForm('thr_', 4),
  event: idForm('evt_', 5),
  sheet: idForm('sht_', 3),
};

const SENTENCES = [
  'The group looked at the figures of the last quarter and had no objections.',
  'Deliveries to the northern sites were discussed at length; a second carrier will be asked for a quote.',
  'It was agreed to keep the present supplier of chairs for another year.',
  'The move of the service desk to the second floor is put off until the lift works.',
  'Two colleagues will visit the trade fair and report at the next meeting.',
  'The budget for samples is used up; requests go to the head of sales from now on.',
  'Opening hours over the holidays will be the same as last year.',
  'The question of who signs for returned goods stays open.',
];

const ANSWERS = {
  yes: [
    'I went through it twice. From my side it can go out as it is.',
    'Fine with me, please send it before the weekend.',
  ],
  no: [
    'The third figure cannot be right. Hold it back until we have spoken.',
    'I would rather wait for the numbers of the branch in Lyon first.',
  ],
} as const;

/** Documents, sheets, mail and calendars of the people who use the CRM of the same size and seed. */
export function makeDataset({ contacts: size, seed }: { contacts: number; seed: number }) {
  const { users, contacts } = readCrm({ contacts: size, seed });
  const random = createRandom(seed, 'workspace');
  const people = users.filter(({ active }) => active).map(({ name, email }) => ({ name, email }));
  const documents: Document[] = [];
  for (const [folder, count, paragraphs] of [
    ['minutes', 6, 24],
    ['guides', 8, 10],
    ['drafts', 6, 3],
  ] as const) {
    for (let number = 1; number <= count; number += 1) {
      const parts = Array.from({ length: paragraphs }, (_, index) => {
        const sentences = Array.from({ length: 5 }, () => random.pick(SENTENCES));
        return `${index + 1}. ${sentences.join(' ')} (${random.integer(100, 999)})`;
      });
      const body = parts.join('\n\n');
      documents.push({
        id: idOf.document(documents.length + 1),
        title: `${folder === 'minutes' ? 'Minutes of meeting' : folder === 'guides' ? 'Guide' : 'Draft report'} ${number}`,
        folder,
        owner: random.pick(people).email,
        characters: body.length,
        updatedAt: timestamp(NOW_MS - random.integer(1, 60) * DAY_MS),
        body,
      });
    }
  }
  const mails: Mail[] = [];
  const receipts: { mailId: string; vendor: string; amount: number }[] = [];
  const answers: { documentId: string; approved: boolean }[] = [];
  const mail = (given: Omit<Mail, 'id' | 'sentAt'>) => {
    const id = idOf.mail(mails.length + 1);
    mails.push({ id, ...given, sentAt: timestamp(NOW_MS - (400 - mails.length) * 3_600_000) });
    return id;
  };
  const boss = people[0]?.email ?? 'boss@ourcompany.example';
  let thread = 0;
  const nextThread = () => {
    thread += 1;
    return idOf.thread(thread);
  };
  for (const { id, title, folder, owner } of documents) {
    if (folder !== 'drafts') continue;
    const approved = random.chance(0.5);
    const threadId = nextThread();
    const shared = { threadId, subject: `Please check: ${title}`, labels: ['approval'] };
    mail({
      ...shared,
      from: owner,
      to: [boss],
      body: `Could you look at ${title} (${id}) and tell me if it can go out?`,
    });
    mail({ ...shared, from: boss, to: [owner], body: random.pick(ANSWERS[approved ? 'yes' : 'no']) });
    answers.push({ documentId: id, approved });
  }
  const traveller = people[1]?.email ?? boss;
  for (let number = 1; number <= 18; number += 1) {
    const vendor = random.pick(['Railway', 'Hotel am Markt', 'City Taxi', 'Airport Parking', 'Bistro Lyon']);
    const amount = fromCents(random.integer(500, 32_000));
    const body = `Dear customer,\n\nthank you for your payment.\n\nTotal: EUR ${amount.toFixed(2)}\nVAT is included.\n\nThis message was made by a machine. Please do not answer it. ${vendor} is registered in the commercial register; the managing directors are named on our website. If you are not the intended reader of this message, please delete it and tell us.`;
    const subject = `Your receipt ${random.integer(10_000, 99_999)} from ${vendor}`;
    const from = `receipts@${vendor.toLowerCase().replaceAll(' ', '-')}.example`;
    const mailId = mail({
      threadId: nextThread(),
      from,
      to: [traveller],
      subject,
      labels: ['receipt'],
      body,
    });
    receipts.push({ mailId, vendor, amount });
  }
  for (const { email, name, companyName } of contacts.slice(0, 20)) {
    const body = `Hello,\n\nwe at ${companyName} would like to hear about prices of desks.\n\n${name}`;
    mail({ threadId: nextThread(), from: email, to: [traveller], subject: 'Prices', labels: [], body });
  }
  return { people, documents, mails, events: makeEvents(people, seed), receipts, answers, traveller, boss };
}

/** Meetings of the week that begins on 2026-07-06, on the half hour from 8 to 17 o'clock. */
function makeEvents(people: readonly { email: string }[], seed: number): Event[] {
  const random = createRandom(seed, 'calendar');
  const monday = Date.parse('2026-07-06T00:00:00Z');
  return Array.from({ length: people.length * 11 }, (_, index): Event => {
    const startMs = monday + random.integer(0, 4) * DAY_MS + random.integer(16, 31) * 1_800_000;
    const owner = people[index % people.length]?.email ?? '';
    return {
      id: idOf.event(index + 1),
      title: random.pick(['Review', 'One on one', 'Planning', 'Interview', 'Customer call']),
      attendees: [...new Set([owner, random.pick(people).email])],
      start: timestamp(startMs),
      end: timestamp(startMs + random.integer(1, 4) * 1_800_000),
    };
  });
}

/** The data of `makeDataset` for readers that ask again and again; they must not change it. */
export const readDataset = remembered(makeDataset);
