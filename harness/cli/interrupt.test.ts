import { expect, test } from 'vitest';
import { createSandbox } from '../sandbox/create.ts';
import { untilInterrupted } from './interrupt.ts';

test('a command that ends leaves the children of others in its process alone', async () => {
  const sandbox = await createSandbox({ warm: 1 });
  try {
    let answer: (value: number) => void = () => {};
    const asked = Promise.withResolvers<void>();
    const running = sandbox.run(
      { source: 'return await mcp.s.ask({})', api: { s: ['ask'] } },
      {
        call: () => {
          asked.resolve();
          return new Promise((resolve) => {
            answer = (value) => resolve({ ok: true, valueJson: String(value) });
          });
        },
      },
    );
    await asked.promise;
    const io = { cwd: '/', env: {}, stdout: { write: () => {} }, stderr: { write: () => {} } };
    await untilInterrupted(io, async () => 'done');
    answer(7);
    expect(await running).toMatchObject({ status: 'ok', valueJson: '7' });
  } finally {
    await sandbox.close();
  }
});
