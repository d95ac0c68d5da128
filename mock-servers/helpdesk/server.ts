import { z } from 'zod';
import { readDataset as readCrm } from '../crm/dataset.ts';
import { userSchema } from '../crm/schemas.ts';
import { getTool, listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import {
  contactsOption,
  defineMockServer,
  defineTextTool,
  defineTool,
  MockToolError,
  seedOption,
} from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import { NOW } from '../values.ts';
import * as data from './dataset.ts';

const ticketId = z.string().describe('Such as tkt_00123');
const tags = z.array(z.string().min(1).max(40)).min(1).max(20);
const body = z.string().trim().min(1).max(20_000);
const ticket = z.object({ ticket: data.ticketSchema });

export default defineMockServer({
  name: 'helpdesk',
  title: 'Helpdesk',
  version: '1.0.0',
  instructions:
    'Tickets, comments and the knowledge base of a service desk. Requesters are contacts of the CRM, agents its users. Timestamps are in UTC, the present is 2026-06-30T12:00:00Z. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: contactsOption('Contacts of the CRM who may write'),
    seed: seedOption,
  }),
  create(options) {
    const made = data.makeDataset(options);
    const { users } = readCrm(options);
    const tickets = new Table('ticket', made.tickets, data.idOf.ticket);
    const comments = new Table('comment', made.comments, data.idOf.comment);
    const articles = new Table('article', made.articles, data.idOf.article);

    const listTickets = listTool({
      name: 'list_tickets',
      title: 'List tickets',
      description: `Returns tickets without their comments, oldest first unless sorted otherwise. ${lists.paged}`,
      key: 'tickets',
      schema: data.ticketSchema,
      table: tickets,
      filters: {
        status: data.status.optional(),
        priority: data.priority.optional(),
        companyId: z.string().optional(),
        requesterId: z.string().optional(),
        assigneeId: z.string().optional(),
        tag: z.string().optional(),
        createdAfter: lists.timestamp.optional().describe('Created at this time or later'),
        createdBefore: lists.timestamp.optional().describe('Created before this time'),
      },
      where: {
        tag: (row, wanted) => row.tags.includes(wanted),
        createdAfter: (row, after) => lists.inRange(after, undefined)(row.createdAt),
        createdBefore: (row, before) => lists.inRange(undefined, before)(row.createdAt),
      },
      sorts: ['createdAt', 'solvedAt'],
    });
    const getTicket = getTool({
      name: 'get_ticket',
      title: 'Get a ticket',
      description: 'Returns one ticket without its comments.',
      key: 'ticket',
      schema: data.ticketSchema,
      table: tickets,
    });
    const listComments = listTool({
      name: 'list_comments',
      title: 'List comments',
      description: `Returns comments, oldest first. ${lists.paged}`,
      key: 'comments',
      schema: data.commentSchema,
      table: comments,
      filters: { ticketId: ticketId.optional(), author: z.string().optional() },
    });
    // As the export of a real service desk: everything that there is of each ticket, and no schema.
    const exportTickets = defineTextTool({
      name: 'incremental_ticket_export',
      title: 'Incremental ticket export',
      description:
        'Exports tickets that were created since a time, with their comments, requesters, metrics and custom fields, up to 100 at once. Use start_time of the next page to go on. Intended for synchronisation with other systems; for a few tickets use list_tickets.',
      input: z.strictObject({ start_time: lists.timestamp }),
      annotations: lists.reads,
      handle({ start_time }) {
        const since = lists.inRange(start_time, undefined);
        const chosen = tickets.all().filter(({ createdAt }) => since(createdAt));
        const byTicket = Map.groupBy(comments.values(), ({ ticketId }) => ticketId);
        return {
          tickets: chosen.slice(0, 100).map((row) => fatTicket(row, byTicket.get(row.id) ?? [])),
          count: Math.min(100, chosen.length),
          next_start_time: chosen[100]?.createdAt ?? null,
        };
      },
    });
    const searchArticles = defineTool({
      name: 'search_articles',
      title: 'Search the knowledge base',
      description:
        'Finds articles that contain all words of the query. Returns titles; read them with get_article.',
      input: z.strictObject({ query: lists.searchText, limit: lists.searchLimit }),
      output: z.object({
        articles: z.array(data.articleSchema.pick({ id: true, title: true, section: true })),
        total: lists.searchTotal,
      }),
      annotations: lists.reads,
      handle({ query, limit }) {
        const found = articles
          .all()
          .filter((row) =>
            lists.containsWords(`${row.title}\n${row.section}\n${row.body}`.toLowerCase(), query),
          );
        const shown = found.slice(0, limit).map(({ id, title, section }) => ({ id, title, section }));
        return { articles: shown, total: found.length };
      },
    });
    const getArticle = defineTextTool({
      name: 'get_article',
      title: 'Get an article',
      description: 'Returns the Markdown of an article of the knowledge base.',
      input: z.strictObject({ id: z.string().describe('Such as art_012') }),
      annotations: lists.reads,
      handle: ({ id }) => articles.need(id).body,
    });
    const findRequester = defineTool({
      name: 'find_requester',
      title: 'Find a requester by email',
      description:
        'Returns the contact with an email address, and how many tickets it has. An error if there is none.',
      input: z.strictObject({ email: z.string().min(3) }),
      output: z.object({ requesterId: z.string(), companyId: z.string(), tickets: z.int() }),
      annotations: lists.reads,
      handle({ email }) {
        const own = tickets.all().filter(({ requesterEmail }) => requesterEmail === email.toLowerCase());
        const [first] = own;
        if (first === undefined) throw new MockToolError(`no requester has the email ${email.slice(0, 100)}`);
        return { requesterId: first.requesterId, companyId: first.companyId, tickets: own.length };
      },
    });
    const listAgents = defineTool({
      name: 'list_agents',
      title: 'List agents',
      description: 'Returns the people who answer tickets.',
      input: z.strictObject({}),
      output: z.object({ agents: z.array(userSchema) }),
      annotations: lists.reads,
      handle: () => ({ agents: users.filter(({ active }) => active) }),
    });
    const createTicket = defineTool({
      name: 'create_ticket',
      title: 'Create a ticket',
      description: 'Creates a new ticket of a requester who has written before, with a first comment.',
      input: z.strictObject({ requesterEmail: z.string(), subject: z.string().min(1).max(200), body }),
      output: ticket,
      annotations: lists.creates,
      handle(args) {
        const known = tickets.all().find(({ requesterEmail }) => requesterEmail === args.requesterEmail);
        if (known === undefined) throw new MockToolError(`no requester has the email ${args.requesterEmail}`);
        const created: data.Ticket = {
          id: tickets.newId(),
          subject: args.subject,
          requesterId: known.requesterId,
          requesterEmail: known.requesterEmail,
          companyId: known.companyId,
          status: 'new',
          priority: 'normal',
          assigneeId: null,
          tags: [],
          channel: 'web',
          createdAt: NOW,
          firstReplyAt: null,
          solvedAt: null,
        };
        tickets.put(created);
        putComment({ ticketId: created.id, author: known.requesterEmail, public: true, body: args.body });
        return { ticket: created };
      },
    });
    const updateTicket = defineTool({
      name: 'update_ticket',
      title: 'Update a ticket',
      description: 'Sets the given fields of a ticket and leaves the others. Solving notes the time.',
      input: z.strictObject({
        id: ticketId,
        status: data.status.optional(),
        priority: data.priority.optional(),
        assigneeId: z.string().optional(),
      }),
      output: ticket,
      annotations: lists.replaces,
      handle({ id, ...fields }) {
        const before = tickets.need(id);
        if (fields.assigneeId !== undefined && !users.some((user) => user.id === fields.assigneeId)) {
          throw new MockToolError(`there is no agent ${fields.assigneeId}`);
        }
        const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
        const solvedAt = fields.status === 'solved' ? (before.solvedAt ?? NOW) : before.solvedAt;
        return putTicket({ ...before, ...given, solvedAt });
      },
    });
    const tagTicket = defineTool({
      name: 'add_ticket_tags',
      title: 'Tag a ticket',
      description: 'Adds tags to a ticket; those it has stay.',
      input: z.strictObject({ id: ticketId, tags }),
      output: ticket,
      annotations: { ...lists.creates, idempotentHint: true },
      handle({ id, tags: added }) {
        const before = tickets.need(id);
        return putTicket({ ...before, tags: [...new Set([...before.tags, ...added])].sort() });
      },
    });
    const addComment = defineTool({
      name: 'add_comment',
      title: 'Add a comment',
      description: 'Adds a comment to a ticket. A public one is sent to the requester.',
      input: z.strictObject({ ticketId, author: z.string(), body, public: z.boolean().default(true) }),
      output: z.object({ comment: data.commentSchema }),
      annotations: lists.creates,
      handle(args) {
        tickets.need(args.ticketId);
        return { comment: putComment(args) };
      },
    });
    const createArticle = defineTool({
      name: 'create_article',
      title: 'Create an article',
      description: 'Adds an article to the knowledge base.',
      input: z.strictObject({
        title: z.string().min(1).max(200),
        section: z.string(),
        body: z.string().max(200_000),
      }),
      output: z.object({ id: z.string(), characters: z.int() }),
      annotations: lists.creates,
      handle(args) {
        const id = articles.newId();
        articles.put({ id, ...args, updatedAt: NOW });
        return { id, characters: args.body.length };
      },
    });
    return {
      tools: [
        listTickets,
        getTicket,
        listComments,
        exportTickets,
        searchArticles,
        getArticle,
        findRequester,
        listAgents,
        createTicket,
        updateTicket,
        tagTicket,
        addComment,
        createArticle,
      ],
      changes: () => changesOf(tickets, comments, articles),
    };

    function putTicket(row: data.Ticket): { ticket: data.Ticket } {
      tickets.put(row);
      return { ticket: row };
    }

    function putComment(given: Omit<data.Comment, 'id' | 'createdAt'>): data.Comment {
      const comment = { id: comments.newId(), ...given, createdAt: NOW };
      comments.put(comment);
      return comment;
    }
  },
});

/** A ticket and its comments, with all that real service desks keep of one. */
function fatTicket(row: data.Ticket, comments: readonly data.Comment[]): object {
  const custom = Array.from({ length: 30 }, (_, index) => ({ id: 360_000_100 + index, value: null }));
  return {
    url: `https://helpdesk.example/api/v2/tickets/${row.id}.json`,
    ...row,
    raw_subject: row.subject,
    description: comments[0]?.body ?? '',
    comments,
    custom_fields: custom,
    fields: custom,
    metric_set: {
      reopens: 0,
      replies: row.firstReplyAt === null ? 0 : 1,
      group_stations: 1,
      assignee_stations: 1,
    },
    via: { channel: row.channel, source: { from: { address: row.requesterEmail }, to: {}, rel: null } },
    satisfaction_rating: { score: 'unoffered' },
    sharing_agreement_ids: [],
    followup_ids: [],
    brand_id: 360_000_001,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: false,
  };
}
