import {
  Client,
  type ElicitResult,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { isRecord, parseJson } from '../../json.ts';
import { seconds } from '../../numbers.ts';
import { describeStatus, describeType } from './http-transport.ts';
import { ConnectionFault, type RequestOptions } from './requests.ts';
import {
  answerTo,
  clientInfo,
  createInputGiver,
  longestMs,
  mostRounds,
  type OpenWire,
  refusal,
  unknownServer,
} from './wire.ts';

/** The revision without sessions and handshake. */
const modernRevision = '2026-07-28';

export { StreamableHTTPClientTransport as ModernHttpTransport };

const asSent = z.looseObject({});

/**
 * Speaks MCP from 2026-07-28 on, or with `auto` what the server speaks. The library writes version, client and capabilities
 * into each request. A server that asks for input gets what `input` has, and a call is then made again with it: the library would
 * do that too, without saying how often.
 */
export const openModernWire: OpenWire = async (transport, { era, discoverMs, signal, onError, input }) => {
  const mode = era === 'modern' ? { pin: modernRevision } : 'auto';
  const client = new Client(clientInfo, {
    versionNegotiation: { mode, probe: { timeoutMs: discoverMs } },
    inputRequired: { autoFulfill: false },
    ...(input && { capabilities: { elicitation: { form: {} } } }),
  });
  // An older server, which `auto` may find, asks by requests of its own.
  const giver = input && era === 'auto' ? createInputGiver(input) : undefined;
  if (giver)
    client.setRequestHandler('elicitation/create', ({ params }) => giver.answer(params) as ElicitResult);
  client.onerror = onError;
  await client.connect(transport as Transport, { timeout: longestMs, signal }).catch(explain);
  /** `limitMs` is what an error calls the limit, where only `timeoutMs` of it are left. */
  const ask = (
    method: string,
    params: object,
    { timeoutMs, signal: own }: RequestOptions,
    limitMs = timeoutMs,
  ) =>
    client
      .request({ method, params: { ...params } }, asSent, {
        timeout: timeoutMs,
        signal: own,
        allowInputRequired: true,
      })
      .catch((error: unknown) => explain(error, limitMs));
  return {
    protocolVersion: client.getNegotiatedProtocolVersion() ?? 'unknown',
    implementation: client.getServerVersion() ?? unknownServer,
    instructions: client.getInstructions(),
    request: (method, params, own) => ask(method, params, { timeoutMs: longestMs, signal: own }),
    callTool(params, { onRepeat, ...options }) {
      const call = async (): Promise<unknown> => {
        // All attempts of a call share its time.
        const { timeoutMs } = options;
        const deadline = performance.now() + timeoutMs;
        let result = await ask('tools/call', params, options);
        for (let round = 1; ; round += 1) {
          const given = answerTo(result, input);
          if (!given) return result;
          if (round > mostRounds) throw refusal(`the server asked for input more than ${mostRounds} times`);
          onRepeat?.();
          const left = { ...options, timeoutMs: Math.max(1, deadline - performance.now()) };
          result = await ask('tools/call', { ...params, ...given }, left, timeoutMs);
        }
      };
      return giver ? giver.during(call) : call();
    },
    onToolsChanged(listener) {
      client.setNotificationHandler('notifications/tools/list_changed', listener);
      const isTold =
        client.getProtocolEra() === 'modern' && client.getServerCapabilities()?.tools?.listChanged;
      // Without a session, notices come only to those who ask for them.
      if (isTold) client.listen({ toolsListChanged: true }).catch(onError);
    },
    close: () => client.close(),
  };
};

/** Throws an error of the library as the rest of the harness knows it: `McpError` is what the server answered. */
function explain(error: unknown, timeoutMs?: number): never {
  if (error instanceof ProtocolError) throw new McpError(error.code, error.message, error.data);
  if (!(error instanceof SdkError)) throw error;
  // How the connection ended is known better where it was seen to end.
  if (error.code === SdkErrorCode.EraNegotiationFailed && error.message.includes('the connection closed'))
    throw new McpError(ErrorCode.ConnectionClosed, error.message);
  if (error instanceof SdkHttpError) {
    const { text } = error.data;
    throw new ConnectionFault(describeStatus(error.status, typeof text === 'string' ? text : ''));
  }
  if (error.code === SdkErrorCode.ClientHttpUnexpectedContent) {
    const { contentType } = isRecord(error.data) ? error.data : {};
    throw new ConnectionFault(describeType(typeof contentType === 'string' ? contentType : null));
  }
  if (error.code === SdkErrorCode.InvalidResult) throw new ConnectionFault(describeInvalid(error.message));
  if (error.code === SdkErrorCode.RequestTimeout && timeoutMs !== undefined)
    throw new ConnectionFault(`it did not answer within ${seconds(timeoutMs)}`);
  throw new ConnectionFault(error.message);
}

const issues = z.array(
  z.looseObject({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }),
);

/** What the library says of a result that MCP does not allow: the first place where it does not, or why. */
function describeInvalid(message: string): string {
  const [, why = message] = /^Invalid result for [^:]*: (.*)$/s.exec(message) ?? [];
  const said = 'it answered with what MCP does not allow';
  const [first] = issues.safeParse(parseJson(why)).data ?? [];
  if (!first) return `${said}: ${why.split(' — ')[0]}`;
  return `${said}${first.path.length > 0 ? ` at ${first.path.join('.')}` : ''}: ${first.message}`;
}
