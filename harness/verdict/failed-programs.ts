import type { LedgerRow } from '../meter/ledger.ts';
import type { Figures, Weights } from './measure.ts';

/** What the error of a failed program takes: status, name, message and place, and often a line of console output. */
const errorTokens = 150;

/**
 * What one failed program adds to a trial of the code pattern, in the unit of `weights`: the program is written
 * (code·output), comes back with its error (code + error)·write, the request after it reads the whole history again
 * (context·read + the overhead of a round trip), and both stay in the history of the one request that follows the repaired
 * program ((code + error)·read). `code` is the mean length of a program, `context` the trial's own.
 */
export function costOfFailedProgram(figures: Figures, programs: number, weights: Weights): number {
  const isCode = (row: LedgerRow) => row.direction === 'output' && row.category === 'code';
  const code = figures.ledger.reduce((sum, row) => sum + (isCode(row) ? row.tokens : 0), 0) / programs;
  const returned = code + errorTokens;
  return (
    code * weights.output +
    returned * weights.write +
    figures.tokens.context * weights.read +
    weights.roundTrip +
    returned * weights.read
  );
}

/** How many failed programs code can afford before classic takes less: the saving over the cost of one, rounded down. */
export function affordableFailures(saving: number, each: number): number {
  return each > 0 ? Math.max(0, Math.floor(saving / each)) : 0;
}
