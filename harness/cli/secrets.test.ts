import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inflatedTexts } from '../../reports/testing/markup.ts';
import { makeFolder, patternbench, patternbenchApart } from '../testing/command-line.ts';
import { allText, type RunResult, runIn, testKey } from '../testing/live-run.ts';
import { answer, type Reply, thinking, toolUse } from '../testing/messages-api/reply.ts';
import { blocksOf, messagesOf } from '../testing/messages-api/request.ts';
import { type ReceivedRequest, startMessagesApi } from '../testing/messages-api/server.ts';
import { startRevealingServer } from '../testing/revealing-server.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';
import { serverCommand } from '../testing/server-command.ts';

/** Values that must not leave, by where they are configured. */
const variables = {
  CANARY_ARGUMENT: 'sk-argument+7f3a/9b2c=d1',
  CANARY_KEY: 'sk-environment+7f3a/9b2c=d1',
  CANARY_PATH: 'sk-path-7f3a9b2cd1',
  CANARY_QUERY: 'sk-query-7f3a9b2cd1',
  CANARY_PASSWORD: 'sk-password-7f3a9b2cd1',
  CANARY_HEADER: 'sk-header+7f3a/9b2c=d1',
};
const written = ['sk-written-environment-7f3a', 'sk-written-query-7f3a', 'sk-written-header-7f3a'];

const body = `
  const saw = await mcp.server.ping({});
  const told = [];
  for (const tool of ['fail', 'refuse']) {
    try { await mcp.server[tool]({}); } catch (error) { told.push(error.message); console.log(error.message); }
  }
  await mcp.server.ping({ text: JSON.stringify(saw) });
  return { saw, told };`;

function writeFolder(host: string, truth?: string): string {
  const env = { KEY: `\${CANARY_KEY}`, LITERAL: written[0] };
  const stdio = (manner: string) => ({
    ...serverCommand('revealing-server.ts', manner, '--token', `\${CANARY_ARGUMENT}`),
    env,
  });
  const headers = { authorization: `Bearer \${CANARY_HEADER}`, 'x-key': written[2] };
  const http = (manner: string, user = '') => ({
    url: `http://${user}${host}/${manner}/\${CANARY_PATH}?key=\${CANARY_QUERY}&more=${written[1]}`,
    headers,
  });
  const mcpServers = {
    good: stdio('good'),
    crash: stdio('crash'),
    gone: stdio('exit at once'),
    far: http('good'),
    farther: http('fail'),
    nowhere: http('good', `me:\${CANARY_PASSWORD}@`),
  };
  const scenarios = Object.keys(mcpServers).flatMap((name) => {
    const files = scenarioFiles({ body, truth, servers: `{ server: { configured: '${name}' } }` });
    return Object.entries(files).map(([file, text]) => [`${name}-scenario/${file}`, text]);
  });
  return makeFolder({ '.mcp.json': JSON.stringify({ mcpServers }), ...Object.fromEntries(scenarios) });
}

/** The secrets of which any form is in a text. */
function findLeaks(text: string): string[] {
  return [...Object.values(variables), ...written].filter((value) =>
    [
      value.slice(0, 14),
      encodeURIComponent(value),
      Buffer.from(value).toString('hex'),
      // What stays of it in base64 at any offset, but for the characters at its ends.
      ...[0, 1, 2].map((offset) =>
        Buffer.concat([Buffer.alloc(offset), Buffer.from(value)])
          .toString('base64')
          .slice(4, 20),
      ),
    ].some((form) => text.includes(form)),
  );
}

test('nothing that runs, good and failed, leave behind holds a secret of a server', async () => {
  await using server = await startRevealingServer();
  const cwd = writeFolder(server.host);
  const names = ['good', 'crash', 'gone', 'far', 'farther', 'nowhere'].map((name) => `./${name}-scenario`);
  const run = [
    'run',
    ...names,
    '--variants',
    'classic,code',
    '--out',
    'out',
    '--set',
    'limits.concurrency=4',
  ];
  const result = await patternbenchApart(run, { cwd, env: variables });
  expect(result.code).toBe(3);
  // The servers were reached, and said what they could.
  const summary = readFileSync(join(cwd, 'out/summary.json'), 'utf8');
  for (const part of ['wrong', 'exit code 7', 'exit code 9', 'HTTP', 'credentials'])
    expect(result.stderr).toContain(part);
  expect(summary).toContain('[redacted: variable CANARY_ARGUMENT]');
  expect(server.sessions.opened).toBeGreaterThan(0);
  expect(server.sessions.ended).toBe(server.sessions.opened);

  const reports = [
    ...['--md', '--csv'].map((format) => ['report', 'out', format, '-']),
    ['report', 'out', '--json'],
    ['report', 'out', '--details'],
    ['report', 'out', '--html', 'out/page.html'],
    ['audit', 'show', 'out'],
    ['audit', 'verify', 'out'],
    ['check', ...names],
    ['tools', '--pin'],
  ];
  const printed = [result];
  for (const args of reports) printed.push(await patternbench(args, { cwd, env: variables }));
  expect(printed.slice(1, 7).map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);

  const outputs = printed.map(({ stdout, stderr }, index) => [
    index === 0 ? 'run' : reports[index - 1]?.join(' '),
    findLeaks(stdout + stderr),
  ]);
  expect(outputs.filter(([, leaks]) => leaks?.length)).toEqual([]);
  const files = ['summary.json', 'results.jsonl', 'run.json', 'audit.jsonl', 'page.html', 'trials'].map(
    (name) => [
      name,
      findLeaks(
        name === 'trials' ? allText(join(cwd, 'out/trials')) : readFileSync(join(cwd, 'out', name), 'utf8'),
      ),
    ],
  );
  expect(files.filter(([, leaks]) => leaks?.length)).toEqual([]);
  const held = inflatedTexts(readFileSync(join(cwd, 'out/page.html'), 'utf8'));
  expect(held.size).toBeGreaterThan(4);
  expect(findLeaks([...held.values()].join('\n'))).toEqual([]);
  expect(findLeaks(allText(join(cwd, 'out')))).toEqual([]);
}, 240_000);

