import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AuditFilter, auditMarkdown, auditText, isWanted, toVisibleJson } from '../../reports/audit.ts';
import { toJson } from '../../reports/exporters.ts';
import { UsageError, VerificationError } from '../errors.ts';
import { type AuditRecord, parseRecord } from '../results/audit.ts';
import { auditFileName, breakEvenFolderName } from '../results/run.ts';
import { readLines, verifyChain } from '../tools/audit/chain.ts';
import { findLogs, type LogVerification, type Verification, verifyAudit } from '../tools/audit/verify.ts';
import { type Io, screenFor, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';

type VerifyOptions = { head?: string; json?: boolean };

type ShowOptions = AuditFilter & { json?: boolean; md?: string };

/** `audit verify`: whether the logs of a run are whole and unchanged. */
export function verify(
  directory: string,
  { options: { head, json } }: { options: VerifyOptions },
  io: Io,
): number {
  const verification = verifyAudit(resolve(io.cwd, directory), head);
  const { own, problems, parts, further } = verification;
  if (json) {
    const verified = problems.length === 0;
    io.stdout.write(toJson({ verified, ...own, ...(parts.length > 0 && { parts }), further, problems }));
  }
  if (problems.length > 0) {
    throw new VerificationError(
      `The audit log of ${directory} does not verify:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
  }
  if (!json) io.stdout.write(describe(verification));
  return 0;
}

function describe({ own, parts, further }: Verification): string {
  const lines = own ? describeLog('The audit log', own) : [];
  if (parts.length > 0) {
    lines.push(`The run was merged; each of the ${parts.length} logs of its parts verifies.`);
    lines.push(...parts.flatMap((part) => describeLog(part.folder, part)));
  }
  if (further.length > 0) {
    const records = further.reduce((sum, { chain }) => sum + chain.clean.records, 0);
    const calls = further.reduce((sum, each) => sum + each.calls.calls, 0);
    lines.push(
      `Further logs, in ${breakEvenFolderName}: all ${further.length} verify (${records} records, ${calls} calls).`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function describeLog(name: string, { chain, calls, playedAs }: LogVerification): string[] {
  const more = [
    calls.refused > 0 ? `${calls.refused} refused` : '',
    calls.unfinished > 0 ? `${calls.unfinished} unfinished` : '',
  ].filter(Boolean);
  return [
    `${name} verifies: ${chain.clean.records} records, ${calls.calls} calls${more.length > 0 ? ` (${more.join(', ')})` : ''}.`,
    ...(playedAs === undefined
      ? []
      : [
          `Trials that were played as ${playedAs} have their calls in the log of that model's run beside it.`,
        ]),
    ...describeCounts(calls.compared.length, playedAs === undefined),
    `Head: ${chain.clean.head}`,
  ];
}

/** What servers counted; where a log has not every trial's calls, of those it has alone. */
function describeCounts(compared: number, isWhole: boolean): string[] {
  if (compared > 0) {
    const trials = isWhole ? `all ${compared} trials that have them` : `${compared} trials of this log`;
    return [`The servers' own counts are the same in ${trials}.`];
  }
  return isWhole ? ['No server of this run counted its calls itself.'] : [];
}

/** `audit show`: the calls of a run. */
export function show(given: string, { options }: { options: ShowOptions }, io: Io): number {
  const { scenario, variant } = options;
  const directory = resolve(io.cwd, given);
  const { hasOwn, parts } = findLogs(directory);
  const files = [...(hasOwn ? [''] : []), ...parts].map((folder) => join(directory, folder, auditFileName));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new UsageError(`${missing} is missing. Is ${directory} the whole of a run?`);
  const records: AuditRecord[] = [];
  const problems = files.flatMap((file) => {
    const { problem } = verifyChain(readLines(file), undefined, (line) => {
      const record = parseRecord(line);
      if (record && isWanted(record, { scenario, variant })) records.push(record);
    });
    const where = files.length > 1 ? ` of ${file}` : '';
    return problem ? [`Only what comes before it${where} is shown: ${problem.message}.`] : [];
  });
  writeOutputs(records, options, {
    text: (found) => auditText(found, screenFor(io.stdout, io.env)),
    writers: { json: (found) => `${toVisibleJson(found)}\n`, md: auditMarkdown },
    io,
  });
  for (const problem of problems) tell(io, problem);
  return 0;
}
