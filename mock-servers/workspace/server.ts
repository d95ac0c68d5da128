import { z } from 'zod';
import { listTool } from '../list-tools.ts';
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

const documentId = z.string().describe('Such as doc_0012');
const sheetId = z.string().describe('Such as sht_003');
const cell = z.union([z.string(), z.number()]);
const body = z.string().max(500_000);

export default defineMockServer({
  name: 'workspace',
  title: 'Workspace',
  version: '1.0.0',
  instructions:
    'Documents, sheets, mail and calendars of a company. People are named by their email address. Timestamps are in UTC, the present is 2026-06-30T12:00:00Z. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: contactsOption('Contacts of the CRM that these people use'),
    seed: seedOption,
  }),
  create(options) {
    const made = data.makeDataset(options);
    const documents = new Table('document', made.documents, data.idOf.document);
    const mails = new Table('mail', made.mails, data.idOf.mail);
    const events = new Table('event', made.events, data.idOf.event);
    const sheets = new Table<data.Sheet>('sheet', [], data.idOf.sheet);

    const listDocuments = listTool({
      name: 'list_documents',
      title: 'List documents',
      description: `Returns documents without their text. ${lists.paged}`,
      key: 'documents',
      schema: data.documentSchema,
      table: documents,
      filters: {
        folder: data.documentSchema.shape.folder.optional(),
        owner: z.string().optional(),
        query: lists.searchText.optional().describe('Words of the title or text'),
      },
      where: {
        query: (row, query) => lists.containsWords(`${row.title}\n${row.body}`.toLowerCase(), query),
      },
      show: ({ body: _, ...row }) => row,
    });
    const readDocument = defineTextTool({
      name: 'read_document',
      title: 'Read a document',
      description: 'Returns the whole text of a document.',
      input: z.strictObject({ id: documentId }),
      annotations: lists.reads,
      handle: ({ id }) => documents.need(id).body,
    });
    const createDocument = defineTool({
      name: 'create_document',
      title: 'Create a document',
      description: 'Creates a document with a text.',
      input: z.strictObject({
        title: z.string().min(1),
        folder: data.documentSchema.shape.folder,
        owner: z.string(),
        body,
      }),
      output: z.object({ id: z.string(), characters: z.int() }),
      annotations: lists.creates,
      handle(args) {
        const row = { id: documents.newId(), ...args, characters: args.body.length, updatedAt: NOW };
        documents.put(row);
        return { id: row.id, characters: row.characters };
      },
    });
    const appendDocument = defineTool({
      name: 'append_to_document',
      title: 'Append to a document',
      description: 'Adds a paragraph at the end of a document.',
      input: z.strictObject({ id: documentId, text: z.string().min(1).max(100_000) }),
      output: z.object({ id: z.string(), characters: z.int() }),
      annotations: lists.creates,
      handle({ id, text }) {
        const before = documents.need(id);
        const after = `${before.body}\n\n${text}`;
        documents.put({ ...before, body: after, characters: after.length, updatedAt: NOW });
        return { id, characters: after.length };
      },
    });
    const listMail = listTool({
      name: 'list_mail',
      title: 'List mail',
      description: `Returns mails without their text, oldest first. ${lists.paged}`,
      key: 'mails',
      schema: data.mailSchema,
      table: mails,
      filters: {
        label: z.string().optional(),
        threadId: z.string().optional(),
        from: z.string().optional(),
        query: lists.searchText.optional().describe('Words of the subject or text'),
      },
      where: {
        label: ({ labels }, label) => labels.includes(label),
        query: (row, query) => lists.containsWords(`${row.subject}\n${row.body}`.toLowerCase(), query),
      },
      show: ({ body: _, ...row }) => row,
    });
    const readMail = defineTextTool({
      name: 'read_mail',
      title: 'Read a mail',
      description: 'Returns a mail as it came: headers, an empty line, the text.',
      input: z.strictObject({ id: z.string().describe('Such as msg_00123') }),
      annotations: lists.reads,
      handle({ id }) {
        const { from, to, subject, sentAt, body: text } = mails.need(id);
        return `From: ${from}\nTo: ${to.join(', ')}\nDate: ${sentAt}\nSubject: ${subject}\n\n${text}`;
      },
    });
    const sendMail = defineTool({
      name: 'send_mail',
      title: 'Send a mail',
      description: 'Sends a mail at once; it cannot be taken back.',
      input: z.strictObject({ from: z.string(), to: z.array(z.string()).min(1), subject: z.string(), body }),
      output: z.object({ id: z.string() }),
      annotations: { ...lists.creates, openWorldHint: true },
      handle(args) {
        const id = mails.newId();
        mails.put({ id, threadId: `thr_${id}`, labels: ['sent'], sentAt: NOW, ...args });
        return { id };
      },
    });
    const createSheet = defineTool({
      name: 'create_sheet',
      title: 'Create a sheet',
      description: 'Creates a sheet with a row of headings.',
      input: z.strictObject({ title: z.string().min(1), header: z.array(z.string()).min(1) }),
      output: z.object({ id: z.string() }),
      annotations: lists.creates,
      handle({ title, header }) {
        const id = sheets.newId();
        sheets.put({ id, title, rows: [header] });
        return { id };
      },
    });
    const appendRows = defineTool({
      name: 'append_rows',
      title: 'Append rows to a sheet',
      description: 'Adds rows below the last one. All have as many cells as the headings.',
      input: z.strictObject({ id: sheetId, rows: z.array(z.array(cell)).min(1).max(500) }),
      output: z.object({ id: z.string(), rows: z.int() }),
      annotations: lists.creates,
      handle({ id, rows }) {
        const sheet = sheets.need(id);
        const width = sheet.rows[0]?.length ?? 0;
        const odd = rows.findIndex((row) => row.length !== width);
        if (odd >= 0)
          throw new MockToolError(`rows[${odd}] has ${rows[odd]?.length} cells, the headings ${width}`);
        sheets.put({ ...sheet, rows: [...sheet.rows, ...rows] });
        return { id, rows: sheet.rows.length + rows.length };
      },
    });
    const readRange = defineTextTool({
      name: 'values_get',
      title: 'Get values',
      description: 'Returns the rows of a sheet, headings first.',
      input: z.strictObject({ id: sheetId }),
      annotations: lists.reads,
      handle: ({ id }) => ({ range: 'A1:Z', majorDimension: 'ROWS', values: sheets.need(id).rows }),
    });
    const listEvents = listTool({
      name: 'list_events',
      title: 'List events',
      description: `Returns meetings in order of their start. ${lists.paged}`,
      key: 'events',
      schema: data.eventSchema,
      table: events,
      filters: {
        attendee: z.string().optional().describe('Email address'),
        startAfter: lists.timestamp.optional(),
        startBefore: lists.timestamp.optional(),
      },
      where: {
        attendee: ({ attendees }, email) => attendees.includes(email),
        startAfter: ({ start }, after) => lists.inRange(after, undefined)(start),
        startBefore: ({ start }, before) => lists.inRange(undefined, before)(start),
      },
      sorts: ['start'],
    });
    const getFreeBusy = defineTool({
      name: 'get_free_busy',
      title: 'Get free and busy times',
      description: 'Returns when a person is busy on a day, in order, overlapping times as they are.',
      input: z.strictObject({ email: z.string(), day: z.iso.date() }),
      output: z.object({ busy: z.array(z.object({ start: z.iso.datetime(), end: z.iso.datetime() })) }),
      annotations: lists.reads,
      handle({ email, day }) {
        const own = events.all().filter((row) => row.attendees.includes(email) && row.start.startsWith(day));
        return { busy: lists.sortRows(own, 'start').map(({ start, end }) => ({ start, end })) };
      },
    });
    const createEvent = defineTool({
      name: 'create_event',
      title: 'Create an event',
      description: 'Puts a meeting into the calendars of its attendees.',
      input: z.strictObject({
        title: z.string().min(1),
        attendees: z.array(z.string()).min(1),
        start: z.iso.datetime(),
        end: z.iso.datetime(),
      }),
      output: z.object({ event: data.eventSchema }),
      annotations: lists.creates,
      handle(args) {
        if (args.end <= args.start) throw new MockToolError('end: must be after start');
        const event = { id: events.newId(), ...args };
        events.put(event);
        return { event };
      },
    });
    const listPeople = defineTool({
      name: 'list_people',
      title: 'List people',
      description: 'Returns the people of the company.',
      input: z.strictObject({}),
      output: z.object({ people: z.array(z.object({ name: z.string(), email: z.string() })) }),
      annotations: lists.reads,
      handle: () => ({ people: made.people }),
    });
    return {
      tools: [
        listDocuments,
        readDocument,
        createDocument,
        appendDocument,
        listMail,
        readMail,
        sendMail,
        createSheet,
        appendRows,
        readRange,
        listEvents,
        getFreeBusy,
        createEvent,
        listPeople,
      ],
      changes: () => changesOf(documents, mails, events, sheets),
    };
  },
});