/** A model that looks at what the server says, repeats it in words, in a call and in a program, and answers what came back. */
function repeatingModel({ body }: ReceivedRequest): Reply {
  const messages = messagesOf(body);
  const results = (messages.at(-1)?.blocks ?? []).flatMap((block) => blocksOf(block.content));
  const shown = results.map(({ text }) => text).join('');
  const saw = /^\{/.test(shown) ? (Object.keys(JSON.parse(shown) as object)[0] ?? '') : '';
  const isCode = JSON.stringify(body.tools).includes('"run_code"');
  const turn = (messages.length + 1) / 2;
  // The ids of calls and signatures of thinking are each given once.
  const own = hash('sha256', JSON.stringify(body)).slice(0, 16);
  const call = (name: string, input: object) =>
    toolUse(`toolu_${own}`, isCode ? 'run_code' : `server__${name}`, {
      ...(isCode ? { code: `return await mcp.server.${name}(${JSON.stringify(input)});` } : input),
    });
  if (isCode && turn === 1)
    return answer([toolUse(`toolu_${own}`, 'browse_tools', { path: '/server/ping' })]);
  switch (isCode ? turn - 1 : turn) {
    case 1:
      return answer([call('fail', {})]);
    case 2:
      return answer([thinking(`It failed: ${shown}`, own), call('ping', {})]);
    case 3:
      return answer([`I tell it ${saw}.`, call('recognise', { text: saw })]);
    default:
      return answer([shown.startsWith('"') ? shown : JSON.stringify(shown)]);
  }
}

test('recordings of good and failed runs hold no secret of a server, and replay to the same results', async () => {
  await using server = await startRevealingServer();
  const cwd = writeFolder(server.host, 'mine');
  const good = ['./good-scenario', './far-scenario'];
  const model = ['--variants', 'classic,code', '--model', 'anthropic:claude-sonnet-5'];
  const results = ({ summary }: RunResult) =>
    summary?.results.map(({ scenario, variant, correct, tokens }) => [scenario, variant, correct, tokens]);
  let live: RunResult;
  {
    await using api = await startMessagesApi(repeatingModel, { apiKey: testKey });
    const record = [...model, '--set', `provider.baseUrl=${api.url}`, '--cassettes', 'record'];
    live = await runIn(cwd, [...good, ...record], { out: 'live', env: variables });
    expect(live.summary?.results.map(({ correct, reason }) => correct ?? reason)).toEqual([1, 1, 1, 1]);
    // The model was told what the server said.
    expect(JSON.stringify(api.requests)).toContain(variables.CANARY_ARGUMENT);
    const failed = ['./crash-scenario', './farther-scenario'];
    expect((await runIn(cwd, [...failed, ...record], { out: 'failed', env: variables })).code).toBe(3);
  }
  const recordings = allText(join(cwd, 'cassettes'));
  expect(recordings).toContain('[redacted: variable CANARY_ARGUMENT');
  expect(findLeaks(recordings)).toEqual([]);
  const env = { ...variables, ANTHROPIC_API_KEY: '' };
  const replayed = await runIn(cwd, [...good, ...model, '--cassettes', 'strict'], { out: 'replayed', env });
  expect(replayed.summary?.evidence).toBe('replayed');
  expect(results(replayed)).toEqual(results(live));
  for (const out of ['live', 'failed', 'replayed'])
    expect([out, findLeaks(allText(join(cwd, out)))]).toEqual([out, []]);
  expect(findLeaks(live.stdout + live.stderr + replayed.stdout + replayed.stderr)).toEqual([]);
}, 240_000);
