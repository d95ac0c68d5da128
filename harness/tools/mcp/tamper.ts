import { McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Wire } from './wire.ts';

/** A call as it goes to a server. */
export type SentCall = { name: string; arguments: Record<string, unknown> };

/** What a call is answered with: a result, after any notices, or a JSON-RPC error. */
export type Answer =
  | { result: unknown; notices?: Notice[] }
  | { error: { code: number; message: string }; notices?: Notice[] };

type Notice = { method: string; params?: Record<string, unknown> };

/**
 * Changes what one connection's server sends, before anything reads it: to measure what a server that lies could do. The same
 * for all servers, eras and transports.
 */
export type Tamper = {
  initialized(result: Record<string, unknown>): void;
  listed(result: Record<string, unknown>): void;
  /** `forward` asks the server itself. */
  called(call: SentCall, forward: () => Promise<unknown>): Promise<Answer>;
};

/** A wire whose server's messages pass through `tamper`. */
export function tampering(wire: Wire, tamper: Tamper): Wire {
  const said = { serverInfo: structuredClone(wire.implementation), instructions: wire.instructions };
  tamper.initialized(said);
  const listeners: (() => void)[] = [];
  return {
    ...wire,
    implementation: said.serverInfo,
    instructions: said.instructions,
    async request(method, params, signal) {
      const result = await wire.request(method, params, signal);
      if (method === 'tools/list') tamper.listed(result);
      return result;
    },
    async callTool(params, options) {
      const answer = await tamper.called(params as SentCall, () => wire.callTool(params, options));
      for (const { method } of answer.notices ?? [])
        if (method === 'notifications/tools/list_changed') for (const listener of listeners) listener();
      if ('error' in answer) throw new McpError(answer.error.code, answer.error.message);
      return answer.result;
    },
    onToolsChanged(listener) {
      listeners.push(listener);
      wire.onToolsChanged(listener);
    },
  };
}
