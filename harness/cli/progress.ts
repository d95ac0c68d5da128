import { failedPrograms, listCounts } from '../../reports/run/tables.ts';
import { describeCosts } from '../../reports/sweep/markdown.ts';
import { cut } from '../../reports/text/terminal.ts';
import { dollars, number, seconds, usd } from '../numbers.ts';
import { describeStatus, isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';
import type { Trial } from '../run/plan.ts';
import type { RunEvent, RunInput } from '../run/run-input.ts';
import { showUntrusted } from '../visible.ts';
import type { Output } from './io.ts';

/** What a run may spend, where a provider's model is asked. */
type Spending = { isLive?: boolean; maxCostUsd?: number | undefined };

/** Whether a run spends money, and how much it may. */
export function spendingOf({ models, maxCostUsd }: Pick<RunInput, 'models' | 'maxCostUsd'>): Spending {
  return { isLive: models?.plannedEvidence === 'live', maxCostUsd };
}

/**
 * Shows a run's progress. On a terminal it is one line that is rewritten and leaves nothing behind: what is done and running, the
 * time left, and money where some is spent. Elsewhere it is a line for each trial. Warnings stay.
 */
export function showProgress(
  stream: Output,
  { isLive = false, maxCostUsd }: Spending = {},
  now: () => number = () => performance.now(),
): { show: (event: RunEvent) => void; end: () => void } {
  const isTerminal = stream.isTTY === true;
  const started = now();
  const running = new Map<number, { name: string; at: string }>();
  let ended = 0;
  let resumed = 0;
  let planned = 0;
  let spentUsd: number | null = 0;
  let shownAt = 0;
  const rewrite = (text: string) => stream.write(`\r\x1b[2K${cut(text, (stream.columns ?? 80) - 1)}`);

  /** A line that stays. */
  function writeLine(text: string): void {
    if (isTerminal) rewrite('');
    stream.write(`${text}\n`);
  }

  /** A line where nothing is rewritten. */
  function writePlain(text: string): void {
    if (!isTerminal) stream.write(`${text}\n`);
  }

  function refresh(): void {
    if (!isTerminal) return;
    const names = [...running.values()].map(({ name, at }) => `${name}${at}`).join(', ');
    const parts = [`${ended} of ${planned} trials`, ...timeLeft(), ...spent(), names];
    rewrite(parts.filter(Boolean).join(' · '));
  }

  /** By how long the trials so far took; unknown before the first has ended. */
  function timeLeft(): string[] {
    const own = ended - resumed;
    if (own === 0 || ended === planned) return [];
    return [`about ${seconds(((now() - started) / own) * (planned - ended))} left`];
  }

  function spent(): string[] {
    if (!isLive) return [];
    const of = maxCostUsd === undefined ? '' : ` of ${dollars(maxCostUsd)}`;
    return [`${spentUsd === null ? 'unpriced' : usd(spentUsd)}${of}`];
  }

  return {
    show(event) {
      switch (event.type) {
        case 'warning':
          writeLine(`Warning: ${showUntrusted(event.message)}`);
          refresh();
          break;
        case 'resumed':
          ended = event.ended;
          resumed = event.ended;
          planned = event.of;
          writeLine(`Resumed: ${event.ended} of ${event.of} trials had ended.`);
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
          writePlain(
            `[${ended}/${event.of}] ${nameOf(event.trial)}: ${judge(event)}, ${roundTrips} round trips, ${number(toolCalls)} calls${describeFailed(event.result)} (${seconds(now() - started)})`,
          );
          refresh();
          break;
        }
        case 'size_tried': {
          const at = `${event.scenario} at ${event.param}=${event.point.params[event.param]}`;
          writePlain(`${at}: ${describeCosts(event.point)}`);
          if (isTerminal) rewrite(`All trials have ended · at which size advice changes · ${at}`);
          break;
        }
        case 'ended_early':
          writeLine(showUntrusted(event.reason));
      }
    },
    end() {
      if (isTerminal) rewrite('');
    },
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
