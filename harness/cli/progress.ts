import { failedPrograms, listCounts } from '../../reports/run/tables.ts';
import { describeCosts } from '../../reports/sweep/markdown.ts';
import { cut, widthOf } from '../../reports/text/terminal.ts';
import { counted, dollars, number, seconds, usd } from '../numbers.ts';
import { describeStatus, isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';
import type { RunEvent, RunInput } from '../run/open-run.ts';
import type { Trial } from '../run/plan.ts';
import { showUntrusted } from '../visible.ts';
import type { Io } from './io.ts';

/** Columns that the line leaves free: a terminal shows a typed Ctrl-C as `^C`, which must not begin another line. */
const freeColumns = 3;

/** A line that says how far work is. Where `isLive`, it is rewritten in place; elsewhere each is a line that stays. */
export type StatusLine = { isLive: boolean; show(text: string): void; keep(text: string): void; end(): void };

/** The line of a terminal, which leaves nothing behind; what is kept stands above it. */
export function statusLine({ stderr, env }: Pick<Io, 'stderr' | 'env'>): StatusLine {
  const isLive = stderr.isTTY === true && env.TERM !== 'dumb';
  let width = 0;
  /** Puts a text in place of the line. A terminal that was made narrower has broken it into several. */
  function rewrite(text: string): void {
    // Where the size is not known, it is 0.
    const columns = stderr.columns || 80;
    const above = Math.ceil(width / columns) - 1;
    const shown = text && cut(text, columns - freeColumns);
    stderr.write(`${above > 0 ? `\x1b[${above}A` : ''}\r\x1b[J${shown}`);
    width = widthOf(shown);
  }
  const keep = (text: string) => {
    if (isLive) rewrite('');
    stderr.write(`${text}\n`);
  };
  return { isLive, show: isLive ? rewrite : keep, keep, end: () => isLive && rewrite('') };
}

/**
 * Shows a run's progress. On a terminal it is one line: what is done and running, the time left, and money where some is spent.
 * Elsewhere it is a line for each trial. Warnings stay.
 */
export function showProgress(
  io: Pick<Io, 'stderr' | 'env'>,
  { models, maxCostUsd }: Pick<RunInput, 'models' | 'maxCostUsd'> = {},
  now: () => number = () => performance.now(),
): { show: (event: RunEvent) => void; end: () => void } {
  const line = statusLine(io);
  const started = now();
  const running = new Map<number, { name: string; at: string }>();
  let ended = 0;
  let resumed = 0;
  let planned = 0;
  let spentUsd: number | null = 0;
  let shownAt = 0;
  function refresh(): void {
    if (!line.isLive) return;
    const names = [...running.values()].map(({ name, at }) => `${name}${at}`).join(', ');
    const parts = [`${ended} of ${planned} trials`, ...timeLeft(), ...spent(), names];
    line.show(parts.filter(Boolean).join(' · '));
  }

  /** By how long the trials so far took; unknown before the first has ended. */
  function timeLeft(): string[] {
    const own = ended - resumed;
    if (own === 0 || ended === planned) return [];
    return [`about ${seconds(((now() - started) / own) * (planned - ended))} left`];
  }

  function spent(): string[] {
    if (models?.plannedEvidence !== 'live') return [];
    const of = maxCostUsd === undefined ? '' : ` of ${dollars(maxCostUsd)}`;
    return [`${spentUsd === null ? 'unpriced' : usd(spentUsd)}${of}`];
  }

  return {
    show(event) {
      switch (event.type) {
        case 'warning':
          line.keep(`Warning: ${showUntrusted(event.message)}`);
          refresh();
          break;
        case 'resumed':
          ended = event.ended;
          resumed = event.ended;
          planned = event.of;
          line.keep(`Resumed: ${event.ended} of ${event.of} trials had ended.`);
          break;
        case 'trial_started':
          planned = event.of;
          running.set(event.number, { name: nameOf(event.trial), at: '' });
          refresh();
          break;
        case 'round_trip': {
          spentUsd = event.spentUsd;
          const trial = running.get(event.number);
          if (trial) trial.at = ` (${event.roundTrip}: ${number(event.inputTokens)} tokens)`;
          if (now() - shownAt < 100) return;
          shownAt = now();
          refresh();
          break;
        }
        case 'trial_ended': {
          ended += 1;
          running.delete(event.number);
          spentUsd = event.spentUsd;
          const { roundTrips, toolCalls } = event.result;
          if (line.isLive) refresh();
          else
            line.keep(
              `[${ended}/${event.of}] ${nameOf(event.trial)}: ${judge(event)}, ${counted(roundTrips, 'round trip')}, ${counted(toolCalls, 'call')}${describeFailed(event.result)} (${seconds(now() - started)})`,
            );
          break;
        }
        case 'size_tried': {
          const at = `${event.scenario} at ${event.param}=${event.point.params[event.param]}`;
          line.show(
            line.isLive
              ? `All trials have ended · at which size advice changes · ${at}`
              : `${at}: ${describeCosts(event.point)}`,
          );
          break;
        }
        case 'ended_early':
          line.keep(showUntrusted(event.reason));
      }
    },
    end: line.end,
  };
}

function nameOf({ scenario, variant, repeat }: Trial): string {
  return `${scenario.name} · ${variant.name}${repeat > 1 ? ` #${repeat}` : ''}`;
}

function describeFailed(result: Result): string {
  const failed = listCounts(failedPrograms(result));
  return failed === '' ? '' : `, programs that failed: ${failed}`;
}

function judge({ result }: Extract<RunEvent, { type: 'trial_ended' }>): string {
  const { status, correct, reason } = result;
  if (status === 'completed') return correct === 1 ? 'correct' : 'wrong answer';
  // Which limit, or why the model stopped, is in the report; what infrastructure did may be in no report of many trials.
  const why = isMeasured(result) ? '' : ` (${showUntrusted(reason.split('\n', 1)[0] ?? '', 200)})`;
  return `${describeStatus(result)}${why}`;
}
