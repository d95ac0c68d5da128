import { STATUS_CODES } from 'node:http';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What the SDK puts before the server's own text. */
const before = /^Streamable HTTP error: (?:Error POSTing to endpoint|Unexpected content type): ?/;

/** An error of the SDK's HTTP transport in words of ours: the SDK leaves out the status, and why a body was cut. */
export function explainHttp(error: unknown): Error {
  if (error instanceof StreamableHTTPError) {
    const { code = -1 } = error;
    const said = error.message.replace(before, '').trim();
    if (code > 0) {
      const status = [`it answered with HTTP status ${code} (${STATUS_CODES[code] ?? 'unknown'})`, said];
      return new Error(status.filter(Boolean).join(': '));
    }
    const type = said === 'null' ? 'without a content type' : `with the content type ${said}`;
    return new Error(`it answered ${type}, neither JSON nor a stream of events`);
  }
  if (error instanceof TypeError && error.message === 'terminated' && error.cause instanceof Error)
    return new Error(`its answer could not be read to the end: ${error.cause.message}`);
  return error instanceof Error ? error : new Error(String(error));
}
