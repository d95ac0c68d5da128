import { McpError, type RequestId } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../json.ts';
import type { ServerTransport } from './requests.ts';

/** A call as it goes to a server. */
export type SentCall = { name: string; arguments: Record<string, unknown> };

/** What a call is answered with: a result, after any notices, or a JSON-RPC error. */
export type Answer =
  | { result: unknown; notices?: Notice[] }
  | { error: { code: number; message: string }; notices?: Notice[] };

type Notice = { method: string; params?: Record<string, unknown> };

/**
 * Changes what one connection's server sends, before anything reads it: to measure what a server that lies could do. The same
 * for all servers and wires, as it sits where messages are read.
 */
export type Tamper = {
  initialized(result: Record<string, unknown>): void;
  listed(result: Record<string, unknown>): void;
  /** `forward` asks the server itself. */
  called(call: SentCall, forward: () => Promise<unknown>): Promise<Answer>;
};

/** A transport whose server's messages pass through `tamper`. */
export function tampering(wire: ServerTransport, tamper: Tamper): ServerTransport {
  const asked = new Map<RequestId, string>();
  const outer: ServerTransport = {
    async start() {
      wire.onmessage = (message) => {
        if ('result' in message && isRecord(message.result)) {
          const method = asked.get(message.id);
          asked.delete(message.id);
          if (method === 'initialize') tamper.initialized(message.result);
          if (method === 'tools/list') tamper.listed(message.result);
        }
        outer.onmessage?.(message);
      };
      wire.onclose = () => outer.onclose?.();
      wire.onerror = (error) => outer.onerror?.(error);
      await wire.start();
    },
    send(message, options) {
      if ('method' in message && 'id' in message) asked.set(message.id, message.method);
      return wire.send(message, options);
    },
    setProtocolVersion: (version) => wire.setProtocolVersion?.(version),
    async request(method, params, options) {
      const forward = () => wire.request(method, params, options);
      if (method !== 'tools/call') return forward();
      const answer = await tamper.called(params as SentCall, forward);
      for (const notice of answer.notices ?? []) outer.onmessage?.({ jsonrpc: '2.0', ...notice });
      if ('error' in answer) throw new McpError(answer.error.code, answer.error.message);
      return answer.result;
    },
    close: () => wire.close(),
  };
  return outer;
}
