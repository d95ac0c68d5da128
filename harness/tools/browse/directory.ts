import MiniSearch from 'minisearch';
import { decodePart } from '../../addresses.ts';
import { isRecord } from '../../json.ts';
import { nearest } from '../../nearest.ts';
import { capText, toLine } from '../../visible.ts';
import { classicName } from '../mcp/names.ts';
import type { ServerSurface, Surface, Tool } from '../mcp/surface.ts';
import { declareEach, effect } from './declaration.ts';

const functionsPerPage = 100;
const searchResults = 10;
const declarationsAtOnce = 20;
/** Paths that name nothing and are each answered with what is near: finding that looks at every tool. */
const missesExplained = 3;

/**
 * Most characters of an answer, some 25,000 tokens: more than a large declaration takes, and no more than a context window
 * can spare. What is said about a cut is within them.
 */
const answerCharacters = 100_000;
const noticeCharacters = 5_000;
const pathsCharacters = 1_500;

/** Lays the tools of all servers out as a module directory that a model can walk and search. Answers are text for it. */
export function createDirectory(surface: Surface) {
  const findTools = createToolSearch(surface);

  const search = (query: string): string => {
    const found = findTools(query, searchResults);
    const about = toLine(query, 100);
    if (found.length === 0) return `No function matches "${about}". ${rootHint}`;
    return found.map((tool) => `/${tool.server}/${functionLine(tool)}`).join('\n');
  };

  const answer = (path: string): string => {
    const { segments, query } = readPath(path);
    const words = query.get('q') ?? query.get('query');
    if (words !== null) return search(words);
    const [first, ...rest] = withoutPrefix(segments, surface);
    if (first === undefined) return listServers(surface);
    const server = findServer(surface, first);
    if (server === undefined) return browseOutsideServers(first, rest, path);
    const [name, ...deeper] = rest;
    if (name === undefined) return listFunctions(server, query.get('page'));
    if (deeper.length > 0) return notFound(path);
    return declareFunctions(server, name, path);
  };

  /** A tool's other names are understood: `crm__get_last_order`, or the function without its server. */
  const browseOutsideServers = (first: string, rest: string[], path: string): string => {
    if (first === 'search') return rest.length > 0 ? search(rest.join(' ')) : `Search by /search?q=words.`;
    const tool = onlyOne(surface.flatMap(({ tools }) => tools.filter((each) => isNamed(each, first))));
    return tool && rest.length === 0 ? declareSome([tool]) : notFound(path);
  };

  const declareFunctions = (server: ServerSurface, names: string, path: string): string => {
    const wanted = names.split(/[\s,]+/).filter((name) => name !== '');
    const asked = wanted.slice(0, declarationsAtOnce).map((name) => ({ name, tool: findTool(server, name) }));
    const tools = asked.flatMap(({ tool }) => tool ?? []);
    const missing = asked.filter(({ tool }) => tool === undefined);
    const unexplained = missing.slice(missesExplained).map(({ name }) => toLine(name, 100));
    const answers = missing
      .slice(0, missesExplained)
      .map(({ name }) => notFound(wanted.length > 1 ? `/${server.server}/${name}` : path));
    if (tools.length > 0) answers.unshift(declareSome(tools));
    if (unexplained.length > 0)
      answers.push(`Nor is there anything at /${server.server}/ named ${unexplained.join(', ')}.`);
    if (wanted.length > asked.length)
      answers.push(
        `At most ${declarationsAtOnce} functions are declared at once; ask for the others by themselves.`,
      );
    return answers.join('\n\n');
  };

  const notFound = (path: string): string => {
    const { segments } = readPath(path);
    const all = surface.flatMap(({ tools }) => tools);
    const names = all.map(({ identifier }) => identifier);
    const near = nearest(`/${segments.join('/')}`, [
      ...surface.map(({ server }) => `/${server}`),
      ...all.map(pathOf),
    ]);
    const last = nearest(segments.at(-1) ?? '', names, 2);
    const sameName = all.filter(({ identifier }) => last.includes(identifier)).map(pathOf);
    const suggestions = [...new Set([...near, ...sameName])].slice(0, 3);
    const hint = suggestions.length > 0 ? `Did you mean ${suggestions.join(' or ')}?` : rootHint;
    return `There is nothing at ${JSON.stringify(toLine(path, 100))}. ${hint}`;
  };

  return {
    /**
     * What is at a path: `/` the servers, `/<server>` its functions, `/<server>/<function>` a TypeScript declaration
     * (several functions separated by commas), `/search?q=words` functions by words. Takes any string and never throws:
     * what names nothing is answered with the nearest paths. An answer that would be too long is cut, and says so.
     */
    browse: (path: string): string => cutAnswer(answer(path)),
  };
}

