import { counted } from '../harness/numbers.ts';
import type { AuditCall, AuditRecord, AuditResult } from '../harness/results/audit.ts';
import { hidden, showHidden } from '../harness/visible.ts';
import { toMarkdownTable } from './text/markup.ts';
import { type Screen, terminalTable } from './text/terminal.ts';

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

/** Calls as a Markdown table, one a row, with what came of each. Everything that a server or model named is shown escaped. */
export function auditMarkdown(records: readonly AuditRecord[]): string {
  const headings = 'seq,trial,call,by,tool,arguments (bytes),decision,outcome,result (bytes),ms'.split(',');
  const align = ['r', 'l', 'r', 'l', 'l', 'r', 'l', 'l', 'r', 'r'] as const;
  const rows = readCalls(records).map(({ seq, trial, call, by, tool, sent, decision, outcome, got, ms }) =>
    [seq, trial, call, by, tool, sent, decision, outcome, got, ms].map((text) => text.replaceAll('|', '\\|')),
  );
  return `${toMarkdownTable({ headings, align: [...align], rows })}\n`;
}

/** The same on a terminal: a table for each trial, sizes in bytes. Calls that were allowed say what came of them alone. */
export function auditText(records: readonly AuditRecord[], screen: Screen): string {
  const trials = [...Map.groupBy(readCalls(records), ({ trial }) => trial)];
  const tables = trials.map(([trial, calls]) => {
    const rows = calls.map(({ seq, call, by, tool, sent, decision, outcome, got, ms }) => {
      const came = [decision === 'allowed' ? '' : decision, outcome].filter(Boolean).join(', ');
      return [seq, call, by, tool, sent, came, got, ms];
    });
    const headings = ['seq', 'call', 'by', 'tool', 'args B', 'outcome', 'result B', 'ms'];
    const table = { headings, align: ['r', 'r', 'l', 'l', 'r', 'l', 'r', 'r'] as ('l' | 'r')[], rows };
    return `${screen.paint('strong', trial)}\n${terminalTable(table, screen)}\n`;
  });
  return tables.length > 0 ? tables.join('\n') : 'No calls.\n';
}

/** Every call in words, with what came of it. */
function readCalls(records: readonly AuditRecord[]) {
  const results = new Map<string, AuditResult>();
  for (const record of records) {
    if (record.event === 'result') results.set(`${record.trial} ${record.call}`, record);
  }
  const calls = records.filter((record) => record.event === 'call');
  return calls.map((call) => describeCall(call, results.get(`${call.trial} ${call.call}`)));
}

function describeCall(call: AuditCall, result: AuditResult | undefined) {
  const { caller } = call;
  const isPlain = call.decision === 'allowed' && call.approval === undefined;
  return {
    seq: String(call.seq),
    trial: escaped(call.trial),
    call: String(call.call),
    by: caller.kind === 'model' ? 'model' : `program ${caller.sha256.slice(0, 6)}`,
    tool: escaped(`${call.server.name}.${call['gen_ai.tool.name']}`),
    sent: String(call.arguments.bytes),
    decision: isPlain ? 'allowed' : escaped(call.reason),
    outcome: call.decision === 'refused' ? '' : describeOutcome(result),
    got: result ? String(result.result.bytes) : '',
    ms: result ? String(result.measured.ms) : '',
  };
}

function describeOutcome(result: AuditResult | undefined): string {
  if (!result) return 'unfinished';
  const { outcome, attempts } = result;
  return attempts === undefined ? outcome : `${outcome}, sent ${counted(attempts, 'time')}`;
}

const escaped = (text: string): string => showHidden(text.replace(/[\r\n\t]+/g, ' '));

/** Records as JSON whose hidden characters are escaped, so that a terminal shows them and a parser reads them. */
export function toVisibleJson(records: AuditRecord[]): string {
  const toEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(records, null, 2).replaceAll(hidden, (character) =>
    character === '\n' ? character : character.split('').map(toEscape).join(''),
  );
}
