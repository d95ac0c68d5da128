import { existsSync, renameSync } from 'node:fs';
import type { AuditHead } from './audit-log.ts';
import { readLines } from './read-lines.ts';
import { verifyChain } from './verify-chain.ts';

/**
 * Why a log is not the one that a summary was written after, in words; undefined where it is, and may be gone on with. A
 * process that dies after its last summary leaves more records than that, and a last line that is torn. Without `kept`,
 * there was no summary yet, and the log need only follow from its own beginning.
 */
export function findLogProblem(file: string, kept: AuditHead | undefined): string | undefined {
  if (!existsSync(file)) {
    return kept && kept.records > 0 ? 'it is missing' : undefined;
  }
  const { clean, problem } = verifyChain(readLines(file), kept && { ...kept, isFinal: false });
  const isWhole = problem?.kind === 'torn' && clean.records >= (kept?.records ?? 0);
  return isWhole ? undefined : problem?.message;
}

/** Puts a log that cannot be gone on with aside, under the first name that is free, as evidence. Gives its new name. */
export function setLogAside(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  for (let number = 1; ; number += 1) {
    const aside = file.replace(/\.jsonl$/, `.aside-${number}.jsonl`);
    if (existsSync(aside)) continue;
    renameSync(file, aside);
    return aside;
  }
}
