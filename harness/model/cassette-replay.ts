import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { InfrastructureError, messageOf } from '../errors.ts';
import { createAssembler, responseOfBody } from './anthropic-assemble.ts';
import { noteExchange, type WireAnswer } from './anthropic-exchange.ts';
import { failureOfReply } from './anthropic-failure.ts';
import type { ExchangeLine } from './cassette-format.ts';
import type { Model, ModelResponse } from './model.ts';

/**
 * The response that a recorded exchange stands for, put together by the same code as a live one. Throws what was thrown
 * when it was recorded. A replay has no latency: `measuredMs` of its exchange is null.
 */
export function replay(line: ExchangeLine, model: string): ModelResponse {
  if (line.status !== 200) {
    throw failureOfReply(
      {
        status: line.status,
        body: line.body,
        headers: new Headers(line.headers),
        usage: 'none',
      },
      { model, baseURL: line.origin, keyVariable: '', secrets: [], now: 0 },
    );
  }
  const response = assemble(line);
  const { status, headers, origin, apiVersion, sdkVersion } = line;
  const payload: WireAnswer['payload'] = line.events
    ? { events: line.events.map(({ offsetMs, data }) => ({ offsetMs, data })) }
    : { body: line.body };
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

function assemble(line: ExchangeLine): ModelResponse {
  try {
    if (!line.events) return responseOfBody(line.body);
    const assembler = createAssembler();
    for (const { data } of line.events) assembler.add(data as RawMessageStreamEvent);
    return assembler.finish();
  } catch (error) {
    throw new InfrastructureError(
      `The recorded exchange ${line.key.slice(0, 12)} is not a whole answer: ${messageOf(error)}. Record it again.`,
    );
  }
}