export type Directory = ReturnType<typeof createDirectory>;

/** As many declarations as an answer holds, at least one, and how to ask for those that it does not. */
function declareSome(tools: readonly Tool[]): string {
  const texts: string[] = [];
  let room = answerCharacters - noticeCharacters;
  for (const text of declareEach(tools)) {
    if (texts.length > 0 && text.length > room) break;
    // The first one alone may be too long; the rest of the answer must still be seen.
    texts.push(capText(text, room));
    room -= text.length + 2;
  }
  const left = tools.slice(texts.length).map(pathOf).join(' ');
  if (left !== '')
    texts.push(
      `Cut: ${texts.length} of ${tools.length} functions are declared, more would be too long. Ask for fewer at once; still to come: ${capText(left, pathsCharacters)}`,
    );
  return texts.join('\n\n');
}

function pathOf({ server, identifier }: Tool): string {
  return `/${server}/${identifier}`;
}

function cutAnswer(answer: string): string {
  if (answer.length <= answerCharacters) return answer;
  return `${capText(answer, answerCharacters - noticeCharacters)}\nThe answer was cut. Ask for less: fewer functions at once, or find them with /search?q=words.`;
}

const rootHint = 'List the servers with /.';

function listServers(surface: Surface): string {
  if (surface.length === 0) return 'No servers are connected.';
  const usage =
    'Next: /server lists its functions, /server/function (or function,function…) declares them, /search?q=words finds them.';
  return [...surface.map(serverLine), usage].join('\n');
}

function listFunctions(server: ServerSurface, pageText: string | null): string {
  const { tools } = server;
  if (tools.length === 0) return `/${server.server} has no functions.`;
  const pages = Math.ceil(tools.length / functionsPerPage);
  const page = Math.min(Math.max(Math.trunc(Number(pageText)) || 1, 1), pages);
  const start = (page - 1) * functionsPerPage;
  const lines = tools.slice(start, start + functionsPerPage).map(functionLine);
  if (pages > 1) {
    const next = page < pages ? `; next: /${server.server}?page=${page + 1}` : '';
    lines.push(`Page ${page} of ${pages}, ${tools.length} functions${next}. Find by words: /search?q=words`);
  }
  return lines.join('\n');
}

/** Programs say `mcp.crm`, and other harnesses keep such directories under `servers`: both may stand in front. */
function withoutPrefix(segments: string[], surface: Surface): string[] {
  const [first = ''] = segments;
  const isPrefix = ['mcp', 'servers'].includes(first) && findServer(surface, first) === undefined;
  return isPrefix ? segments.slice(1) : segments;
}

function findServer(surface: Surface, name: string): ServerSurface | undefined {
  return (
    surface.find(({ server }) => server === name) ??
    onlyOne(surface.filter(({ server }) => server.toLowerCase() === name.toLowerCase()))
  );
}

function findTool({ tools }: ServerSurface, name: string): Tool | undefined {
  return (
    tools.find(({ identifier }) => identifier === name) ??
    onlyOne(tools.filter((tool) => isNamed(tool, name)))
  );
}

/** Whether a tool goes by this name anywhere, in upper or lower case. */
function isNamed(tool: Tool, name: string): boolean {
  const wanted = name.toLowerCase();
  const names = [tool.identifier, tool.name, classicName(tool.server, tool.identifier)];
  return names.some((known) => known.toLowerCase() === wanted);
}

function onlyOne<T>(values: T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}

const summaryCharacters = 160;
const parametersShown = 8;
const parameterCharacters = 60;

/** One line about a server: its path, the beginning of its instructions, how many functions it has. */
function serverLine(server: ServerSurface): string {
  const about =
    firstSentence(server.instructions ?? '') || toLine(server.implementation.name, summaryCharacters);
  const count = server.tools.length === 1 ? '1 function' : `${server.tools.length} functions`;
  return `/${server.server} (${count}): ${about}`;
}

