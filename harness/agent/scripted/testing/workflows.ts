import type { Json, JsonObject } from '../../../json.ts';

/**
 * Workflows over made-up servers, each written with all calls at once and as a loop that awaits each: what a schedule must not
 * depend on. Programs are functions whose text runs in the sandbox, so they name nothing but their arguments.
 */
export type Workflow = {
  /** Round trips of the schedule that a person finds by reading, with ten calls in a message, and the answer. */
  honest: number;
  /** Round trips of the loop as it is written. */
  loop: number;
  input?: Json;
  program: (mcp: Servers, input: Json, each: Each) => Promise<unknown>;
};

// biome-ignore lint/suspicious/noExplicitAny: programs are written without the types of their servers, as a model writes them.
type Value = any;
type Servers = Record<'files' | 'memory' | 'shop', Value>;
/** Does something with each item: all at once, or one after another. */
export type Each = <T, R>(items: readonly T[], work: (item: T, at: number) => Promise<R>) => Promise<R[]>;

export const styles: Record<string, string> = {
  'all at once': 'async (items, work) => Promise.all(items.map(work))',
  loop: `async (items, work) => {
    const done = [];
    for (const [at, item] of items.entries()) done.push(await work(item, at));
    return done;
  }`,
  chunks: `async (items, work) => {
    const done = [];
    for (let from = 0; from < items.length; from += 4) {
      done.push(...(await Promise.all(items.slice(from, from + 4).map((item, at) => work(item, from + at)))));
    }
    return done;
  }`,
  'all at once, the last first': `async (items, work) =>
    (await Promise.all(items.map((item, at) => [item, at]).reverse().map(([item, at]) => work(item, at)))).reverse()`,
  'streams of three': `async (items, work) => {
    const done = [];
    let next = 0;
    const stream = async () => {
      while (next < items.length) {
        const at = next++;
        done[at] = await work(items[at], at);
      }
    };
    await Promise.all([stream(), stream(), stream()]);
    return done;
  }`,
};

const codes = Array.from({ length: 30 }, (_, at) => `K${7000 + at * 13}`);
const people = Array.from({ length: 40 }, (_, at) => `Person ${at + 1}`);

