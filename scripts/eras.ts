/**
 * Measures what MCP of 2026-07-28 changes for each pattern, and writes reports/published/eras.md: `npm run published --
 * eras.md`. Everything is scripted: the same code gives the same file.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { number, usd } from '../harness/numbers.ts';
import { createSandbox } from '../harness/sandbox/create.ts';
import type { Sandbox } from '../harness/sandbox/sandbox.ts';
import { connect } from '../harness/tools/mcp/connections.ts';
import { loadMockServer, parseOptions } from '../mock-servers/load.ts';
import { serveHttp } from '../mock-servers/serve-http.ts';
import { contextByCategory } from '../reports/run/tables.ts';
import { toMarkdownTable } from '../reports/text/markup.ts';
import { attemptsOf, play, type Trial, toolsOf } from './eras/play.ts';
import { command } from './in-process.ts';

const file = resolve(import.meta.dirname, '../reports/published/eras.md');
const calls = 20;

/** Where runs go, and the sandbox that they share. */
type Place = { folder: string; sandbox: Sandbox };

const dollars = ({ result }: Trial) => result.costUsd?.cached ?? Number.NaN;

/** One row of a table: what a trial came to. */
function row(name: string, variant: string, trial: Trial): string[] {
  const { toolCalls, roundTrips, tokens } = trial.result;
  const counts = [toolCalls, attemptsOf(trial), roundTrips, tokens.output, tokens.billed].map(number);
  return [name, variant, ...counts, usd(dollars(trial))];
}

const headings = (how: string) => [how, '', 'calls', 'sent', 'round trips', 'output', 'billed', 'cost'];
const align: ('l' | 'r')[] = ['l', 'l', 'r', 'r', 'r', 'r', 'r', 'r'];

/** A workflow in both patterns, at each value of one parameter. */
async function compare(
  workflow: string,
  param: string,
  names: Record<string, string>,
  { folder, sandbox }: Place,
): Promise<{ rows: string[][]; trials: Record<string, Record<string, Trial>> }> {
  const trials: Record<string, Record<string, Trial>> = {};
  for (const value of Object.keys(names)) {
    const params = { calls, [param]: value };
    trials[value] = await play(workflow, { params, out: join(folder, value), sandbox });
  }
  const rows = Object.entries(trials).flatMap(([value, played]) =>
    Object.entries(played).map(([variant, trial]) => row(names[value] ?? value, variant, trial)),
  );
  return { rows, trials };
}

/** The same reads with state in the session and with a handle in each call. */
async function handles(place: Place): Promise<{ table: string; tokens: Record<string, number> }> {
  const names = { session: 'the session', handle: 'a handle' };
  const { rows, trials } = await compare('shelf-sum', 'state', names, place);
  const asked = (state: string, variant: string) => {
    const trial = trials[state]?.[variant];
    return trial ? contextByCategory(trial.result.ledger).tool_calls : Number.NaN;
  };
  const perCall = (variant: string) => (asked('handle', variant) - asked('session', variant)) / calls;
  const table = toMarkdownTable({ headings: headings('state is in'), align, rows });
  return { table, tokens: { classic: perCall('classic'), code: perCall('code') } };
}

/** The same writes confirmed by a second call, and by input in the middle of the first. */
async function questions(place: Place): Promise<string> {
  const names = { caller: 'a second call', user: 'input of the user' };
  const { rows } = await compare('closing', 'asks', names, place);
  return toMarkdownTable({ headings: headings('confirmed by'), align, rows });
}

const conversations = 3;
const listed = 50;