/** One line about a function: its name, the names of its arguments (`?` where optional), what it does. */
function functionLine(tool: Tool): string {
  const about = firstSentence(tool.description || tool.title || '');
  const effects = effect(tool);
  return `${tool.identifier}(${argumentSketch(tool)})${about && `: ${about}`}${effects && ` [${effects}]`}`;
}

function argumentSketch(tool: Tool): string {
  const { properties: given } = tool.inputSchema;
  const properties = isRecord(given) ? Object.keys(given) : [];
  if (properties.length === 0) return '';
  const required = new Set(Array.isArray(tool.inputSchema.required) ? tool.inputSchema.required : []);
  const names = properties
    // Required arguments first: the sketch may be cut.
    .sort((a, b) => Number(required.has(b)) - Number(required.has(a)))
    .slice(0, parametersShown)
    .map((name) => `${toLine(name, parameterCharacters)}${required.has(name) ? '' : '?'}`);
  if (properties.length > names.length) names.push('…');
  return `{ ${names.join(', ')} }`;
}

/** Up to the first full stop, or to the first line break before a new start, as after a heading or in a list. */
function firstSentence(text: string): string {
  const [paragraph = ''] = text
    .slice(0, 2_000)
    .trim()
    .split(/\n\s*(?=[\n\p{Lu}*#-])/u);
  const line = paragraph.replaceAll(/\s+/g, ' ');
  const end = line.search(/(?<!\b(?:e\.g|i\.e|etc|vs))[.!?](?= \p{Lu}|$)/u);
  return toLine(end < 0 ? line : line.slice(0, end + 1), summaryCharacters);
}

/** Longest path that is read; the rest of a longer one cannot name anything. */
const pathCharacters = 1_000;

/**
 * Takes a path apart as the model wrote it, leniently: slashes may be missing, doubled or backward, dots may separate
 * (`mcp.crm.get_last_order`), file endings and `..` are understood. Any string has a reading. `query` is what followed `?`.
 */
function readPath(path: string) {
  const [location = '', ...rest] = path.slice(0, pathCharacters).trim().split('?');
  const dotted = /^[\w$]+(\.[\w$]+)+$/.test(location) && !/\.[tj]s$/.test(location);
  const separated = dotted ? location.replaceAll('.', '/') : location.replaceAll('\\', '/');
  const segments: string[] = [];
  for (const segment of separated.split('/')) {
    const name = decodePart(segment)
      .replace(/(\.d)?\.[tj]s$/, '')
      .trim();
    if (name === '..') segments.pop();
    else if (name !== '' && name !== '.') segments.push(name);
  }
  return { segments, query: new URLSearchParams(rest.join('?')) };
}

/** Longest text of one tool that is indexed, and longest query; both come from outside. */
const indexedCharacters = 4_000;
const queryCharacters = 500;

/**
 * A full-text search over the names, descriptions and parameter names of all tools, best match first. Parts of names
 * count as words (`get_last_order`, `getLastOrder`), beginnings of words and slight misspellings match too.
 * The index is built at the first search.
 */
export function createToolSearch(surface: Surface) {
  const tools = surface.flatMap((server) => server.tools);
  let index: MiniSearch | undefined;
  return (query: string, limit: number): Tool[] => {
    index ??= buildIndex(tools);
    const found = index.search(query.slice(0, queryCharacters), {
      prefix: true,
      fuzzy: 0.2,
      boost: { name: 3 },
    });
    return found.slice(0, limit).flatMap(({ id }) => tools[id] ?? []);
  };
}

function buildIndex(tools: Tool[]): MiniSearch {
  const index = new MiniSearch({
    fields: ['name', 'title', 'description', 'parameters', 'server'],
    tokenize: words,
  });
  index.addAll(
    tools.map((tool, id) => ({
      id,
      name: tool.name.slice(0, indexedCharacters),
      title: tool.title?.slice(0, indexedCharacters) ?? '',
      description: tool.description.slice(0, indexedCharacters),
      parameters: Object.keys(isRecord(tool.inputSchema.properties) ? tool.inputSchema.properties : {})
        .join(' ')
        .slice(0, indexedCharacters),
      server: tool.server,
    })),
  );
  return index;
}

function words(text: string): string[] {
  const separated = text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2');
  return separated.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