export const workflows: Record<string, Workflow> = {
  'reads 30 files': {
    honest: 5,
    loop: 32,
    program: async (mcp, _, each) => {
      const { names } = await mcp.files.list({ path: 'invoices' });
      const files: Value[] = await each(names as string[], (name) =>
        mcp.files.read({ path: `invoices/${name}` }),
      );
      return files.reduce((sum, { content }) => sum + JSON.parse(content).amount, 0);
    },
  },
  'creates 40, then reads': {
    honest: 6,
    loop: 42,
    input: people,
    program: async (mcp, input, each) => {
      await each(input as string[], (name) => mcp.memory.create({ name, observations: [`${name} exists`] }));
      return (await mcp.memory.read({})).entities.length;
    },
  },
  'pages by cursor': {
    honest: 9,
    loop: 9,
    program: async (mcp) => {
      let [count, cursor] = [0, null];
      do {
        const page: Value = await mcp.shop.listByCursor({ cursor, limit: 50 });
        count += page.items.length;
        cursor = page.nextCursor;
      } while (cursor !== null);
      return count;
    },
  },
  'pages until a short one': {
    honest: 9,
    loop: 9,
    program: async (mcp) => {
      for (let [page, count] = [1, 0]; ; page += 1) {
        const { items } = await mcp.shop.listPage({ page, perPage: 50 });
        count += items.length;
        if (items.length < 50) return count;
      }
    },
  },
  'pages whose number is told': {
    honest: 3,
    loop: 9,
    program: async (mcp, _, each) => {
      const first = await mcp.shop.listCounted({ page: 1, perPage: 50 });
      const rest = Array.from({ length: first.totalPages - 1 }, (_, at) => at + 2);
      const pages = await each(rest, (page) => mcp.shop.listCounted({ page, perPage: 50 }));
      return [first, ...pages].flatMap(({ items }) => items).filter(({ sold }) => sold).length;
    },
  },
  'offsets whose total is told': {
    honest: 3,
    loop: 9,
    program: async (mcp, _, each) => {
      const first = await mcp.shop.listOffset({ offset: 0, limit: 50 });
      const rest: number[] = [];
      for (let offset = 50; offset < first.total; offset += 50) rest.push(offset);
      const pages = await each(rest, (offset) => mcp.shop.listOffset({ offset, limit: 50 }));
      return [first, ...pages].flatMap(({ items }) => items).filter(({ sold }) => sold).length;
    },
  },
  'searches 30 and opens them': {
    honest: 7,
    loop: 61,
    input: codes,
    program: async (mcp, input, each) => {
      const amounts = await each(input as string[], async (code) => {
        const [path] = (await mcp.files.search({ pattern: code })).content.split('\n');
        return JSON.parse((await mcp.files.read({ path })).content).amount as number;
      });
      return amounts.reduce((sum, amount) => sum + amount, 0);
    },
  },
  'reads, changes and writes 30': {
    honest: 8,
    loop: 62,
    program: async (mcp, _, each) => {
      const { names } = await mcp.files.list({ path: 'invoices' });
      await each(names as string[], async (name) => {
        const invoice = JSON.parse((await mcp.files.read({ path: `invoices/${name}` })).content);
        invoice.amount = Math.round(invoice.amount * 110) / 100;
        await mcp.files.write({ path: `invoices/${name}`, content: JSON.stringify(invoice) });
      });
      return 'done';
    },
  },
  'raises a counter ten times': {
    honest: 21,
    loop: 21,
    program: async (mcp) => {
      for (let time = 0; time < 10; time += 1) {
        const { n } = JSON.parse((await mcp.files.read({ path: 'counter.json' })).content);
        await mcp.files.write({ path: 'counter.json', content: JSON.stringify({ n: n + 1 }) });
      }
      return 'done';
    },
  },
  'adds up, then writes': {
    honest: 6,
    loop: 33,
    program: async (mcp, _, each) => {
      const { names } = await mcp.files.list({ path: 'invoices' });
      const files: Value[] = await each(names as string[], (name) =>
        mcp.files.read({ path: `invoices/${name}` }),
      );
      const total = files.reduce((sum, { content }) => sum + JSON.parse(content).amount, 0);
      await mcp.files.write({ path: 'total.txt', content: String(total) });
      return 'done';
    },
  },
  'computes an argument': {
    honest: 6,
    loop: 33,
    program: async (mcp, _, each) => {
      const { names } = await mcp.files.list({ path: 'invoices' });
      const files: Value[] = await each(names as string[], (name) =>
        mcp.files.read({ path: `invoices/${name}` }),
      );
      const total = files.reduce((sum, { content }) => sum + JSON.parse(content).amount, 0);
      return (await mcp.shop.getItem({ number: Math.floor(total % 97) })).name;
    },
  },
  'opens what looks large': {
    honest: 11,
    loop: 91,
    program: async (mcp, _, each) => {
      const { customers } = await mcp.shop.listCustomers({});
      const names = await each(customers as Value[], async ({ id, companyId }) => {
        const { total } = await mcp.shop.lastOrder({ customer: id });
        return total > 500 ? (await mcp.shop.getCompany({ id: companyId })).name : undefined;
      });
      return names.filter(Boolean);
    },
  },
  'ranks and opens the first five': {
    honest: 9,
    loop: 67,
    program: async (mcp, _, each) => {
      const { customers } = await mcp.shop.listCustomers({});
      const orders = await each(customers as Value[], async (customer) => ({
        customer,
        total: (await mcp.shop.lastOrder({ customer: customer.id })).total as number,
      }));
      const best = orders.sort((a, b) => b.total - a.total).slice(0, 5);
      return each(best, async ({ customer }) => (await mcp.shop.getCompany({ id: customer.companyId })).name);
    },
  },
  'stops at the first hit': {
    honest: 15,
    loop: 15,
    program: async (mcp) => {
      const { customers } = await mcp.shop.listCustomers({});
      for (const { id } of customers) {
        if ((await mcp.shop.lastOrder({ customer: id })).total > 950) return id;
      }
      return null;
    },
  },
  'filters and asks two tools': {
    honest: 6,
    loop: 42,
    program: async (mcp, _, each) => {
      const { customers } = await mcp.shop.listCustomers({});
      const north = (customers as Value[]).filter(({ region }) => region === 'north');
      return each(north, async ({ id, companyId }) => {
        const { total } = await mcp.shop.lastOrder({ customer: id });
        const { name } = await mcp.shop.getCompany({ id: companyId });
        return [total, name];
      });
    },
  },
  'small ids': {
    honest: 5,
    loop: 27,
    program: async (mcp, _, each) => {
      const { tickets } = await mcp.shop.listTickets({});
      const found: Value[] = await each(tickets as Value[], ({ id }) => mcp.shop.getTicket({ id }));
      return found.reduce((sum, { points }) => sum + points, 0);
    },
  },
  'plain words as names': {
    honest: 4,
    loop: 14,
    program: async (mcp, _, each) => {
      const { channels } = await mcp.shop.listChannels({});
      return each(
        channels as Value[],
        async ({ name }) => (await mcp.shop.getTopic({ channel: name })).topic,
      );
    },
  },
  'two pipelines': {
    honest: 3,
    loop: 5,
    program: async (mcp, _, each) => {
      const invoice = async () => {
        const [path] = (await mcp.files.search({ pattern: 'K7013' })).content.split('\n');
        return JSON.parse((await mcp.files.read({ path })).content).amount;
      };
      const company = async () => {
        const { customers } = await mcp.shop.listCustomers({});
        return (await mcp.shop.getCompany({ id: customers[7].companyId })).name;
      };
      return each([invoice, company], (work) => work());
    },
  },
  'falls back where a call fails': {
    honest: 4,
    loop: 4,
    program: async (mcp) => {
      for (const path of ['first.json', 'second.json', 'counter.json']) {
        try {
          return (await mcp.files.read({ path })).content;
        } catch {}
      }
      return null;
    },
  },
};

