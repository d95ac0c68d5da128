/** How long an answer is waited for awake: longer than a local server or a program takes, far shorter than any other. */
const awakeMs = 0.4;

/**
 * Keeps this process polling for a moment instead of sleeping, because an answer is expected at once. On an idle machine,
 * waking up takes about as long as a local server takes to answer. A program that makes one call after another waits for
 * that twice a call. A slower answer costs no more than that moment of CPU time.
 */
export function createBusyPoll(): { begin(): void; end(): void } {
  let until = 0;
  let awake = false;
  const poll = () => {
    awake = performance.now() < until;
    if (awake) setImmediate(poll);
  };
  return {
    begin() {
      until = performance.now() + awakeMs;
      if (awake) return;
      awake = true;
      setImmediate(poll);
    },
    end() {
      until = 0;
    },
  };
}
