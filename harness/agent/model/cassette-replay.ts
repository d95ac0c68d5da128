import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { InfrastructureError, messageOf } from '../../errors.ts';
import type { Model } from '../../meter/model.ts';
import type { ModelResponse } from '../../results/messages.ts';
import { createAssembler, responseOfBody } from './anthropic-assemble.ts';
import { noteExchange, type WireAnswer } from './anthropic-exchange.ts';
import { failureOfReply } from './anthropic-failure.ts';
import type { ExchangeLine } from './cassette-format.ts';
import type { Hiding } from './cassette-hide.ts';

/**
 * The response that a recorded exchange stands for, put together by the same code as a live one. Throws what was thrown
 * when it was recorded. `reveal` puts back what was hidden. A replay has no latency: `measuredMs` of its exchange is null.
 */
export function replay(line: ExchangeLine, model: string, reveal: Hiding['revealPayload']): ModelResponse {
  const { status, headers, origin, apiVersion, sdkVersion } = line;
  const payload = reveal(
    line.events
      ? { events: line.events.map(({ offsetMs, data }) => ({ offsetMs, data })) }
      : { body: line.body },
  );
  if (status !== 200) {
    const body = 'body' in payload ? payload.body : undefined;
    throw failureOfReply(
      { status, body, headers: new Headers(headers), usage: 'none' },
      { model, baseURL: origin, keyVariable: '', secrets: [], now: 0 },
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
    if ('body' in payload) return responseOfBody(payload.body);
    const assembler = createAssembler();
    for (const { data } of payload.events) assembler.add(data as RawMessageStreamEvent);
    return assembler.finish();
  } catch (error) {
    throw new InfrastructureError(
      `The recorded exchange ${key.slice(0, 12)} is not a whole answer: ${messageOf(error)}. Record it again.`,
    );
  }
}
