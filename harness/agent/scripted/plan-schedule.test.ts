import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messageOf } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { ModelRequest } from '../../results/messages.ts';
import { createSandbox } from '../../sandbox/create.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { createInProcessSandbox } from '../../sandbox/testing/in-process.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import { comparableText, type Volatile } from '../../tools/work-recorder.ts';
import { createCodeModel } from './code-model.ts';
import { planSchedule, type TriedCall } from './plan-schedule.ts';
import type { Schedule } from './schedule.ts';
import { mostParallelCalls, type ReferencePlan } from './scripted-model.ts';
import { openServers, styles, type Workflow, workflows } from './testing/workflows.ts';

let real: Sandbox;
beforeAll(async () => {
  real = await createSandbox({ level: 'L1', warm: 0 });
});
afterAll(() => real.close());

const own = { directory: '/none', volatile: new Map<string, Volatile>() };

function planOf(body: string, surface: Surface): ReferencePlan {
  return {
    modelId: 'model',
    steps: [{ program: async () => undefined }],
    sources: [{ body, input: undefined, lines: [] }],
    input: {},
    surface,
    cpuMs: undefined,
    own,
  };
}

type Plan = Schedule & { messages: number; opened: number; asWritten: number };

/**
 * Plans a program over fresh servers. `opened`: how often they were started; `asWritten`: the round trips of the first time, with
 * the answer's.
 */
async function plan(
  body: string,
  sandbox = createInProcessSandbox(),
  open = openServers,
  ownWords = () => own,
): Promise<Plan> {
  let opened = 0;
  let asWritten = 1;
  const schedule = await planSchedule({
    sandbox,
    plays: true,
    signal: new AbortController().signal,
    async openServers() {
      opened += 1;
      const servers = open();
      const surface = Object.entries(servers).map(([server, tools]) => ({
        server,
        tools: Object.entries(tools).map(([identifier, { writes }]) => ({
          identifier,
          annotations: { readOnlyHint: !writes },
          ...(server === 'shop' && { outputSchema: { type: 'object' } }),
        })),
      })) as unknown as Surface;
      const { directory, volatile } = ownWords();
      const toComparable = (server: string, tool: string, text: string) =>
        comparableText(
          { text: text.replaceAll(directory, '<trial>'), isError: false, isJson: true },
          volatile.get(`${server}.${tool}`) ?? [],
        );
      return {
        plan: { ...planOf(body, surface), own: { directory, volatile } },
        close: async () => {},
        execute: async (calls) => {
          if (opened === 1) asWritten += 1;
          return calls.map(({ server, tool, args }): TriedCall => {
            const { writes, answer } = servers[server]?.[tool] ?? { writes: false, answer: () => null };
            try {
              const text = JSON.stringify(answer(args));
              return { writes, text, isError: false, comparable: toComparable(server, tool, text) };
            } catch (error) {
              const text = messageOf(error);
              return { writes, text, isError: true, comparable: text };
            }
          });
        },
      };
    },
  });
  const levels = schedule.steps.flat();
  const messages = levels.reduce((sum, level) => sum + Math.ceil(level.length / mostParallelCalls), 1);
  return { ...schedule, messages, opened, asWritten };
}

function bodyOf({ program, input }: Workflow, style: string): string {
  return `return (${program.toString()})(mcp, ${JSON.stringify((input ?? null) as Json)}, ${styles[style]});`;
}

const names = Object.keys(styles);

describe.each(Object.entries(workflows))('a program that %s', (_, workflow) => {
  test.each(names)('takes the round trips that reading finds, written as %s', async (style) => {
    const { messages, played } = await plan(bodyOf(workflow, style));
    expect({ messages, isWritten: played === 'written' }).toEqual({
      messages: workflow.honest,
      isWritten: false,
    });
  });

  test('takes a round trip for each call of its loop where it goes as it is written', async () => {
    const { asWritten } = await plan(bodyOf(workflow, 'loop'));
    expect(asWritten).toBe(workflow.loop);
  });
});

