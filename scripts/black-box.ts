/**
 * Compares a server that runs programs itself with our own patterns on one workflow: `npm run published -- black-box.md`. Times
 * are of the machine that it runs on; all else is the same on any.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findVariants } from '../harness/agent/variants.ts';
import { defaultModelId, findModel } from '../harness/meter/catalogue.ts';
import { findLatencyProfile } from '../harness/meter/latency.ts';
import { bytes, number, percent, seconds, usd } from '../harness/numbers.ts';
import type { Result } from '../harness/results/summary.ts';
import { executeRun } from '../harness/run/execute-run.ts';
import { plan } from '../harness/run/plan.ts';
import { loadScenarios } from '../harness/scenario/load.ts';
import { connect } from '../harness/tools/mcp/connections.ts';
import { contextByCategory } from '../reports/run/tables.ts';
import { toMarkdownTable } from '../reports/text/markup.ts';

const boxFolder = join(import.meta.dirname, 'black-box/top-customers');
const file = resolve(import.meta.dirname, '../reports/published/black-box.md');
const sizes = [200, 2_000];
const model = findModel(defaultModelId);
const timeouts = { connectMs: 30_000, callMs: 120_000 };
const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'patternbench-black-box-'));

async function run(scenario: string, contacts: number, variants: string[]): Promise<Result[]> {
  const shared = { model, seed: 1, places: { mcpConfigFile: undefined, folder, env: process.env } };
  const scenarios = await loadScenarios([scenario]);
  const trials = plan({
    ...shared,
    scenarios,
    givenParams: { contacts: String(contacts) },
    variants: findVariants(variants),
  });
  const { results } = await executeRun({
    ...shared,
    trials,
    profile: findLatencyProfile('default'),
    timeouts,
    auditFsync: false,
    lock: { file: '', lock: undefined },
    // The server is a script of ours.
    trust: { admit: () => {} },
    sayVerdict: () => '',
    out: join(folder, `${trials[0]?.scenario.name}-${contacts}`),
    signal,
    onEvent: () => {},
  });
  return results;
}

/** What a model is shown of a program that asks for a contact that is not there. */
async function fail(): Promise<{ isError: boolean; text: string }> {
  const args = [join(boxFolder, '../server.ts'), '20', '1'];
  const connection = await connect('box', { command: process.execPath, args, env: {} }, timeouts, signal);
  const code = "return crm.get_contact({ id: 'con_nope' });";
  const shown = await connection.call('call_tool_chain', { code }, signal);
  await connection.close();
  return shown;
}

function row(name: string, { roundTrips, tokens, ledger, costUsd, latencyMs, correct }: Result): string[] {
  const by = contextByCategory(ledger);
  const known = by.tool_definitions + by.discovery + by.instructions;
  return [
    name,
    correct === 1 ? 'yes' : 'no',
    number(roundTrips),
    number(known),
    number(by.code + by.tool_calls),
    number(by.tool_results + by.program_output),
    number(tokens.billed),
    costUsd ? usd(costUsd.cached) : 'unpriced',
    seconds(latencyMs.measured),
  ];
}

try {
  const tables: string[] = [];
  for (const contacts of sizes) {
    const own = await run('crm-top-customers', contacts, ['classic', 'code', 'code-typed']);
    const [box] = await run(boxFolder, contacts, ['classic']);
    if (!box) throw new Error('The server that runs programs was not measured.');
    const rows = [...own.map((result) => row(result.variant, result)), row('black box', box)];
    const code = own.find(({ variant }) => variant === 'code');
    const share = (code?.costUsd?.cached ?? 0) / (box.costUsd?.cached ?? 1) - 1;
    const headings = [
      '',
      'right',
      'round trips',
      'to know the tools',
      'calls and code',
      'results',
      'billed',
      'cost',
      'tools and sandbox',
    ];
    tables.push(
      `## ${number(contacts)} contacts\n\n${toMarkdownTable({ headings, align: ['l', ...Array(8).fill('r')], rows })}\n\n\`code\` costs ${percent(Math.abs(share))} ${share < 0 ? 'less' : 'more'} than the black box.`,
    );
  }
  const { isError, text } = await fail();
  writeFileSync(
    file,
    `# A server that runs programs itself

crm-top-customers in our own patterns, and over one server with two tools, \`search_tools\` and \`call_tool_chain\`, made with
@utcp/code-mode 1.2.12 over the same CRM. A script plays all of them without a mistake. To know the tools: tokens of definitions,
look-ups and instructions, each counted once; what the black box's search brings is among its results. Times are of one machine: the server holds its CRM in its own process, so its calls
cross no wire. Written by \`npm run published -- black-box.md\`.

${tables.join('\n\n')}

## What else a client gets

- Instructions of the server, the library's own prompt for agents, are in every request.
- The library prints to standard output when it registers tools. That breaks a server over standard input and output, unless
  the server sends it elsewhere.
- A program that fails is ${isError ? 'an error for the client' : 'no error for the client: `isError` is not set, the result is null, and what went wrong stands in its logs'}. It takes ${bytes(Buffer.byteLength(text))},
  ${text.includes('<isolated-vm>') ? 'with stack frames of the sandbox' : 'without a stack'}. In ours the call fails with the tool's message and the line of the program.
- Calls of a program run one after another: each blocks the sandbox until its answer is there.
`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
