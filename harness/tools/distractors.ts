import { createRandom, type Random } from '../../mock-servers/random.ts';
import type { Connections } from './mcp/connections.ts';
import { freeName, toIdentifiers } from './mcp/names.ts';
import type { ServerSurface, Surface, Tool } from './mcp/surface.ts';

/** Tools of one added server: near the median of real servers, which is 8 (athakur3/mcp-context-cost, August 2026). */
const toolsPerServer = 10;

/** Systems that a company runs beside the one that a task is about. None of them holds what the task asks for. */
const systems: readonly [name: string, about: string][] = [
  ['archive', 'Closed accounts up to 2019. Nothing was added since.'],
  ['sandbox', 'Invented data for developers.'],
  ['legacy', 'The system before the migration. It is no longer kept up to date.'],
  ['partners', 'What partners share with us. None of it is our own data.'],
  ['staging', 'The copy on which releases are tried.'],
  ['training', 'Invented data for new colleagues to practise on.'],
  ['vendors', 'Our suppliers, none of whom is a customer.'],
  ['subsidiary', 'A subsidiary that keeps its own books.'],
  ['benchmark', 'Published figures of other companies.'],
  ['demo', 'Invented data for sales demonstrations.'],
];

/** Other words for the first word of a tool's name. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  get: ['fetch', 'read', 'retrieve', 'load', 'show'],
  list: ['query', 'enumerate', 'browse', 'fetch'],
  search: ['find', 'lookup', 'query', 'match'],
  read: ['get', 'load', 'open', 'fetch'],
  create: ['add', 'insert', 'register', 'open'],
  add: ['create', 'append', 'attach', 'insert'],
  update: ['modify', 'edit', 'patch', 'set'],
  delete: ['remove', 'drop', 'discard', 'purge'],
  send: ['dispatch', 'deliver', 'submit', 'post'],
  write: ['save', 'put', 'store', 'append'],
};

/** Words that follow the name of a tool where a server has several much like it. */
const qualifiers = [
  'details',
  'summary',
  'v2',
  'history',
  'by_name',
  'batch',
  'record',
  'entry',
  'full',
  'draft',
];

/**
 * Makes up `count` tools of further servers. Each imitates one of `usable`: its name has another verb or one more word, its
 * schemas and so its size are the same, and its description says of which other system it is. Equal seeds give equal tools.
 */
function makeDistractors(usable: Surface, count: number, seed: number): ServerSurface[] {
  const random = createRandom(seed, 'distractors');
  const models = usable.filter(({ tools }) => tools.length > 0);
  const taken = new Set(usable.map(({ server }) => server));
  const servers: ServerSurface[] = [];
  for (let left = count; left > 0 && models.length > 0; left -= toolsPerServer) {
    const number = servers.length;
    const model = models[number % models.length] as ServerSurface;
    const [system, about] = systems[Math.floor(number / models.length) % systems.length] as [string, string];
    const server = freeName(`${model.server}_${system}`, taken);
    taken.add(server);
    servers.push(imitate(model, { server, about, count: Math.min(left, toolsPerServer) }, random));
  }
  return servers;
}

function imitate(
  model: ServerSurface,
  { server, about, count }: { server: string; about: string; count: number },
  random: Random,
): ServerSurface {
  const taken = new Set(model.tools.map(({ name }) => name));
  const made = Array.from({ length: count }, () => {
    const imitated = random.pick(model.tools);
    const name = freeName(vary(imitated.name, random), taken);
    taken.add(name);
    return { imitated, name };
  });
  const identifiers = toIdentifiers(made.map(({ name }) => name));
  return {
    server,
    implementation: { name: server, version: model.implementation.version },
    instructions: about,
    tools: made.map(({ imitated, name }, at): Tool => {
      const description = imitated.description === '' ? about : `${imitated.description} ${about}`;
      return { ...imitated, server, name, identifier: identifiers[at] ?? name, description };
    }),
  };
}

/** A name much like another, in its style: `get_contact` becomes `fetch_contact`, or `get_contact_details`. */
function vary(name: string, random: Random): string {
  const separator = /[_.-]/.exec(name)?.[0] ?? (/[a-z][A-Z]/.test(name) ? '' : '_');
  const join = (before: string, after: string) =>
    separator === '' ? before + after.charAt(0).toUpperCase() + after.slice(1) : before + separator + after;
  const [first = ''] = /^[a-z]+/.exec(name) ?? [];
  const others = verbs[first];
  if (others && random.chance(0.5)) return random.pick(others) + name.slice(first.length);
  const qualifier = random.pick(qualifiers);
  return join(name, separator === '' ? qualifier.replaceAll('_', '') : qualifier.replaceAll('_', separator));
}

/**
 * Puts further servers among those of a scenario, at places that follow from the seed. They start no process and answer every
 * call that they have nothing. `usable` are the tools that the scenario may use: those are imitated. `added` has the names of
 * the tools that came in, by server.
 */
export function withDistractors(
  connections: Connections,
  usable: Surface,
  { count, seed }: { count: number; seed: number },
): Connections & { added: Record<string, string[]> } {
  const servers = makeDistractors(usable, count, seed);
  const added = Object.fromEntries(
    servers.map(({ server, tools }) => [server, tools.map(({ name }) => name)]),
  );
  const random = createRandom(seed, 'places of distractors');
  const surface: Surface = [...servers];
  let last = 0;
  for (const [at, own] of connections.surface.entries()) {
    // Their own order is kept.
    const place = random.integer(last, servers.length + at);
    surface.splice(place, 0, own);
    last = place + 1;
  }
  return {
    ...connections,
    surface,
    listings: [
      ...connections.listings,
      ...servers.map(({ instructions, tools, ...own }) => ({
        ...{ ...own, instructions },
        tools: tools.map(({ server: _, identifier: __, ...tool }) => tool),
      })),
    ],
    added,
    async call(tool, args, signal, traceparent) {
      if (!Object.hasOwn(added, tool.server)) return connections.call(tool, args, signal, traceparent);
      return { isError: true, text: `${tool.server} has no such record.`, isJson: false };
    },
  };
}
