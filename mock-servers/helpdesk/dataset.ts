import { z } from 'zod';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { remembered } from '../late.ts';
import { createRandom } from '../random.ts';
import { DAY_MS, idForm, NOW_MS, timestamp } from '../values.ts';
import { ARTICLE_PARTS, FILLER, REPLIES, TOPICS, type Topic } from './texts.ts';

const instant = z.iso.datetime();

export const status = z.enum(['new', 'open', 'pending', 'solved']);
export const priority = z.enum(['low', 'normal', 'high', 'urgent']);

export const ticketSchema = z.object({
  id: z.string().describe('Ticket id, such as tkt_00123'),
  subject: z.string(),
  requesterId: z.string().describe('Contact id of the CRM'),
  requesterEmail: z.string(),
  companyId: z.string(),
  status,
  priority,
  assigneeId: z.string().nullable().describe('User id of the CRM; null while nobody has it'),
  tags: z.array(z.string()),
  channel: z.enum(['email', 'phone', 'web']),
  createdAt: instant,
  firstReplyAt: instant.nullable(),
  solvedAt: instant.nullable(),
});

export const commentSchema = z.object({
  id: z.string().describe('Comment id, such as cmt_000123'),
  ticketId: z.string(),
  author: z.string().describe('Email address'),
  public: z.boolean(),
  body: z.string(),
  createdAt: instant,
});

export const articleSchema = z.object({
  id: z.string().describe('Article id, such as art_012'),
  title: z.string(),
  section: z.string(),
  body: z.string().describe('Markdown'),
  updatedAt: instant,
});

export type Ticket = z.output<typeof ticketSchema>;
export type Comment = z.output<typeof commentSchema>;
export type Article = z.output<typeof articleSchema>;

export const idOf = {
  ticket: idForm('tkt_', 5),
  comment: idForm('cmt_', 6),
  article: idForm('art_', 3),
};

/** What a first comment was drawn from: the truth of scenarios that have to judge it. */
export type Label = { ticketId: string; topic: Topic; urgent: boolean };

/** Tickets of the CRM's contacts, with their comments and the articles that help to answer them. */
export function makeDataset({ contacts: size, seed }: { contacts: number; seed: number }) {
  const { contacts, users } = readCrm({ contacts: size, seed });
  const random = createRandom(seed, 'helpdesk');
  const agents = users.filter(({ active }) => active);
  const tickets: Ticket[] = [];
  const comments: Comment[] = [];
  const labels: Label[] = [];
  const count = contacts.length === 0 ? 0 : Math.ceil(size * 0.6);
  for (let index = 0; index < count; index += 1) {
    const contact = random.pick(contacts);
    const about = random.pick(TOPICS);
    const urgent = random.chance(0.25);
    const id = idOf.ticket(index + 1);
    // Denser towards the present, and rising, as ids do.
    const createdMs =
      NOW_MS - Math.floor(90 * DAY_MS * (1 - (index + random.next()) / count) ** 1.3) - 60_000;
    const repliedMs = createdMs + Math.floor(DAY_MS * 0.9 * random.next() ** 2) + 120_000;
    const isReplied = repliedMs < NOW_MS && random.chance(0.92);
    const solvedMs = repliedMs + Math.floor(6 * DAY_MS * random.next());
    const isSolved = isReplied && solvedMs < NOW_MS;
    const agent = random.pick(agents);
    tickets.push({
      id,
      subject: random.pick(about.subjects),
      requesterId: contact.id,
      requesterEmail: contact.email,
      companyId: contact.companyId,
      status: isSolved ? 'solved' : isReplied ? random.pick(['open', 'pending'] as const) : 'new',
      priority: isReplied ? random.pick(['low', 'normal', 'high', 'urgent'] as const) : 'normal',
      assigneeId: isReplied ? agent.id : null,
      tags: isReplied ? [about.topic] : [],
      channel: random.pick(['email', 'phone', 'web'] as const),
      createdAt: timestamp(createdMs),
      firstReplyAt: isReplied ? timestamp(repliedMs) : null,
      solvedAt: isSolved ? timestamp(solvedMs) : null,
    });
    labels.push({ ticketId: id, topic: about.topic, urgent });
    comment(id, contact.email, random.pick(urgent ? about.urgent : about.calm), createdMs);
    if (isReplied) comment(id, agent.email, random.pick(REPLIES), repliedMs);
    if (isSolved) comment(id, agent.email, 'Solved. Thank you for your patience.', solvedMs);
  }
  return { tickets, comments, labels, articles: makeArticles(seed) };

  function comment(ticketId: string, author: string, body: string, ms: number): void {
    const id = idOf.comment(comments.length + 1);
    comments.push({ id, ticketId, author, public: true, body, createdAt: timestamp(ms) });
  }
}

/** Three articles on each topic, of some 3 KB: one of them holds the policy. */
function makeArticles(seed: number): Article[] {
  const random = createRandom(seed, 'articles');
  return TOPICS.flatMap(({ topic }) => {
    const { title, policy } = ARTICLE_PARTS[topic];
    return ['How to answer', 'Policy', 'Background'].map((kind): Omit<Article, 'id'> => {
      const paragraphs = Array.from({ length: 8 }, (_, index) => {
        const sentences = Array.from({ length: 4 }, () => random.pick(FILLER));
        return `## ${index + 1}. ${kind === 'Policy' && index === 5 ? 'Rule' : 'Notes'}\n\n${sentences.join(' ')}`;
      });
      if (kind === 'Policy') paragraphs[5] += ` ${policy}`;
      return {
        title: `${title}: ${kind.toLowerCase()}`,
        section: topic,
        body: `# ${title}\n\n${paragraphs.join('\n\n')}\n`,
        updatedAt: timestamp(NOW_MS - random.integer(1, 300) * DAY_MS),
      };
    });
  }).map((article, index) => ({ id: idOf.article(index + 1), ...article }));
}

/** The data of `makeDataset` for readers that ask again and again; they must not change it. */
export const readDataset = remembered(makeDataset);
