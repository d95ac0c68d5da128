import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { InfrastructureError } from '../errors.ts';

const stderrKept = 2_000;
const mostRemarks = 3;
const remarkKept = 200;

/** Gathers what a server lets slip, so that the error of a failure can say what the server itself said of it. */
export function createFaultReport(server: string, address: string) {
  const garbage: string[] = [];
  const remarks: string[] = [];
  let unasked = false;
  let stderr = '';
  let excess: Error | undefined;
  let end: Error | undefined;

  const keep = (list: string[], text: string) => {
    if (list.length < mostRemarks) list.push(text.slice(0, remarkKept));
  };

  return {
    onStderr(text: string): void {
      stderr = (stderr + text).slice(-stderrKept);
    },
    onExcess(error: Error): void {
      excess = error;
    },
    onEnd(error: Error): void {
      end = error;
    },
    /** Takes what the SDK's client reports beside the calls; only some of it is about what the server answered. */
    onError(error: Error): void {
      if (error instanceof SyntaxError || error instanceof z.core.$ZodError)
        keep(garbage, describeError(error));
      else if (error.message.startsWith('Received a response for an unknown message ID')) unasked = true;
      else keep(remarks, describeError(error));
    },

    /** Says what failed, with what the server itself said of it. */
    fault(doing: string, met: unknown): InfrastructureError {
      // What closed the connection says more than that it is closed.
      const error = excess ?? (end && saysOnlyClosed(met) ? end : met);
      const reason = describeError(error);
      const others = remarks.filter((remark) => !reason.startsWith(remark));
      const said = [
        garbage.length > 0 ? `It answered what is not JSON-RPC: ${garbage.join(' | ')}` : '',
        unasked ? 'It answered what was not asked, or a request twice or too late.' : '',
        others.length > 0 ? `The connection reported: ${others.join(' | ')}` : '',
        stderr.trim() ? `Its standard error ends: ${stderr.trim().split('\n').slice(-5).join(' | ')}` : '',
      ].filter(Boolean);
      return new InfrastructureError(
        [`Server "${server}" (${address}) ${doing}: ${reason}.`, ...said].join('\n  '),
        {
          cause: error,
        },
      );
    },
  };
}

/** True for the SDK's ways to say that there is no connection, which leave out why. */
function saysOnlyClosed(error: unknown): boolean {
  if (error instanceof McpError) return error.code === ErrorCode.ConnectionClosed;
  return error instanceof Error && error.message === 'Not connected';
}

/** An error in one line; of a message that breaks MCP's schema, the first place where it does. */
function describeError(error: unknown): string {
  if (error instanceof z.core.$ZodError) {
    const [issue] = error.issues;
    const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
    return `it answered with what MCP does not allow${place}: ${issue?.message ?? 'invalid'}`;
  }
  return error instanceof Error ? error.message.replace(/^MCP error -?\d+: /, '') : String(error);
}
