import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { InfrastructureError, messageOf } from '../../errors.ts';
import type { Model, ModelMiddleware } from '../../meter/model.ts';
import type { Evidence } from '../../results/codes.ts';
import type { ModelRequest, ModelResponse } from '../../results/messages.ts';
import { createAssembler } from './anthropic-answer.ts';
import {
  exchangeOf,
  failureOfReply,
  noteExchange,
  PromptTooLongError,
  type WireAnswer,
} from './anthropic-exchange.ts';
import { type ExchangeLine, openWriter, readCassette, replaceCassette } from './cassette-file.ts';
import {
  createRequestKeyer,
  fieldsOf,
  messageWithoutBreakpoints,
  missOf,
  type RecordedRequest,
  type RequestKey,
} from './cassette-request.ts';
import { createHiding, type Hiding, type StandIns } from './cassette-secrets.ts';

/** `strict` only replays, `auto` asks for what is missing and records it, `record` asks always. */
export type CassetteMode = 'auto' | 'strict' | 'record';

type CassetteOptions = {
  /** One file per scenario, parameters, variant and model: trials of different variants never share an answer. */
  file: string;
  mode: CassetteMode;
  /** Values that must not reach the file, such as the API key. */
  secrets?: readonly string[];
  /** In `record`: continue what an interrupted run left, instead of starting again. */
  resume?: boolean;
};

/** A file of recorded exchanges. */
export type Cassette = Awaited<ReturnType<typeof openCassette>>;

/** The recordings of one trial. */
export type CassetteSession = ReturnType<Cassette['session']>;

/** Where a recording is collected until all its trials have ended. */
export function recordingOf(file: string): string {
  return `${file}.recording`;
}

/**
 * Opens a cassette. The key of an exchange is the SHA-256 of the canonical request, plus the repeat that asked, plus how
 * often that repeat had asked the same before.
 */
export async function openCassette(options: CassetteOptions) {
  const { file, mode, secrets = [], resume = false } = options;
  const recording = mode === 'record' ? recordingOf(file) : file;
  const fresh = mode === 'record' && !resume;
  const content = fresh ? { exchanges: [], wholeBytes: 0 } : await readCassette(recording);
  const library = createLibrary(content.exchanges);
  const openOnce = () => openWriter(recording, content.wholeBytes, secrets);
  let writer = mode === 'record' ? openOnce() : null;

  function append(line: ExchangeLine): void {
    writer?.append(line);
    library.add(line);
    library.take(line.key, line.repeat, line.ask);
  }

  /**
   * Begins a trial. `repeat` is its number among the repeats of the same trial; only one session of it may be open.
   * `standIns` are written in the place of the secrets of its servers.
   */
  function session(repeat: number, standIns?: StandIns) {
    const hiding = createHiding(standIns);
    const keyOf = createRequestKeyer(hiding.hide);
    const asks = new Map<string, number>();
    const counts = { replayed: 0, live: 0 };
    // The request before, where it is in the file.
    let previous: string | null = null;

    /** Goes outermost, around retries, so that only whole answers are recorded. */
    const middleware: ModelMiddleware = (next) => ({
      id: next.id,
      // A trial is live only if every answer was: with one replayed answer in it, its latency and independence are gone.
      get evidence(): Evidence {
        if (mode === 'strict' || counts.replayed > 0) return 'replayed';
        return next.evidence;
      },
      close: () => next.close(),
      async respond(request, signal) {
        signal.throwIfAborted();
        const asked = keyOf(request);
        const { key } = asked;
        const base = previous;
        previous = null;
        const ask = asks.get(key) ?? 0;
        const place = { key, repeat, ask };
        const remember = () => {
          asks.set(key, ask + 1);
          previous = key;
        };

        const line = mode === 'record' ? undefined : library.take(key, repeat, ask);
        if (line) {
          remember();
          counts.replayed++;
          return replay(line, request.model, hiding.revealPayload);
        }
        if (mode === 'strict') {
          const at = { file, ...place, previous: base, replayedBefore: counts.replayed };
          throw missOf(request, at, library, hiding.hide);
        }

        // Before anything is spent: an answer that cannot be written would be paid for and lost.
        writer ??= openOnce();
        const stored = storeRequest(request, asked, base, hiding.hide);
        const record = (answer: WireAnswer, usage: ExchangeLine['usage']) => {
          const { payload, ...wire } = answer;
          const recordedAt = new Date().toISOString();
          const written = hiding.hidePayload(payload);
          append({ ...place, recordedAt, ...wire, usage, request: stored, ...written });
          remember();
        };
        try {
          const response = await next.respond(request, signal);
          const exchange = exchangeOf(response);
          if (exchange?.evidence !== 'live') throw new Error('Only live answers can be recorded.');
          counts.live++;
          record(exchange.answer, response.usage && { ...response.usage });
          return response;
        } catch (error) {
          // The only refusal that the same request would meet again, and that is a result of the trial.
          if (error instanceof PromptTooLongError && error.answer) {
            counts.live++;
            record(error.answer, null);
          }
          throw error;
        }
      },
    });
    return {
      middleware,
      /** Round trips so far, by where the answer came from. */
      counts: () => ({ ...counts }),
    };
  }

  return {
    session,
    /** What was recorded earlier and asked for by no session since the cassette was opened. */
    unused: () => library.unused(),
    /** `complete` puts what `record` collected in the place of the file; `partial` leaves the file as it was. */
    async close(outcome: 'complete' | 'partial'): Promise<void> {
      writer?.close();
      if (mode === 'record' && outcome === 'complete') await replaceCassette(recording, file);
    },
  };
}