test('a program has the same schedule in the sandbox', async () => {
  const body = bodyOf(workflows['raises a counter ten times'] as Workflow, 'loop');
  const [inSandbox, inProcess] = [await plan(body, real), await plan(body)];
  expect(inSandbox).toEqual(inProcess);
});

test('reads whose results a write changes are kept behind it, which is said', async () => {
  const { played, reason, opened } = await plan(
    bodyOf(workflows['raises a counter ten times'] as Workflow, 'loop'),
  );
  expect({ played, reason, opened }).toEqual({
    played: 'pinned',
    reason: 'files.read answers otherwise before a write',
    opened: 3,
  });
});

test('a program whose results differ each time is played as written', async () => {
  let started = 0;
  const open = () => {
    started += 1;
    const servers = openServers();
    const stamped = { writes: true, answer: () => ({ written: started }) };
    return { ...servers, files: { ...servers.files, write: stamped } };
  };
  const { played, reason } = await plan(
    bodyOf(workflows['adds up, then writes'] as Workflow, 'loop'),
    createInProcessSandbox(),
    open,
  );
  expect({ played, reason }).toEqual({
    played: 'written',
    reason: 'files.write answers otherwise in another order',
  });
});

describe('a program whose arguments hold what servers name otherwise each time', () => {
  const body = `
    const { root } = await mcp.files.root({});
    const ids = [];
    for (let n = 0; n < 12; n += 1) ids.push((await mcp.files.begin({ path: root + '/' + n })).id);
    for (const id of ids) await mcp.files.end({ id });
    return 1;`;
  /** Servers that name their folder and their ids otherwise each time; ids stand in the field `id`. */
  function restlessServers() {
    let started = 0;
    const begun: string[] = [];
    const ended: string[] = [];
    const open = () => {
      started += 1;
      const own = started;
      const begin = ({ path }: { path: string }) => {
        if (!path.startsWith(`/tmp/servers-${own}/`)) throw new Error(`${path} lies elsewhere.`);
        begun.push(`${own} ${path}`);
        return { id: `id-${own}-${begun.length}` };
      };
      const end = ({ id }: { id: string }) => {
        if (!id.startsWith(`id-${own}-`)) throw new Error(`There is no ${id}.`);
        ended.push(id);
        return {};
      };
      const servers: ReturnType<typeof openServers> = {
        files: {
          root: { writes: false, answer: () => ({ root: `/tmp/servers-${own}` }) },
          begin: { writes: true, answer: begin as never },
          end: { writes: true, answer: end as never },
        },
      };
      return servers;
    };
    return { open, started: () => started, ended };
  }

  test('is scheduled as if they were the same', async () => {
    const { open, started, ended } = restlessServers();
    const volatile = new Map<string, Volatile>([
      ['files.root', ['root']],
      ['files.begin', ['id']],
    ]);
    const words = () => ({ directory: `/tmp/servers-${started()}`, volatile });
    const { played, messages, opened } = await plan(body, createInProcessSandbox(), open, words);
    expect({ played, messages, opened }).toEqual({ played: 'ahead', messages: 1 + 2 + 2 + 1, opened: 2 });
    expect(ended).toHaveLength(24);
  });

  test('goes as it is written where the scenario does not say what differs, which is said', async () => {
    const { open, started } = restlessServers();
    const words = () => ({ directory: `/tmp/servers-${started()}`, volatile: new Map() });
    const { played, reason } = await plan(body, createInProcessSandbox(), open, words);
    expect({ played, reason }).toEqual({
      played: 'written',
      reason: 'files.begin, files.end answers otherwise in another order',
    });
  });
});

test.each([
  [
    'a write if a search found nothing',
    `const { content } = await mcp.files.search({ pattern: 'none' });
     if (content === '') await mcp.files.write({ path: 'none', content: 'x' });
     return 1;`,
  ],
  [
    'a write if nothing is owned',
    `const { customers } = await mcp.shop.listCustomers({});
     if (customers.length === 60) await mcp.memory.create({ name: 'all' });
     return 1;`,
  ],
  [
    'a read if a ticket has more than 5 points',
    `const { points } = await mcp.shop.getTicket({ id: 1 });
     return points > 5 ? mcp.shop.getTicket({ id: 2 }) : 0;`,
  ],
  [
    'a read by a flag',
    `const { sold } = await mcp.shop.getItem({ number: 3 });
     return sold ? mcp.shop.getTicket({ id: 3 }) : mcp.shop.getTicket({ id: 4 });`,
  ],
])('%s waits for what decides it', async (_, body) => {
  expect((await plan(body)).messages).toBe(3);
});