/** What a conversation costs after another one, where the server lists its tools in the same order, and where it does not. */
async function orders({ folder, sandbox }: Place): Promise<{ table: string; listings: string }> {
  const rows: string[][] = [];
  let listings = '';
  for (const order of ['stable', 'shuffled']) {
    const mock = await loadMockServer('parametric');
    const options = parseOptions(mock, { tools: listed, items: calls, bytes: 300, order });
    const served = await serveHttp(mock, options);
    try {
      const config = join(folder, `${order}.json`);
      const server = { url: served.url, protocolEra: 'modern' };
      writeFileSync(config, JSON.stringify({ mcpServers: { store: server } }));
      const more = ['--mcp-config', config, '--set', `servers.lock=${join(folder, `${order}.lock.json`)}`];
      await command(['tools', '--pin', ...more], { sandbox, mocksInProcess: true });
      const trials: Trial[] = [];
      for (let at = 1; at <= conversations; at += 1) {
        const out = join(folder, `${order}-${at}`);
        const played = await play('listed', { params: { calls }, variants: ['classic'], more, out, sandbox });
        trials.push(played.classic as Trial);
      }
      const tools = trials.map(toolsOf);
      const isKept = (names: (list: string[]) => string[]) =>
        new Set(tools.map((list) => JSON.stringify(names(list)))).size === 1;
      const { costUsd, otherwise } = (trials[0] as Trial).result;
      const warm = otherwise?.assumed.warm?.costUsd?.cached ?? Number.NaN;
      for (const [client, kept] of [
        ['as listed', isKept((list) => list)],
        ['sorted by the client', isKept((list) => list.toSorted())],
      ] as const) {
        if (client !== 'as listed' && order === 'stable') continue;
        rows.push([
          order,
          client,
          kept ? 'yes' : 'no',
          usd(kept ? warm : (costUsd?.cached ?? Number.NaN)),
          usd((kept ? costUsd?.cached : costUsd?.uncached) ?? Number.NaN),
        ]);
      }
      if (order === 'stable') listings = await countListings(served.url, options);
    } finally {
      await served.close();
    }
  }
  const table = toMarkdownTable({
    headings: ['order', 'sent', 'same beginning', 'next conversation', 'listed for each request'],
    align: ['l', 'l', 'l', 'r', 'r'],
    rows,
  });
  return { table, listings };
}

/** How often the server's tools were listed, as it counted it itself. */
async function countListings(url: string, options: Record<string, unknown>): Promise<string> {
  const spec = { url, headers: {}, mock: { name: 'parametric', options }, protocolEra: 'modern' } as const;
  const timeouts = { connectMs: 30_000, callMs: 30_000 };
  const connection = await connect('store', spec, timeouts, new AbortController().signal);
  const { listings = 0 } = (await connection.state()) ?? {};
  const size = Buffer.byteLength(JSON.stringify(connection.listing.tools));
  await connection.close();
  // The one that this connection asked for is not theirs.
  return `Its tools were pinned, then measured in ${conversations} runs. It
listed them ${listings - 1} times, ${number(size)} bytes each: once for the pin, and in each run to compare the pin, to find when calls can be asked
for, and for the trial.`;
}

const folder = mkdtempSync(join(tmpdir(), 'patternbench-eras-'));
const sandbox = await createSandbox({ warm: 0 });
try {
  const place = { folder, sandbox };
  const handle = await handles(place);
  const asked = await questions(place);
  const { table, listings } = await orders(place);
  writeFileSync(
    file,
    `# What the newer MCP changes

MCP of 2026-07-28 against that up to 2025-11-25, over mock servers that speak both, in the best case of each pattern. Scripted.
Sent: requests that calls took. Output: tokens that the model writes. Written by \`npm run published -- eras.md\`.

## State in a handle

Without sessions, a server that keeps state gives a handle, and each call brings it. ${calls} reads of a shelf that is opened first:

${handle.table}

In classic the model writes the handle, a UUID, into each call: ${number(handle.tokens.classic ?? 0)} tokens of output. In code it is the value of a
variable: ${number(handle.tokens.code ?? 0)}. A handle has to be known before it is used, so the first reads wait for it. With a session, a model can open and
read in one message.

## Input in the middle of a call

A tool that has to be confirmed asks the user by \`input_required\`, and the client sends the call again with the answer. Before, the
tool answers that it has to be called again. ${calls} writes:

${asked}

What is sent twice is one call, with its attempts in trace and audit log. The model does not see that the user was asked.

## Order of the list

A server may list its tools in another order each time. Prompt caching needs the same beginning, and tools come first. Classic,
${listed} tools, ${conversations} conversations of ${calls} calls:

${table}

Next conversation: within five minutes of the one before. Listed for each request: by a client that keeps no list. patternbench
lists once a trial and sends tools in the server's order.

## A list that could be kept

The server says that its list is good for an hour. ${listings}
A client that keeps lists asks once, and notices a change up to an hour late. patternbench keeps none.
`,
  );
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}
