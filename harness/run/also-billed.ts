import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { mostOutputTokens } from '../agent/model/request-limits.ts';
import { InfrastructureError } from '../errors.ts';
import { makeDirectory, replaceFile } from '../files.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import type { RequestBill } from '../meter/ledger.ts';
import { Meter } from '../meter/meter.ts';
import type { ModelMiddleware } from '../meter/model.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import type { Category } from '../results/codes.ts';
import type { Result } from '../results/summary.ts';
import { writeWorkRecord } from '../results/trace.ts';
import type { CallTool } from '../tools/tool-caller.ts';
import { type Attempt, toResult } from './attempt.ts';
import type { Trial } from './plan.ts';
import { ResultSizeMeter } from './result-sizes.ts';
import { writeToolRecord } from './tool-record.ts';
import type { TrialEnvironment } from './trial.ts';

/**
 * A further model as which a trial is billed. A scripted conversation is the same for every model: what differs is how its tokens
 * are counted, and what they cost.
 */
export type AlsoBilled = {
  model: ModelEntry;
  counter: TokenCounter;
  /** Where the trace goes, as if the trial had been played as this model. */
  traceFile: string;
  /**
   * Told the result; undefined where the trial must be played for this model: one of the two reaches a window or a limit, or
   * files cannot be written.
   */
  onResult: (result: Result | undefined) => void;
};

/** The further bills of one trial under way. */
export type FurtherBills = {
  /** Counts what is said. */
  middleware: ModelMiddleware;
  /** Counts what tools return. */
  watch: (callTool: CallTool) => CallTool;
  /** Time that passes besides that of the model, in modelled milliseconds. */
  waited: (ms: number) => void;
  /** Writes what the trial came to as each model, from what it came to as its own. */
  end: (attempt: Attempt, played: Result, traceFile: string, totalMs: number) => void;
};

type Billed = { bill: RequestBill; prompt: Partial<Record<Category, number>> };

/** Opens the further bills of a scripted trial. */
export function openFurtherBills(
  trial: Trial,
  { alsoBilled = [], profile, models }: Pick<TrialEnvironment, 'alsoBilled' | 'profile' | 'models'>,
): FurtherBills {
  const bills = alsoBilled.map((also) => {
    const roundTrips: Billed[] = [];
    const meter = new Meter({
      model: also.model,
      counter: also.counter,
      profile,
      toolCategories: trial.variant.toolCategories,
      onRoundTrip: (bill, _, prompt) => roundTrips.push({ bill, prompt }),
    });
    return { also, meter, roundTrips, sizes: new ResultSizeMeter(also.counter) };
  });
  return {
    middleware: (next) => bills.reduce((model, { meter }) => meter.middleware(model), next),
    watch: (callTool) => bills.reduce((call, { sizes }) => sizes.watch(call), callTool),
    waited: (ms) => {
      for (const { meter } of bills) meter.waited(ms);
    },
    end(attempt, played, traceFile, totalMs) {
      for (const { also, meter, roundTrips, sizes } of bills) {
        const isWhole = played.status === 'completed' || played.status === 'model_stopped';
        const isSame =
          isWhole &&
          !meter.hasOverflowed &&
          !reachesLimit(roundTrips, mostOutputTokens(also.model), models?.limits?.tokens);
        const own = { ...trial, model: also.model };
        const write = () => {
          makeDirectory(dirname(also.traceFile));
          const trace = traceAs(also.model, readFileSync(traceFile, 'utf8'), roundTrips);
          replaceFile(also.traceFile, trace, InfrastructureError);
          const { surface, redact, work } = attempt;
          writeToolRecord(also.traceFile, own, { surface, results: sizes, redact, counter: also.counter });
          if (work) writeWorkRecord(also.traceFile, work.read());
        };
        also.onResult(isSame && succeeds(write) ? toResult(own, attempt, meter, totalMs) : undefined);
      }
    },
  };
}

/** Whether a trial with these bills would have been stopped: by a response too long, or by tokens billed before a request. */
function reachesLimit(roundTrips: readonly Billed[], mostOutput: number, mostTokens = Infinity): boolean {
  const before = roundTrips.slice(0, -1).reduce((sum, { bill }) => sum + bill.input + bill.output, 0);
  return before >= mostTokens || roundTrips.some(({ bill }) => bill.output > mostOutput);
}

/** Whether files can be written. Where they cannot, the trial is played for that model, which tells why; the others keep theirs. */
function succeeds(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}

/** A trace with the bills of another model. */
function traceAs({ id }: ModelEntry, trace: string, billed: readonly Billed[]): string {
  const as = (line: string) => {
    const event = JSON.parse(line);
    if (event.event === 'trial_started' || event.event === 'request') return { ...event, model: id };
    if (event.event === 'response') return { ...event, response: { ...event.response, model: id } };
    return event.event === 'billed' ? { ...event, ...billed[event.roundTrip - 1] } : event;
  };
  return trace.replace(/.+/g, (line) =>
    /^\{"event":"(trial_started|request|response|billed)"/.test(line) ? JSON.stringify(as(line)) : line,
  );
}
