import type { ExchangeLine } from './cassette-format.ts';

/** A recorded exchange that no request asked for. */
export type UnusedExchange = { key: string; repeat: number; ask: number };

/** A request as it was recorded, put together again. */
export type RecordedRequest = {
  fields: Record<string, unknown>;
  messages: unknown[];
  breakpoints: { at: string; value: unknown }[];
};

/** The exchanges of one cassette, found by what was asked. */
export type Library = {
  add(line: ExchangeLine): void;
  /** The exchange of one request in one repeat; marks it as used. */
  take(key: string, repeat: number, ask: number): ExchangeLine | undefined;
  /** All exchanges with this request, whoever asked. */
  withKey(key: string): ExchangeLine[];
  /** All exchanges whose request extends that of `base`; with null, those that stand alone. */
  following(base: string | null): ExchangeLine[];
  /** The whole request behind a key that is in the library. */
  restore(key: string): RecordedRequest;
  unused(): UnusedExchange[];
};

/** A library of the given exchanges. A later exchange takes the place of an earlier one with the same key, repeat and ask. */
export function createLibrary(lines: readonly ExchangeLine[]): Library {
  const byPlace = new Map<string, ExchangeLine>();
  const byKey = new Map<string, ExchangeLine[]>();
  const byBase = new Map<string | null, ExchangeLine[]>();
  const used = new Set<string>();

  const placeOf = (key: string, repeat: number, ask: number) => `${key}:${repeat}:${ask}`;

  function add(line: ExchangeLine): void {
    byPlace.set(placeOf(line.key, line.repeat, line.ask), line);
    collect(byKey, line.key, line);
    collect(byBase, line.request.base, line);
  }
  for (const line of lines) add(line);

  function restore(key: string): RecordedRequest {
    const steps: ExchangeLine['request'][] = [];
    for (let at: string | null = key; at !== null; ) {
      const request: ExchangeLine['request'] | undefined = byKey.get(at)?.[0]?.request;
      // A chain longer than the library goes round in circles: somebody edited the file.
      if (!request || steps.length > byKey.size) throw new Error(`The request ${at} is not in the cassette.`);
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
    take(key, repeat, ask) {
      const place = placeOf(key, repeat, ask);
      const line = byPlace.get(place);
      if (line) used.add(place);
      return line;
    },
    withKey: (key) => byKey.get(key) ?? [],
    following: (base) => byBase.get(base) ?? [],
    unused: () =>
      [...byPlace]
        .filter(([place]) => !used.has(place))
        .map(([, { key, repeat, ask }]) => ({ key, repeat, ask })),
  };
}

function collect(map: Map<string | null, ExchangeLine[]>, key: string | null, line: ExchangeLine): void;
function collect(map: Map<string, ExchangeLine[]>, key: string, line: ExchangeLine): void;
function collect<K>(map: Map<K, ExchangeLine[]>, key: K, line: ExchangeLine): void {
  const list = map.get(key);
  if (list) list.push(line);
  else map.set(key, [line]);
}
