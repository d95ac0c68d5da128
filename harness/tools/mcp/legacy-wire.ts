import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  ElicitRequestSchema,
  type ElicitResult,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { createInputGiver } from './user-input.ts';
import { clientInfo, longestMs, type OpenWire, unknownServer } from './wire.ts';

/** Speaks MCP up to 2025-11-25. A server that asks for input gets what `input` has. */
export const openLegacyWire: OpenWire = async (transport, { signal, onError, input }) => {
  let protocolVersion = 'unknown';
  const tell = transport.setProtocolVersion;
  transport.setProtocolVersion = (version) => {
    protocolVersion = version;
    tell?.(version);
  };
  const client = new Client(clientInfo, input ? { capabilities: { elicitation: {} } } : {});
  const giver = input && createInputGiver(input);
  if (giver)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => giver.answer(params) as ElicitResult);
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
    callTool(params, options) {
      const call = () => transport.request('tools/call', params, options);
      return giver ? giver.during(call) : call();
    },
    onToolsChanged: (listener) => client.setNotificationHandler(ToolListChangedNotificationSchema, listener),
    close: () => client.close(),
  };
};
