import type { ToolParam } from '../model/model.ts';

export const readResult = 'read_result';
export const searchResult = 'search_result';

/**
 * The longest result that is shown whole: 25,000 tokens, which is what clients allow (MAX_MCP_OUTPUT_TOKENS of Claude Code),
 * at the four characters a token by which a client without the model's tokenizer estimates.
 */
export const longestShown = 100_000;

const previewCharacters = 500;
const matchCharacters = 200;
const matchesShown = 20;

/** The tools by which a model gets at results that were too long. */
export const spillTools: ToolParam[] = [
  {
    name: readResult,
    description: `Reads a part of a result that was too long to be shown. At most ${longestShown} characters at once.`,
    input_schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'The file that the result was saved as.' },
        offset: { type: 'integer', minimum: 0, description: 'The first character, counted from 0.' },
        limit: { type: 'integer', minimum: 1, maximum: longestShown, description: 'How many characters.' },
      },
      required: ['path', 'offset', 'limit'],
    },
  },
  {
    name: searchResult,
    description: `Finds a text in a result that was too long to be shown, whatever its case. Gives the first ${matchesShown} places with what stands around them.`,
    input_schema: {
      type: 'object',
      properties: { path: { type: 'string' }, query: { type: 'string', minLength: 1 } },
      required: ['path', 'query'],
    },
  },
];

/** Where a notice says a result went, and how long it is. */
export type Spilled = { path: string; characters: number };

/** Reads the notice that stands in place of a long result; undefined for any other text. */
export function readNotice(text: string): Spilled | undefined {
  const match = /^Too long to show: (\d+) characters, saved as (result-\d+\.\w+)\./.exec(text);
  return match ? { characters: Number(match[1]), path: match[2] ?? '' } : undefined;
}

/** The results of one trial that were too long to show. Offsets count UTF-16 code units and never cut a character in two. */
export class SpillFiles {
  readonly #files = new Map<string, string>();

  /** Saves a result; returns the notice that the model is shown instead. */
  save(text: string, isJson: boolean): string {
    const path = `result-${this.#files.size + 1}.${isJson ? 'json' : 'txt'}`;
    this.#files.set(path, text);
    return `Too long to show: ${text.length} characters, saved as ${path}. Read parts with ${readResult}, or find text with ${searchResult}. It begins:\n${text.slice(0, whole(text, previewCharacters))}`;
  }

  read(input: { path?: unknown; offset?: unknown; limit?: unknown }): { text: string; isError: boolean } {
    const { offset, limit } = input;
    const file = this.#find(input.path);
    if (file === undefined) return this.#notFound();
    if (!isCount(offset) || !isCount(limit) || limit < 1 || limit > longestShown) {
      return {
        text: `offset and limit are whole numbers; limit is from 1 to ${longestShown}.`,
        isError: true,
      };
    }
    return { text: file.slice(whole(file, offset), whole(file, offset + limit)), isError: false };
  }

  search(input: { path?: unknown; query?: unknown }): { text: string; isError: boolean } {
    const file = this.#find(input.path);
    if (file === undefined) return this.#notFound();
    if (typeof input.query !== 'string' || input.query === '') {
      return { text: 'query: expected some text', isError: true };
    }
    const [haystack, needle] = [file.toLowerCase(), input.query.toLowerCase()];
    const places: string[] = [];
    let at = haystack.indexOf(needle);
    while (at >= 0 && places.length < matchesShown) {
      const from = whole(file, Math.max(0, at - matchCharacters));
      places.push(`${at}: ${file.slice(from, whole(file, at + needle.length + matchCharacters))}`);
      at = haystack.indexOf(needle, at + needle.length);
    }
    const more = at >= 0 ? `\nMore matches follow from ${at} on.` : '';
    return { text: places.length > 0 ? `${places.join('\n')}${more}` : 'Not found.', isError: false };
  }

  #find(path: unknown): string | undefined {
    return typeof path === 'string' ? this.#files.get(path) : undefined;
  }

  #notFound() {
    return {
      text: `No such file. There are: ${[...this.#files.keys()].join(', ') || 'none'}.`,
      isError: true,
    };
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The position, or the one before where it would stand inside a surrogate pair. */
function whole(text: string, position: number): number {
  const before = text.charCodeAt(position - 1);
  const isInside = position > 0 && position < text.length && before >= 0xd800 && before < 0xdc00;
  return isInside ? position - 1 : position;
}
