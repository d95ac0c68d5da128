import type { MockServer } from './mock-server.ts';
import { openMock } from './open-mock.ts';
import { answerMessage, readMessage } from './protocol.ts';

/**
 * Serves one client over this process's standard input and output, which nothing else may write to. `options` are complete, as
 * `parseOptions` returns them. Resolves when the client has gone and is answered; the process can then end by itself.
 */
export async function serveStdio(mock: MockServer, options: Record<string, unknown>): Promise<void> {
  const opened = openMock(mock, options);
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  const pending = new Set<Promise<void>>();
  const take = (line: string) => {
    const message = readMessage(parse(line));
    if (message === undefined) return;
    const done = answerMessage(opened, message).then((answer) => {
      if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
      pending.delete(done);
    });
    pending.add(done);
  };
  let unfinished = '';
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    unfinished += text;
    // Splitting what has no end yet would read a long line once per chunk of it.
    if (!text.includes('\n')) return;
    const lines = unfinished.split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  process.stdin.once('end', leave).once('close', leave);
  // A client that is killed leaves a broken pipe behind; without a listener that would be an uncaught exception.
  process.stdout.on('error', () => leave());
  await gone;
  await Promise.all(pending);
  process.stdin.destroy();
}

/** The JSON of a line; `undefined` where it is not any, as for an empty line. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
