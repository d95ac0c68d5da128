import { z } from 'zod';
import { getTool, listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import { defineTextTool, defineTool, type MockTool, MockToolError } from '../mock-server.ts';
import type { Table } from '../table.ts';
import * as data from './dataset.ts';

type Library = { documents: Table<data.Document>; collections: Table<data.Collection> };

const documentId = z.string().describe('Such as doc_0007');
const topic = z.enum(data.topics);
const hits = z.object({ documents: z.array(data.hitSchema), total: lists.searchTotal });

/** Tools of a library. Those that bring texts answer in text alone, as such tools do. */
export function libraryTools({ documents, collections }: Library, seed: number): MockTool[] {
  const toHits = (found: readonly data.Document[], limit: number) => ({
    documents: found.slice(0, limit).map((each) => data.hitSchema.parse(each)),
    total: found.length,
  });
  return [
    defineTool({
      name: 'search_documents',
      title: 'Search documents',
      description: 'Finds documents by words of their title or by topic, those most referred to first.',
      input: z.strictObject({
        query: lists.searchText.optional().describe('Words of the title; all must occur'),
        topic: topic.optional(),
        fromYear: z.int().optional(),
        limit: lists.searchLimit,
      }),
      output: hits,
      annotations: lists.reads,
      handle({ query, topic: wanted, fromYear = 0, limit }) {
        const found = documents.all().filter(({ title, topics, year }) => {
          const hasWords = query === undefined || lists.containsWords(title.toLowerCase(), query);
          return hasWords && (wanted === undefined || topics.includes(wanted)) && year >= fromYear;
        });
        return toHits(lists.sortRows(found, '-citedBy'), limit);
      },
    }),
    getTool({
      name: 'get_document',
      title: 'Get a document',
      description: 'Returns what the library knows of a document, with its abstract, but not its text.',
      key: 'document',
      schema: data.documentSchema,
      table: documents,
    }),
    defineTool({
      name: 'list_references',
      title: 'List references',
      description: 'Returns the documents that a document refers to, oldest first.',
      input: z.strictObject({ documentId }),
      output: hits,
      annotations: lists.reads,
      handle: ({ documentId: id }) =>
        toHits(
          documents.need(id).referenceIds.map((each) => documents.need(each)),
          Infinity,
        ),
    }),
    defineTool({
      name: 'list_citing',
      title: 'List citing documents',
      description: 'Returns the documents that refer to a document, oldest first.',
      input: z.strictObject({ documentId }),
      output: hits,
      annotations: lists.reads,
      handle(args) {
        const { id } = documents.need(args.documentId);
        return toHits(
          documents.all().filter(({ referenceIds }) => referenceIds.includes(id)),
          Infinity,
        );
      },
    }),
    defineTextTool({
      name: 'get_section',
      title: 'Get a section',
      description: 'Returns the text of one section of a document.',
      input: z.strictObject({ documentId, section: z.enum(data.sectionNames) }),
      annotations: lists.reads,
      handle: ({ documentId: id, section }) => data.sectionOf(documents.need(id), section, seed),
    }),
    defineTextTool({
      name: 'get_full_text',
      title: 'Get the full text',
      description: 'Returns the whole text of a document, section by section.',
      input: z.strictObject({ documentId }),
      annotations: lists.reads,
      handle({ documentId: id }) {
        const document = documents.need(id);
        return data.sectionNames.map((name) => data.sectionOf(document, name, seed)).join('\n');
      },
    }),
    defineTextTool({
      name: 'export_citation',
      title: 'Export a citation',
      description: 'Returns a document as a BibTeX entry.',
      input: z.strictObject({ documentId }),
      annotations: lists.reads,
      handle: ({ documentId: id }) => bibTex(documents.need(id)),
    }),
    defineTextTool({
      name: 'oa_lkp_1',
      title: 'OA lookup',
      description:
        'Open access lookup, version 1. Takes `d` (a DOI, without resolver) and returns all copies that the aggregator has indexed, each with the fields host, ver (s = submitted, a = accepted, p = published), lic, upd, evid and rep. Rate limits apply. For bulk lookups use the snapshot. Copies are ordered by an internal score that may change without notice. Returns an empty list for a DOI that is not indexed; this is not an error.',
      input: z.strictObject({ d: z.string().min(1) }),
      annotations: lists.reads,
      handle({ d }) {
        const known = documents.all().find(({ doi }) => doi === d);
        const copy = {
          host: 'repository',
          ver: 'a',
          lic: 'cc-by',
          upd: '2026-05-01',
          evid: 'oai',
          rep: 'library',
        };
        return { copies: known ? [copy, { ...copy, host: 'publisher', ver: 'p' }] : [] };
      },
    }),
    listTool({
      name: 'list_collections',
      title: 'List collections',
      description: 'Returns collections of documents.',
      key: 'collections',
      schema: data.collectionSchema,
      table: collections,
      filters: {},
    }),
    defineTool({
      name: 'create_collection',
      title: 'Create a collection',
      description: 'Makes a collection of documents. Its name must not be taken.',
      input: z.strictObject({
        name: z.string().trim().min(1).max(80),
        documentIds: z.array(z.string()).max(500),
      }),
      output: z.object({ collection: data.collectionSchema }),
      annotations: lists.creates,
      handle({ name, documentIds }) {
        if (collections.all().some((each) => each.name === name)) {
          throw new MockToolError(`name: there is a collection ${JSON.stringify(name)} already`);
        }
        for (const id of documentIds) documents.need(id);
        const collection = { id: collections.newId(), name, documentIds };
        collections.put(collection);
        return { collection };
      },
    }),
    defineTool({
      name: 'delete_collection',
      title: 'Delete a collection',
      description: 'Deletes a collection; its documents stay in the library. This cannot be undone.',
      input: z.strictObject({ id: z.string().describe('Such as col_07') }),
      output: z.object({ deleted: z.string() }),
      annotations: lists.replaces,
      handle({ id }) {
        collections.delete(collections.need(id).id);
        return { deleted: id };
      },
    }),
  ];
}

function bibTex({ id, title, authors, venue, year, doi }: data.Document): string {
  const fields = { title, author: authors.join(' and '), journal: venue, year: String(year), doi };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},\n`);
  return `@article{${id},\n${lines.join('')}}\n`;
}
