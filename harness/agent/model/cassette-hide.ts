import { mapTexts } from '../../json.ts';
import type { StandIns } from '../../tools/mcp/stand-ins.ts';
import type { TimedEvent, WireAnswer } from './anthropic-exchange.ts';

type Payload = WireAnswer['payload'];

/**
 * How the recordings of one trial keep the secrets of its servers out. A model is shown what its servers really say: a path
 * or a region from a variable is a secret here and the task's material there, so a model without it would be measured
 * at another task. Only what is written, and the key that it is found by, have marks instead. What a replayed model says
 * has the values again, because its calls go to real servers.
 */
export type Hiding = {
  /** A value without secrets, names of members included. */
  hide<T>(value: T): T;
  hidePayload(payload: Payload): Payload;
  revealPayload(payload: Payload): Payload;
};

/** Hides nothing where there are no secrets. */
export function createHiding(standIns: StandIns | undefined): Hiding {
  if (!standIns) {
    return { hide: (value) => value, hidePayload: (payload) => payload, revealPayload: (payload) => payload };
  }
  const { hide, reveal } = standIns;
  const hideIn = <T>(value: T) => mapTexts(value, hide) as T;
  return {
    hide: hideIn,
    hidePayload: (payload) =>
      hideIn('events' in payload ? { events: joinWhereSplit(payload.events, hide) } : payload),
    revealPayload: (payload) => mapTexts(payload, reveal) as Payload,
  };
}

/** The members of deltas in which a text arrives in pieces. */
const pieces = ['text', 'thinking', 'partial_json'] as const;

type Piece = { delta: Record<string, unknown>; name: (typeof pieces)[number]; text: string };

/** The same events, with a text in one piece where a secret in it was split over several; the others are then empty. */
function joinWhereSplit(events: readonly TimedEvent[], hide: (text: string) => string): TimedEvent[] {
  const copies = structuredClone(events) as TimedEvent[];
  const blocks = new Map<string, Piece[]>();
  for (const { data } of copies) {
    const { index, delta } = data as { index?: number; delta?: Record<string, unknown> };
    for (const name of pieces) {
      const text = delta?.[name];
      if (!delta || typeof text !== 'string') continue;
      const place = `${index} ${name}`;
      const before = blocks.get(place);
      if (before) before.push({ delta, name, text });
      else blocks.set(place, [{ delta, name, text }]);
    }
  }
  for (const block of blocks.values()) {
    const whole = block.map(({ text }) => text).join('');
    if (hide(whole) === block.map(({ text }) => hide(text)).join('')) continue;
    for (const [at, { delta, name }] of block.entries()) delta[name] = at === 0 ? whole : '';
  }
  return copies;
}
