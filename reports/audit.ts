import type { AuditCall, AuditRecord, AuditResult } from '../harness/results/audit.ts';
import { hidden, showHidden } from '../harness/visible.ts';
import { toMarkdownTable } from './text/markup.ts';

/** Which records are wanted: those of one scenario, one variant, or both. */
export type AuditFilter = { scenario: string | undefined; variant: string | undefined };

/** True where a record is about a trial that the filter lets through; records of the run as a whole always are. */
export function isWanted(record: AuditRecord, { scenario, variant }: AuditFilter): boolean {
  if (!('trial' in record)) return true;
  const [ofScenario, ofVariant] = record.trial.split('/');
  return (
    (scenario === undefined || scenario === ofScenario) && (variant === undefined || variant === ofVariant)
  );
}

/** Calls as a table, one a row, with what came of each. Everything that a server or model named is shown escaped. */
export function showCalls(records: AuditRecord[]): string {
  const results = new Map<string, AuditResult>();
  for (const record of records) {
    if (record.event === 'result') results.set(`${record.trial} ${record.call}`, record);
  }
  const calls = records.filter((record) => record.event === 'call');
  const rows = calls.map((call) => toRow(call, results.get(`${call.trial} ${call.call}`)));
  const headings = 'seq,trial,call,by,tool,arguments (bytes),decision,outcome,result (bytes),ms'.split(',');
  const align = ['r', 'l', 'r', 'l', 'l', 'r', 'l', 'l', 'r', 'r'] as const;
  return `${toMarkdownTable({ headings, align: [...align], rows })}\n`;
}

function toRow(call: AuditCall, result: AuditResult | undefined): string[] {
  const { caller } = call;
  const decision = call.decision === 'allowed' && call.approval === undefined ? 'allowed' : call.reason;
  const outcome = call.decision === 'refused' ? '' : (result?.outcome ?? 'unfinished');
  return [
    String(call.seq),
    call.trial,
    String(call.call),
    caller.kind === 'model' ? 'model' : `program ${caller.sha256.slice(0, 12)}`,
    `${call.server.name}.${call['gen_ai.tool.name']}`,
    String(call.arguments.bytes),
    decision,
    outcome,
    result ? String(result.result.bytes) : '',
    result ? String(result.measured.ms) : '',
  ].map(cell);
}

function cell(text: string): string {
  return showHidden(text.replace(/[\r\n\t]+/g, ' ')).replaceAll('|', '\\|');
}

/** Records as JSON whose hidden characters are escaped, so that a terminal shows them and a parser reads them. */
export function toVisibleJson(records: AuditRecord[]): string {
  const json = JSON.stringify(records, null, 2);
  return json.replaceAll(hidden, (character) =>
    character === '\n'
      ? character
      : Array.from(
          { length: character.length },
          (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}
