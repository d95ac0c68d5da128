import { createResponder, createWire, type Mode } from '../messages/mode.ts';
import type { Exchange, HttpMode } from './mode.ts';

const lineEnd = 0x0a;

/**
 * Speaks a mode over HTTP. What it answers with one message is a JSON body, as most servers send it; all else is a stream of
 * events, one a line. A line that has no end yet keeps the stream open.
 */
export function overHttp(mode: Mode): HttpMode {
  const { start } = mode;
  let respond = createResponder(mode);
  const speak = ({ request, response }: Exchange) => {
    if (request.method === 'initialize') respond = createResponder(mode);
    const said: Uint8Array[] = [];
    let write = (bytes: string | Uint8Array): void => {
      said.push(Buffer.from(bytes));
    };
    respond(
      request,
      createWire((bytes) => write(bytes)),
    );
    const whole = Buffer.concat(said);
    if (whole.indexOf(lineEnd) === whole.length - 1 && whole.length > 0) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
      return;
    }
    write = openStream(response);
    write(whole);
    if (whole.at(-1) === lineEnd) response.end();
  };
  return {
    ...mode,
    initialize: speak,
    list: speak,
    call: speak,
    ...(start && { get: ({ response }) => start(createWire(openStream(response))) }),
  };
}

/** Begins a stream of events. Returns what writes to it, each line as an event of its own. */
function openStream(response: Exchange['response']): (bytes: string | Uint8Array) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  let atStart = true;
  return (bytes) => {
    const chunk = Buffer.from(bytes);
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(lineEnd, from);
      if (atStart) response.write('data: ');
      response.write(chunk.subarray(from, end < 0 ? chunk.length : end));
      atStart = end >= 0;
      if (atStart) response.write('\n\n');
      from = end < 0 ? chunk.length : end + 1;
    }
  };
}
