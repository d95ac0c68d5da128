import { type AuditLog, openAuditLog } from './audit-log.ts';
import { auditConventions, auditFormat } from './record.ts';

/** What the first record of a run's log says. */
export type AuditedRun = {
  run: string;
  seed: number;
  versions: Record<string, string>;
  fsync: boolean;
  resume?: boolean;
};

/** Starts the log of a run with the record that says what it is; goes on with the log of a run that is resumed. */
export function startRunAudit(
  file: string,
  { run, seed, versions, fsync, resume = false }: AuditedRun,
): AuditLog {
  const log = openAuditLog(file, { fsync, resume });
  if (log.head().records > 0) return log;
  log.record({
    event: 'audit_started',
    format: auditFormat,
    conventions: auditConventions,
    run,
    seed,
    versions,
    measured: { at: new Date().toISOString() },
  });
  return log;
}
