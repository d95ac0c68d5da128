import { inspect } from 'node:util';
import vm from 'node:vm';

/**
 * The positive control: runs a program in `node:vm` with functions, promises, results and errors of the host handed
 * straight in, which is how sandboxes leak. An attack that fails here proves nothing by failing in the real one.
 */
export async function runLeaky(source: string): Promise<unknown> {
  const mcp = {
    s: {
      echo: async (args: unknown) => JSON.parse(JSON.stringify(args ?? {})) as unknown,
      fail: async () => {
        throw new Error('no such thing');
      },
    },
  };
  const console = { log: (...values: unknown[]) => void values.map((value) => inspect(value)) };
  const context = vm.createContext({ mcp, console });
  const run = vm.runInContext(`(async function () {\n${source}\n})`, context) as () => Promise<unknown>;
  return run();
}