type Tool = (args: JsonObject) => Json;

/** Fresh servers with the data that the workflows work on; a tool that throws answers with an error. */
export function openServers(): Record<string, Record<string, { writes: boolean; answer: Tool }>> {
  const random = (n: number) => ((n * 2_654_435_761) % 4_294_967_296) / 4_294_967_296;
  const items = Array.from({ length: 380 }, (_, at) => ({
    sku: `SKU-${100_000 + at * 7}`,
    price: Math.round(random(at + 1) * 10_000) / 100,
    name: `item ${at}`,
    sold: random(at + 9) > 0.8,
  }));
  const customers = Array.from({ length: 60 }, (_, at) => ({
    id: `cus_${(at * 7_919 + 1_000).toString(36)}x`,
    companyId: `cmp_${(at * 104_729 + 5_000).toString(36)}`,
    region: at % 3 === 0 ? 'north' : 'south',
  }));
  const words = 'general random sales support ops design legal finance launch hiring social infra'.split(' ');
  const files = new Map(
    codes.map((code, at) => [
      `invoices/inv-${code}.json`,
      JSON.stringify({ customer: `Customer ${at}`, amount: Math.round(random(at + 77) * 90_000) / 100 }),
    ]),
  );
  files.set('counter.json', '{"n":4120}');
  const entities: Json[] = [];
  const read = (answer: (args: Value) => Json) => ({ writes: false, answer });
  const write = (answer: (args: Value) => Json) => ({ writes: true, answer });
  const page = (from: number, count: number) => items.slice(from, from + count);
  return {
    files: {
      list: read(() => ({ names: [...files.keys()].flatMap((path) => path.split('invoices/')[1] ?? []) })),
      search: read(({ pattern }) => ({
        content: [...files.keys()].filter((path) => path.includes(pattern)).join('\n'),
      })),
      read: read(({ path }) => {
        const content = files.get(path);
        if (content === undefined) throw new Error(`There is no ${path}.`);
        return { content };
      }),
      write: write(({ path, content }) => {
        files.set(path, content);
        return { written: path };
      }),
    },
    memory: {
      create: write((entity) => {
        entities.push(entity);
        return { created: entity };
      }),
      read: read(() => ({ entities: [...entities] })),
    },
    shop: {
      listByCursor: read(({ cursor, limit }) => {
        const from = cursor === null ? 0 : Number(String(cursor).slice(2));
        return {
          items: page(from, limit),
          nextCursor: from + limit < items.length ? `o:${from + limit}` : null,
        };
      }),
      listPage: read(({ page: number, perPage }) => ({ items: page((number - 1) * perPage, perPage) })),
      listCounted: read(({ page: number, perPage }) => ({
        totalPages: Math.ceil(items.length / perPage),
        items: page((number - 1) * perPage, perPage),
      })),
      listOffset: read(({ offset, limit }) => ({ total: items.length, items: page(offset, limit) })),
      getItem: read(({ number }) => ({ number, ...items[number] })),
      listCustomers: read(() => ({ customers })),
      lastOrder: read(({ customer }) => ({
        customer,
        total: Math.round(random(customers.findIndex(({ id }) => id === customer) * 31 + 5) * 1_000),
      })),
      getCompany: read(({ id }) => ({ id, name: `Company of ${id}` })),
      listTickets: read(() => ({
        tickets: Array.from({ length: 25 }, (_, at) => ({ id: at + 1, title: `About ${words[at % 12]}` })),
      })),
      getTicket: read(({ id }) => ({ id, points: 1 + ((id * 7) % 13) })),
      listChannels: read(() => ({ channels: words.map((name) => ({ name, members: 12 })) })),
      getTopic: read(({ channel }) => ({ channel, topic: `All about ${channel}` })),
    },
  };
}
