import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { InfrastructureError } from '../../errors.ts';
import { showUntrusted } from '../../visible.ts';
import { unknownId } from './requests.ts';
import { type Redact, redactBeginning } from './secrets.ts';

const stderrShown = 2_000;
const mostRemarks = 3;
const remarkShown = 200;
const doingShown = 200;

/** What is read of a text, so that a secret at the end of what is shown is met whole. */
const mostRead = 64 * 1024;

/**
 * Gathers what a server lets slip, so that the error of a failure can say what the server itself said of it. All of it is
 * shown without secrets, escaped, and capped.
 */
export function createFaultReport(server: string, address: string, redact: Redact = (text) => text) {
  const garbage: string[] = [];
  const remarks: string[] = [];
  let unasked = false;
  let last: string | undefined;
  let stderr = '';
  let excess: Error | undefined;
  let end: Error | undefined;

  /** A text of the server on one line. */
  const quote = (text: string, limit?: number) =>
    showUntrusted(redactBeginning(text, mostRead, redact).replaceAll(/\s*[\r\n]+\s*/g, ' | '), limit);
  const keep = (list: string[], text: string) => {
    // A million of them must cost no more than to be read.
    if (list.length >= mostRemarks || text === last) return;
    last = text;
    const remark = quote(text, remarkShown);
    if (!list.includes(remark)) list.push(remark);
  };

  return {
    onStderr(text: string): void {
      stderr += text;
      // Without secrets, so that none is cut in two, whose end would stay.
      if (stderr.length > 2 * mostRead) stderr = redact(stderr).slice(-mostRead);
    },
    onExcess(error: Error): void {
      excess = error;
    },
    onEnd(error: Error): void {
      end = error;
    },
    /** Takes what the SDK's client reports beside the calls; only some of it is about what the server answered. */
    onError(error: Error): void {
      // What was called off by this side says nothing of the server.
      if (error.name === 'AbortError') return;
      if (error.message.startsWith(unknownId)) unasked = true;
      else if (error instanceof SyntaxError || error instanceof z.core.$ZodError)
        keep(garbage, describeError(error));
      else keep(remarks, describeError(error));
    },

    /** Says what failed, with what the server itself said of it. */
    fault(doing: string, met: unknown): InfrastructureError {
      // What closed the connection says more than that it is closed.
      const reason = quote(describeError(excess ?? (end && saysOnlyClosed(met) ? end : met)));
      const unsaid = (list: string[]) => list.filter((remark) => !reason.startsWith(remark));
      const [others, unread] = [unsaid(remarks), unsaid(garbage)];
      const stderrTail = quote(lastLines(redact(stderr)).slice(-stderrShown));
      const said = [
        unread.length > 0 ? `It answered what is not JSON-RPC: ${unread.join(' | ')}` : '',
        unasked ? 'It answered what was not asked, or a request twice or too late.' : '',
        others.length > 0 ? `The connection reported: ${others.join(' | ')}` : '',
        stderrTail === '' ? '' : `Its standard error ends: ${stderrTail}`,
      ].filter(Boolean);
      const what = `Server "${server}" (${quote(address, doingShown)}) ${quote(doing, doingShown)}: ${reason}.`;
      // Without a cause, which would carry the texts as they came.
      return new InfrastructureError([what, ...said].join('\n  '));
    },
  };
}

/** The last lines of a text, and before them the line that names the error, where that is further up. */
function lastLines(text: string): string {
  const lines = text.trim().split('\n');
  const tail = lines.slice(-5);
  const named = lines.slice(0, -5).findLast((line) => /^\s*(?:[A-Z]\w*)?(?:Error|Exception)\b.*:/.test(line));
  return (named === undefined ? tail : [named, ...tail]).join('\n');
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
    // Which of several kinds of message it was meant to be is not known.
    if (issue?.code === 'invalid_union' && issue.path.length === 0)
      return 'it answered with a message that is not JSON-RPC';
    const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
    return `it answered with what MCP does not allow${place}: ${issue?.message ?? 'invalid'}`;
  }
  // The parser quotes a few characters, which may be a part of a secret.
  if (
    error instanceof SyntaxError &&
    / is not valid JSON$| in JSON at position |^Unexpected end of JSON input$/.test(error.message)
  )
    return 'text that is not JSON';
  return error instanceof Error ? error.message.replace(/^MCP error -?\d+: /, '') : String(error);
}
