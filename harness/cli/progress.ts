import { failedPrograms, listCounts } from '../../reports/run/tables.ts';
import { describeCosts } from '../../reports/sweep/markdown.ts';
import { number, seconds, usd } from '../../reports/text/numbers.ts';
import { describeStatus, isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';
import type { Trial } from '../run/plan.ts';
import type { RunEvent } from '../run/run-input.ts';
import { showUntrusted } from '../visible.ts';
import type { Output } from './io.ts';

/**
 * Shows a run's progress: on a terminal one line that is rewritten, with what is running, spent and left; elsewhere one line
 * for each trial.
 */
export function showProgress(
  stream: Output,
  { maxCostUsd }: { maxCostUsd?: number | undefined } = {},
): {
  show: (event: RunEvent) => void;
  end: () => void;
} {
  const live = stream.isTTY === true;
  const started = performance.now();
  const running = new Map<number, { name: string; at: string }>();
  let ended = 0;
  let planned = 0;
  let spentUsd: number | null = 0;
  let shownAt = 0;
  const rewrite = (text: string) => stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);

  function writeLine(text: string): void {
    if (live) rewrite('');
    stream.write(`${text}\n`);
  }

  function refresh(): void {
    if (!live) return;
    const spent = spentUsd === null ? 'unpriced' : usd(spentUsd);
    const of = maxCostUsd === undefined ? '' : ` of ${usd(maxCostUsd)}`;
    const left = planned - ended - running.size;
    const names = [...running.values()].map(({ name, at }) => `${name}${at}`).join(', ');
    rewrite(`[${ended}/${planned}] ${spent}${of} · ${left} left · ${names || '…'}`);
  }

  return {
    show(event) {
      switch (event.type) {
        case 'warning':
          writeLine(`Warning: ${showUntrusted(event.message)}`);
          break;
        case 'resumed':
          ended = event.ended;
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
          const now = performance.now();
          if (now - shownAt < 100) return;
          shownAt = now;
          refresh();
          break;
        }
        case 'trial_ended': {
          ended += 1;
          running.delete(event.number);
          spentUsd = event.spentUsd;
          const { roundTrips, toolCalls } = event.result;
          writeLine(
            `[${ended}/${event.of}] ${nameOf(event.trial)}: ${judge(event)}, ${roundTrips} round trips, ${number(toolCalls)} calls${describeFailed(event.result)} (${seconds(performance.now() - started)})`,
          );
          refresh();
          break;
        }
        case 'size_tried':
          writeLine(
            `${event.scenario} at ${event.param}=${event.point.params[event.param]}: ${describeCosts(event.point)}`,
          );
          break;
        case 'ended_early':
          writeLine(showUntrusted(event.reason));
      }
    },
    end() {
      if (live) rewrite('');
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
