import crm from '../crm/server.ts';
import { parseOptions } from '../load.ts';
import type { MockServer } from '../mock-server.ts';
import { type OpenMock, openMock } from '../open-mock.ts';

/** A server to call tools on without a connection. */
export type OpenServer = {
  mock: OpenMock;
  /** What a tool returned, or its text; `Result` is what the caller expects of it. Throws where it answered an error. */
  call<Result = Record<string, unknown>>(name: string, args?: Record<string, unknown>): Result;
  /** The text of a tool error. Throws where the tool succeeded. */
  failure(name: string, args?: Record<string, unknown>): string;
  /** The rows under `key` of all pages of a list tool. */
  readAll<Row>(name: string, key: string, args?: Record<string, unknown>): Row[];
};

export function openCrm(options: Record<string, unknown> = { contacts: 200 }): OpenServer {
  return openServer(crm, options);
}

export function openServer(server: MockServer, options: Record<string, unknown> = {}): OpenServer {
  const mock = openMock(server, parseOptions(server, options));
  const textOf = (content: readonly { type: string }[]) =>
    content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');
  const call: OpenServer['call'] = <Result>(name: string, args?: Record<string, unknown>) => {
    const result = mock.call(name, args);
    if (result.isError) throw new Error(`${name}: ${textOf(result.content)}`);
    return (result.structuredContent ?? textOf(result.content)) as Result;
  };
  return {
    mock,
    call,
    failure(name, args) {
      const result = mock.call(name, args);
      if (!result.isError) throw new Error(`${name} succeeded`);
      return textOf(result.content);
    },
    readAll<Row>(name: string, key: string, args: Record<string, unknown> = {}) {
      const rows: Row[] = [];
      let cursor: string | null | undefined;
      do {
        const page = call<{ nextCursor: string | null; [key: string]: unknown }>(name, {
          ...args,
          ...(cursor && { cursor }),
        });
        rows.push(...(page[key] as Row[]));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return rows;
    },
  };
}
