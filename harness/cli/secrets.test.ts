import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { allText } from '../testing/live-run.ts';
import { startRevealingServer } from '../testing/revealing-server.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';

const program = resolve(import.meta.dirname, '../testing/revealing-server.ts');

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

function writeFolder(host: string): string {
  const args = (manner: string) => [program, manner, '--token', `\${CANARY_ARGUMENT}`];
  const env = { KEY: `\${CANARY_KEY}`, LITERAL: written[0] };
  const stdio = (manner: string) => ({ command: process.execPath, args: args(manner), env });
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
    const files = scenarioFiles({ body, servers: `{ server: { configured: '${name}' } }` });
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
  const run = ['run', ...names, '--variants', 'classic,code', '--out', 'out', '--concurrency', '4'];
  const result = await patternbench(run, { cwd, env: variables });
  expect(result.code).toBe(3);
  // The servers were reached, and said what they could.
  const summary = readFileSync(join(cwd, 'out/summary.json'), 'utf8');
  for (const part of ['wrong', 'exit code 7', 'exit code 9', 'HTTP', 'credentials'])
    expect(result.stderr).toContain(part);
  expect(summary).toContain('[redacted: variable CANARY_ARGUMENT]');
  expect(server.sessions.opened).toBeGreaterThan(0);
  expect(server.sessions.ended).toBe(server.sessions.opened);

  const reports = [
    ...['markdown', 'csv', 'json'].map((format) => ['report', 'out', '--format', format]),
    ['report', 'out', '--format', 'html', '--out', 'out/page.html'],
    ['audit', 'show', 'out'],
    ['audit', 'verify', 'out'],
    ['check', ...names],
    ['pin'],
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
  expect(findLeaks(allText(join(cwd, 'out')))).toEqual([]);
}, 240_000);