/** Finds exchanges by what was asked. A later exchange takes the place of an earlier one with the same key, repeat and ask. */
function createLibrary(lines: readonly ExchangeLine[]) {
  const byPlace = new Map<string, ExchangeLine>();
  /** By key, the request of the first exchange with it. */
  const requests = new Map<string, ExchangeLine['request']>();
  const used = new Set<string>();

  const placeOf = (key: string, repeat: number, ask: number) => `${key}:${repeat}:${ask}`;

  function add(line: ExchangeLine): void {
    byPlace.set(placeOf(line.key, line.repeat, line.ask), line);
    if (!requests.has(line.key)) requests.set(line.key, line.request);
  }
  for (const line of lines) add(line);

  function restore(key: string): RecordedRequest {
    const steps: ExchangeLine['request'][] = [];
    for (let at: string | null = key; at !== null; ) {
      const request: ExchangeLine['request'] | undefined = requests.get(at);
      // A chain longer than the library goes round in circles: somebody edited the file.
      if (!request || steps.length > requests.size)
        throw new Error(`The request ${at} is not in the cassette.`);
      steps.push(request);
      at = request.base;
    }
    const restored: RecordedRequest = { fields: {}, messages: [], breakpoints: [] };
    for (const step of steps.reverse()) {
      if (step.fields) restored.fields = step.fields;
      restored.messages.length = Math.min(step.keep, restored.messages.length);
      restored.messages.push(...step.messages);
      restored.breakpoints = step.breakpoints;
    }
    return restored;
  }

  return {
    add,
    restore,
    /** The exchange of one request in one repeat; marks it as used. */
    take(key: string, repeat: number, ask: number) {
      const place = placeOf(key, repeat, ask);
      const line = byPlace.get(place);
      if (line) used.add(place);
      return line;
    },
    withKey: (key: string) => [...byPlace.values()].filter((line) => line.key === key),
    following: (base: string | null) => [...byPlace.values()].filter(({ request }) => request.base === base),
    unused: () => [...byPlace].filter(([place]) => !used.has(place)).map(([, line]) => line),
  };
}

function storeRequest(
  request: ModelRequest,
  { shared, sameFields, breakpoints }: RequestKey,
  base: string | null,
  hide: Hiding['hide'],
): ExchangeLine['request'] {
  const keep = base === null ? 0 : shared;
  return {
    base,
    keep,
    fields: base !== null && sameFields ? null : hide(fieldsOf(request)),
    messages: request.messages.slice(keep).map((message) => hide(messageWithoutBreakpoints(message))),
    breakpoints,
  };
}

/**
 * The response that a recorded exchange stands for, put together by the same code as a live one. Throws what was thrown
 * when it was recorded. `reveal` puts back what was hidden. A replay has no latency: `measuredMs` of its exchange is null.
 */
function replay(line: ExchangeLine, model: string, reveal: Hiding['revealPayload']): ModelResponse {
  const { status, headers, origin, apiVersion, sdkVersion } = line;
  const payload = reveal(line.events ? { events: line.events } : { body: line.body });
  if (status !== 200) {
    const body = 'body' in payload ? payload.body : undefined;
    throw failureOfReply(
      { status, body, headers: new Headers(headers), usage: 'none' },
      { model, baseURL: origin, secrets: [] },
    );
  }
  const response = assemble(payload, line.key);
  noteExchange(response, {
    evidence: 'replayed',
    answer: { status, headers, origin, apiVersion, sdkVersion, payload },
    measuredMs: null,
  });
  return response;
}

/** Stands where a live model would, for a cassette that never asks one. */
export function noLiveModel(id: string): Model {
  return {
    id,
    evidence: 'replayed',
    respond: async () => {
      throw new InfrastructureError(`There is no live model behind the recordings of ${id}.`);
    },
    close: async () => {},
  };
}

function assemble(payload: WireAnswer['payload'], key: string): ModelResponse {
  try {
    const assembler = createAssembler();
    const events = 'events' in payload ? payload.events : [];
    for (const { data } of events) assembler.add(data as RawMessageStreamEvent);
    return assembler.finish();
  } catch (error) {
    throw new InfrastructureError(
      `The recorded exchange ${key.slice(0, 12)} is not a whole answer: ${messageOf(error)}. Record it again.`,
    );
  }
}
