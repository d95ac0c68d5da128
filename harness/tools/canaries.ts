import type { CanaryReport } from '../results/world.ts';
import type { Connections } from './mcp/connections.ts';
import { toValue } from './mcp/surface.ts';
import { everywhere, type FieldsByTool, fieldsIn, fieldsOf, type Volatile } from './work-recorder.ts';

/** By server and tool, where results hold what no model need see: fields as in a scenario's `volatile`, or patterns of text. */
export type CanaryFields = FieldsByTool;

/** Characters of the shortest value that is looked for: shorter ones are met by chance. It is also how texts are scanned. */
const shortest = 6;

/**
 * Counts which values a model is shown that its answer does not need. The values are those that servers return in declared
 * fields, so they follow from the seed of the data. A value counts where it stands whole in a text.
 */
export class Canaries {
  readonly #fields: CanaryFields;
  readonly #values = new Set<string>();
  /** Values as they stand in JSON, by their first characters. */
  readonly #byStart = new Map<string, string[]>();
  readonly #reached = new Set<string>();
  /** Bytes of canaries in the prompt so far, which every further request sends again. */
  #inPrompt = 0;
  #bytes = 0;

  constructor(fields: CanaryFields) {
    this.#fields = fields;
  }

  /** The same connections, whose results are looked through for values. */
  readonly watch = (connections: Pick<Connections, 'call'>): Pick<Connections, 'call'> => ({
    call: async (tool, ...rest) => {
      const result = await connections.call(tool, ...rest);
      const fields = fieldsOf(tool.server, tool.name, this.#fields);
      if (fields && !result.isError) this.#collect(result.text, fields);
      return result;
    },
  });

  /** Takes note of what one request brings into the prompt for the first time. */
  request(texts: readonly string[]): void {
    for (const text of texts) {
      for (const value of this.#find(text)) {
        this.#reached.add(value);
        this.#inPrompt += Buffer.byteLength(value);
      }
    }
    this.#bytes += this.#inPrompt;
  }

  report(): CanaryReport {
    return { returned: this.#values.size, reached: this.#reached.size, bytes: this.#bytes };
  }

  #collect(text: string, fields: Volatile): void {
    const value = toValue(text);
    if (typeof value === 'object') {
      fieldsIn(value, fields, (_, found) => {
        if (typeof found === 'string') this.#add(JSON.stringify(found).slice(1, -1));
      });
    }
    for (const part of fields) {
      if (part instanceof RegExp) for (const [found] of text.matchAll(everywhere(part))) this.#add(found);
    }
  }

  #add(value: string): void {
    if (value.length < shortest || this.#values.has(value)) return;
    this.#values.add(value);
    const start = value.slice(0, shortest);
    const alike = this.#byStart.get(start);
    if (alike) alike.push(value);
    else this.#byStart.set(start, [value]);
  }

  /** Every place where a value stands in a text; of values that begin alike, the longest. */
  *#find(text: string): Generator<string> {
    for (let at = 0; at + shortest <= text.length; at += 1) {
      const alike = this.#byStart.get(text.slice(at, at + shortest)) ?? [];
      const found = alike.filter((value) => text.startsWith(value, at));
      const [longest] = found.sort((a, b) => b.length - a.length);
      if (longest === undefined) continue;
      yield longest;
      at += longest.length - 1;
    }
  }
}
