import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readLines } from '../audit/read-lines.ts';
import type { AuditRecord } from '../audit/record.ts';
import { type AuditFilter, isWanted, parseRecord, showCalls, toVisibleJson } from '../audit/show.ts';
import { type Verification, verifyAudit } from '../audit/verify.ts';
import { verifyChain } from '../audit/verify-chain.ts';
import { UsageError, VerificationError } from '../errors.ts';
import { auditFileName } from '../run/run-directory.ts';

type ShowOptions = AuditFilter & { json?: boolean };

/** `audit`: the log of every call that a run made. */
export function auditCommand(): Command {
  const verify = new Command('verify')
    .description("check that a run's audit log is whole and unchanged; exits with 1 where it is not")
    .argument('<dir>', 'the directory of a run')
    .option('--head <hash>', 'the head that was kept elsewhere when the run ended')
    .option('--json', 'print it as JSON')
    .action(runVerify);
  const show = new Command('show')
    .description('print the calls of a run, each with who made it and what came of it')
    .argument('<dir>', 'the directory of a run')
    .option('--scenario <name>', 'only calls of this scenario')
    .option('--variant <name>', 'only calls of this variant')
    .option('--json', 'print the records as JSON')
    .action(runShow);
  const audit = new Command('audit').description('verify or show the log of every call to a server');
  for (const command of [verify, show]) {
    audit.addCommand(command.exitOverride().showHelpAfterError('(--help shows the usage)'));
  }
  return audit;
}

function runVerify(directory: string, { head, json }: { head?: string; json?: boolean }): void {
  const verification = verifyAudit(directory, head);
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ verified: verification.problems.length === 0, ...verification }, null, 2)}\n`,
    );
  }
  if (verification.problems.length > 0) {
    throw new VerificationError(
      `The audit log of ${directory} does not verify:\n${verification.problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
  }
  if (!json) process.stdout.write(describe(verification));
}

function describe({ chain, calls }: Verification): string {
  const more = [
    calls.refused > 0 ? `${calls.refused} refused` : '',
    calls.unfinished > 0 ? `${calls.unfinished} unfinished` : '',
  ].filter(Boolean);
  return `${[
    `The audit log verifies: ${chain.clean.records} records, ${calls.calls} calls${more.length > 0 ? ` (${more.join(', ')})` : ''}.`,
    calls.compared.length > 0
      ? `The servers' own counts are the same in all ${calls.compared.length} trials that have them.`
      : 'No server of this run counted its calls itself.',
    `Head: ${chain.clean.head}`,
  ].join('\n')}\n`;
}

function runShow(directory: string, { json, scenario, variant }: ShowOptions): void {
  const file = join(directory, auditFileName);
  if (!existsSync(file)) {
    throw new UsageError(`${directory} has no ${auditFileName}. Is it the directory of a run?`);
  }
  const records: AuditRecord[] = [];
  const { problem } = verifyChain(readLines(file), undefined, (line) => {
    const record = parseRecord(line);
    if (record && isWanted(record, { scenario, variant })) records.push(record);
  });
  process.stdout.write(json ? `${toVisibleJson(records)}\n` : showCalls(records));
  if (problem) console.error(`Only what comes before it is shown: ${problem.message}.`);
}