test('nothing is tried a second time where nothing is written', async () => {
  const { played, opened } = await plan(bodyOf(workflows['small ids'] as Workflow, 'loop'));
  expect({ played, opened }).toEqual({ played: 'ahead', opened: 1 });
});

test('foreign results that put a program into an endless loop say nothing of it', async () => {
  const body = `
    const { total } = await mcp.shop.listOffset({ offset: 0, limit: 100 });
    let offset = 100;
    while (offset < 380) offset += total > 0 ? 100 : 0;
    const all = [];
    for (let from = 100; from < total; from += 100) all.push(await mcp.shop.listOffset({ offset: from, limit: 100 }));
    return all.length;`;
  // A loop is taken to be endless after seconds, of which the sandbox allows fewer here.
  const impatient: Sandbox = {
    ...real,
    open: (program, { limits, signal } = {}) =>
      real.open(program, { limits: { ...limits, cpuMs: 100 }, ...(signal && { signal }) }),
  };
  const { messages, played } = await plan(body, impatient);
  expect({ messages, played }).toEqual({ messages: 3, played: 'ahead' });
});

test('a program that fails is played as written, with what it failed of', async () => {
  const { played, reason } = await plan(`await mcp.files.list({}); throw new Error('no such luck');`);
  expect(played).toBe('written');
  expect(reason).toContain('no such luck');
});

test('a chain of calls has as many levels as calls, and what follows it is found too', async () => {
  const body = `
    let cursor = null;
    for (let n = 0; n < 300; n += 1) cursor = (await mcp.shop.listByCursor({ cursor, limit: 1, n })).nextCursor;
    for (let id = 1; id <= 30; id += 1) await mcp.shop.getTicket({ id: id + cursor.length - cursor.length });
    return 1;`;
  const { played, cut, messages } = await plan(body);
  expect({ played, cut, messages }).toEqual({ played: 'ahead', cut: undefined, messages: 300 + 3 + 1 });
});

test('what a program gets of read-only tools without output schema is looked at first, level by level', async () => {
  const read = await plan(bodyOf(workflows['two pipelines'] as Workflow, 'loop'));
  expect(read.looks).toEqual([
    [
      [{ server: 'files', tool: 'search', args: { pattern: 'K7013' } }],
      [{ server: 'files', tool: 'read', args: { path: 'invoices/inv-K7013.json' } }],
    ],
  ]);
  const failed = await plan(bodyOf(workflows['falls back where a call fails'] as Workflow, 'loop'));
  expect(failed.looks).toEqual([[[{ server: 'files', tool: 'read', args: { path: 'counter.json' } }]]]);
  const declared = await plan(bodyOf(workflows['small ids'] as Workflow, 'loop'));
  expect(declared.looks).toEqual([[]]);
});

test('the code pattern looks at a sample before it writes the program that needs it', async () => {
  const { steps, played, looks } = await plan(bodyOf(workflows['two pipelines'] as Workflow, 'loop'));
  const reference = { ...planOf('return 1;', []), schedule: { steps, played, looks, directory: '' } };
  const model = createCodeModel(reference, createInProcessSandbox(), false);
  const request = { messages: [{ role: 'user', content: [] }] } as unknown as ModelRequest;
  const programs: unknown[] = [];
  for (let time = 0; time < 3; time += 1) {
    const { content } = await model.respond(request, new AbortController().signal);
    programs.push(...content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : [])));
  }
  expect(programs).toEqual([
    { code: expect.stringContaining('mcp.files.search({"pattern":"K7013"}),') },
    { code: expect.stringContaining('mcp.files.read(') },
    { code: 'return 1;' },
  ]);
});
