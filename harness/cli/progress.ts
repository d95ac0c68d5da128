import type { RunEvent } from '../run/run.ts';

/** Shows a run's progress: on a terminal one line that is rewritten, elsewhere one line for each trial. */
export function showProgress(stream: NodeJS.WriteStream): {
  show: (event: RunEvent) => void;
  end: () => void;
} {
  const live = stream.isTTY === true;
  const started = performance.now();
  let current = '';
  let shownAt = 0;
  const rewrite = (text: string) => stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  return {
    show(event) {
      switch (event.type) {
        case 'trial_started': {
          const { scenario, variant } = event.trial;
          current = `[${event.number}/${event.of}] ${scenario.name} · ${variant.name}`;
          if (live) rewrite(`${current} …`);
          break;
        }
        case 'round_trip': {
          const now = performance.now();
          if (!live || now - shownAt < 100) return;
          shownAt = now;
          rewrite(
            `${current} · round trip ${event.roundTrip}, ${event.inputTokens.toLocaleString('en-US')} tokens in`,
          );
          break;
        }
        case 'trial_ended': {
          const { status, correct, roundTrips, toolCalls } = event.result;
          const judged =
            status !== 'completed' ? status.replaceAll('_', ' ') : correct === 1 ? 'correct' : 'wrong answer';
          const line = `${current}: ${judged}, ${roundTrips} round trips, ${toolCalls.toLocaleString('en-US')} calls (${seconds()})`;
          if (live) rewrite('');
          stream.write(`${line}\n`);
        }
      }
    },
    end() {
      if (live) rewrite('');
    },
  };
}
