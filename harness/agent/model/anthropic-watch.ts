import type { ClientOptions } from '@anthropic-ai/sdk';
import type { Clock } from './retry-clock.ts';

/** The signature of the `fetch` that the SDK takes. */
export type Fetch = NonNullable<ClientOptions['fetch']>;

/** No byte arrived for too long. */
export class StalledAnswer extends Error {
  override name = 'StalledAnswer';
  constructor(ms: number) {
    super(`nothing arrived for ${ms} ms`);
  }
}

export type WatchOptions = {
  clock: Clock;
  /** The longest wait for the headers, in milliseconds. */
  headersMs: number;
  /** The longest pause between two pieces of the body, in milliseconds. */
  idleMs: number;
};

/**
 * A `fetch` that gives up on a connection that has gone quiet. It watches bytes and not events, because the pings that
 * keep a long answer alive never become events of the SDK. Redirects are not followed, so that a key stays with the
 * address it was meant for.
 */
export function watchFetch(fetch: Fetch, { clock, headersMs, idleMs }: WatchOptions): Fetch {
  return async (url, init) => {
    const giveUp = new AbortController();
    const signals = init?.signal ? [init.signal, giveUp.signal] : [giveUp.signal];
    const quiet = clock.after(headersMs, () => giveUp.abort(new StalledAnswer(headersMs)));
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
      if (!response.body) return response;
      return new Response(watchBody(response.body, clock, idleMs), response);
    } finally {
      quiet();
    }
  };
}

function watchBody(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  idleMs: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const stalled = Promise.withResolvers<never>();
        const cancel = clock.after(idleMs, () => stalled.reject(new StalledAnswer(idleMs)));
        try {
          const { done, value } = await Promise.race([reader.read(), stalled.promise]);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          // Cancelling closes the connection; that it may fail too changes nothing.
          reader.cancel(error).catch(() => {});
          throw error;
        } finally {
          cancel();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Read only on demand: a chunk that waits in a queue would look like a live connection.
    { highWaterMark: 0 },
  );
}
