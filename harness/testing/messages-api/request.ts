/** A JSON object as it came over the wire. */
export type Fields = { [name: string]: unknown };

/** One content block of a request. */
export type RequestBlock = Fields & { type: string };

/** One message of a request, its content always as blocks. */
export type RequestMessage = { role: string; blocks: RequestBlock[]; path: string };

/** What the API would have rejected, in the API's own words, with where it was found. */
export type Violation = { path: string; message: string };

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The content of a message as blocks: a string is one text block. */
export function blocksOf(content: unknown): RequestBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter((block): block is RequestBlock => isFields(block) && typeof block.type === 'string');
}

/** The messages of a request. Content that is no list of blocks is reported elsewhere and read as empty here. */
export function messagesOf(body: Fields): RequestMessage[] {
  if (!Array.isArray(body.messages)) return [];
  return body.messages.filter(isFields).map((message, i) => ({
    role: String(message.role),
    blocks: blocksOf(message.content),
    path: `messages.${i}`,
  }));
}
