import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countInput, createUsageCounter } from './cache-rule.ts';
import { checkCountRequest, checkRequest } from './check-request.ts';
import { createThinkingCheck } from './check-thinking.ts';
import { type Reply, refusal, tooManyRequests } from './reply.ts';
import { type Fields, isFields, type Violation } from './request.ts';
import { sendAnswer, sendRefusal } from './send.ts';
import { messageOf } from './wire.ts';

/** A request as the server received it. */
export type ReceivedRequest = { body: Fields; headers: Record<string, string | undefined> };

/** What to answer: one reply per valid request in order, or a function of the request and its number from 0. */
export type Script = readonly Reply[] | ((request: ReceivedRequest, index: number) => Reply | Promise<Reply>);

type MessagesApiOptions = {
  /** The only key that is accepted; any unless told otherwise. */
  apiKey?: string;
  /** Prefixes with fewer tokens are not cached. */
  minPrefixTokens?: number;
  /** After so many requests that were counted, the next is refused as one too many. */
  countsInARow?: number;
};

/** A Messages API on the loopback interface. Disposing it fails where a request broke the API's rules. */
type MessagesApi = AsyncDisposable & {
  /** The base URL for a client. */
  readonly url: string;
  /** Every request that arrived, also those that were rejected. */
  readonly requests: readonly ReceivedRequest[];
  /** The bodies that were to be counted, also those that were refused. */
  readonly counted: readonly Fields[];
  /** What the API would have rejected since the last call; a test that expects some takes them. */
  takeViolations(): Violation[];
  /** Throws what the API would have rejected. */
  assertNoViolations(): void;
  close(): Promise<void>;
};

/** The limit that the API documents for a request body. */
const mostBodyBytes = 32 * 2 ** 20;

/**
 * Starts a server that speaks `POST /v1/messages` as the provider does, from a script of replies, and `count_tokens` by the
 * declared rule. It answers a request that the API would reject with the API's error and remembers it as a violation.
 */
export async function startMessagesApi(
  script: Script,
  options: MessagesApiOptions = {},
): Promise<MessagesApi> {
  const requests: ReceivedRequest[] = [];
  let violations: Violation[] = [];
  const counted: Fields[] = [];
  let answered = 0;
  let countedInARow = 0;
  let failure: unknown = null;
  const thinking = createThinkingCheck();
  const usage = createUsageCounter(options.minPrefixTokens);

  async function next(request: ReceivedRequest): Promise<Reply> {
    const index = answered++;
    if (typeof script === 'function') return script(request, index);
    const reply = script[index];
    if (reply) return reply;
    const found = { path: 'script', message: `no reply for request ${index + 1} of ${script.length}` };
    violations.push(found);
    return refusal(400, `${found.path}: ${found.message}`);
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = `req_loopback_${requests.length + 1}`;
    const read = await readRequest(message, options.apiKey);
    if ('reply' in read) {
      if (read.violation) violations.push(read.violation);
      sendRefusal(response, read.reply.refusal, requestId);
      return;
    }
    const { request } = read;
    if (read.counts) {
      counted.push(request.body);
      sendCount(response, request.body, requestId);
      return;
    }
    requests.push(request);
    const found = [...checkRequest(request.body), ...thinking.check(request.body)];
    const [first] = found;
    if (first) {
      violations.push(...found);
      sendRefusal(response, refusal(400, `${first.path}: ${first.message}`).refusal, requestId);
      return;
    }
    const reply = await next(request);
    if ('reset' in reply) message.socket.resetAndDestroy();
    else if ('refusal' in reply) sendRefusal(response, reply.refusal, requestId);
    else if ('answer' in reply) {
      const { body } = request;
      const counts = usage.count(body, reply.answer.content);
      const id = `msg_loopback_${requests.length}`;
      const whole = messageOf(reply.answer, id, String(body.model), counts);
      const sent = await sendAnswer(response, reply.answer, whole, body.stream === true, requestId);
      if (sent) thinking.served(reply.answer.content);
    }
  }

  function sendCount(response: ServerResponse, body: Fields, requestId: string): void {
    const [first] = checkCountRequest(body);
    if (first) {
      violations.push(first);
      sendRefusal(response, refusal(400, `${first.path}: ${first.message}`).refusal, requestId);
    } else if (options.countsInARow === countedInARow) {
      countedInARow = 0;
      sendRefusal(response, tooManyRequests({ 'retry-after': '1' }).refusal, requestId);
    } else {
      countedInARow += 1;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ input_tokens: countInput(body) }));
    }
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      failure ??= error;
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  function assertNoViolations(): void {
    if (failure) throw failure;
    if (violations.length === 0) return;
    const lines = violations.map(({ path, message }) => `  ${path}: ${message}`);
    throw new Error(`The Messages API would have rejected:\n${lines.join('\n')}`);
  }

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    counted,
    assertNoViolations,
    close,
    takeViolations() {
      const taken = violations;
      violations = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await close();
      assertNoViolations();
    },
  };
}

/** A base URL where nothing listens: connections are refused. */
export async function refusingUrl(): Promise<string> {
  const api = await startMessagesApi([]);
  await api.close();
  return api.url;
}

type RefusalReply = Extract<Reply, { refusal: unknown }>;
type Read = { request: ReceivedRequest; counts: boolean } | { reply: RefusalReply; violation?: Violation };

async function readRequest(message: IncomingMessage, apiKey: string | undefined): Promise<Read> {
  const path = new URL(message.url ?? '/', 'http://localhost').pathname;
  const counts = path === '/v1/messages/count_tokens';
  if (message.method !== 'POST' || (path !== '/v1/messages' && !counts)) {
    return { reply: refusal(404, `${message.method} ${path} is not part of the API`) };
  }
  const headers = message.headers as Record<string, string | undefined>;
  const key = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
  if (!key) return { reply: refusal(401, 'x-api-key header is required') };
  // The echo is deliberate: a gateway may do it, and no message may carry it on.
  if (apiKey !== undefined && key !== apiKey) return { reply: refusal(401, `invalid x-api-key: ${key}`) };
  if (!headers['anthropic-version']) return reject('anthropic-version', 'header is required');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
  }
  if (size > mostBodyBytes)
    return { reply: refusal(413, 'Request exceeds the maximum allowed number of bytes') };
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isFields(body)
      ? { request: { body, headers }, counts }
      : reject('body', 'Input should be an object');
  } catch {
    return reject('body', 'The request body is not valid JSON');
  }
}

function reject(path: string, message: string): Read {
  return { reply: refusal(400, `${path}: ${message}`), violation: { path, message } };
}
