import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  ElicitRequestSchema,
  type ElicitResult,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { fillIn, mostRounds } from './user-input.ts';
import { clientInfo, longestMs, type OpenWire, unknownServer } from './wire.ts';

/**
 * Speaks MCP up to 2025-11-25. A server that asks for input does not say for which call: it may ask `mostRounds` times for each that is
 * under way, and is declined after that and outside of calls.
 */
export const openLegacyWire: OpenWire = async (transport, { signal, onError, input }) => {
  let protocolVersion = 'unknown';
  const tell = transport.setProtocolVersion;
  transport.setProtocolVersion = (version) => {
    protocolVersion = version;
    tell?.(version);
  };
  const client = new Client(clientInfo, input ? { capabilities: { elicitation: {} } } : {});
  let callsUnderWay = 0;
  let roundsLeft = 0;
  if (input)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      if (roundsLeft === 0) return { action: 'decline' };
      roundsLeft -= 1;
      return fillIn(input, params) as ElicitResult;
    });
  client.onerror = onError;
  await client.connect(transport, { timeout: longestMs, signal });
  return {
    protocolVersion,
    implementation: client.getServerVersion() ?? unknownServer,
    instructions: client.getInstructions(),
    request: (method, params, requestSignal) =>
      client.request({ method, params: { ...params } }, ResultSchema, {
        timeout: longestMs,
        signal: requestSignal,
      }),
    async callTool(params, options) {
      callsUnderWay += 1;
      roundsLeft += mostRounds;
      try {
        return await transport.request('tools/call', params, options);
      } finally {
        callsUnderWay -= 1;
        roundsLeft = Math.min(roundsLeft, callsUnderWay * mostRounds);
      }
    },
    onToolsChanged: (listener) => client.setNotificationHandler(ToolListChangedNotificationSchema, listener),
    close: () => client.close(),
  };
};
