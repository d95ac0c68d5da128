import { expect, test } from 'vitest';
import { createSandbox } from './create.ts';
import { childPids, explainDeath } from './process.ts';
import { API } from './testing/harness.ts';

/** What Node 26 printed under `ulimit -v 4194304` when it could not reserve the addresses for an isolate. */
const engineOutOfMemory = `
<--- Last few GCs --->



#
# Fatal process out of memory: SegmentedTable::InitializeTable (subspace allocation)
#
----- Native stack trace -----

 1: 0xaa1c41  [/opt/node_modules/node/bin/node]
 2: 0x28fef62 v8::base::FatalOOM(v8::base::OOMType, char const*) [/opt/node_modules/node/bin/node]
 9: 0xcfba90 v8::Isolate::Initialize(v8::Isolate*, v8::Isolate::CreateParams const&) [/opt/node_modules/node/bin/node]
10: 0x7f84e81bea56 ivm::IsolateEnvironment::IsolateCtor(unsigned long, std::shared_ptr<v8::BackingStore>, unsigned long) [/opt/isolated-vm.abi147.glibc.node]
15: 0x1ae59b6  [/opt/node_modules/node/bin/node]
`;

const uncaught = `node:internal/modules/esm/resolve:275
    throw new ERR_MODULE_NOT_FOUND(
          ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/opt/child.ts' imported from /opt/
    at finalizeResolution (node:internal/modules/esm/resolve:275:11) {
  code: 'ERR_MODULE_NOT_FOUND'
}

Node.js v26.10.0
`;

const died = (stderr: string) => explainDeath({ stderr, code: 133, signal: null });

test('of an engine without memory the message is shown, with what to do, and no frame', () => {
  expect(died(engineOutOfMemory)).toBe(
    'Fatal process out of memory: SegmentedTable::InitializeTable (subspace allocation). Each process reserves several GiB of addresses: raise the limit that is set with ulimit -v',
  );
});

test.each([
  [
    'an uncaught error',
    uncaught,
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/opt/child.ts' imported from /opt/",
  ],
  [
    'a wrapper that refuses',
    'bwrap: No permissions to create new namespace\n',
    'bwrap: No permissions to create new namespace',
  ],
  ['a command that is missing', 'spawn bwrap ENOENT\n', 'spawn bwrap ENOENT'],
  ['a start that took too long', 'Not ready within 15000 ms. ', 'Not ready within 15000 ms'],
  ['frames alone', ' 1: 0xaa1c41  [/bin/node]\n', 'the child ended with exit code 133'],
  ['nothing', '', 'the child ended with exit code 133'],
])('%s is told in one line', (_, stderr, told) => {
  expect(died(stderr)).toBe(told);
});

test('a program gets the child that is ready, and none is started for it', async () => {
  const sandbox = await createSandbox({ level: 'L1', warm: 1 });
  const ready = childPids();
  const opened = await sandbox.open({ source: 'await mcp.s.echo({})', api: API });
  expect((await opened.advance([])).calls).toHaveLength(1);
  expect(childPids()).toEqual(ready);
  await sandbox.close();
});
