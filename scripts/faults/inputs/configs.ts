import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stdioEntry, writeWorkflow } from '../workflow.ts';
import { accepted, acceptedOrRefused, type BadInput } from './bad-input.ts';

const run = [
  'run',
  './work',
  '--variants',
  'classic,code',
  '--set',
  'limits.connect=3000ms',
  '--set',
  'limits.tool=3000ms',
];
const well = stdioEntry('well-behaved', 'configured');
const config = (s: unknown): string => JSON.stringify({ mcpServers: { s } });

const unset = `\${PATTERNBENCH_NO_SUCH_VARIABLE}`;

/** What a `.mcp.json` may hold instead of a configuration. */
const texts: Record<string, string | Uint8Array> = {
  empty: '',
  blank: ' \n',
  'open-brace': '{',
  null: 'null',
  number: '5',
  text: '"mcpServers"',
  array: '[]',
  object: '{}',
  'trailing-comma': '{"mcpServers": {},}',
  comment: '// mine\n{"mcpServers": {}}',
  binary: Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256),
  'utf-16': Buffer.from(`\ufeff${config(well)}`, 'utf16le'),
  'nested-100000': `{"mcpServers":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  'one-line-5mb': JSON.stringify({ mcpServers: 'x'.repeat(5_000_000) }),
  'ansi-key': JSON.stringify({ '\x1b[2J': 1 }),
};

/** What `mcpServers` may hold instead of servers. */
const serverLists: Record<string, unknown> = {
  null: null,
  number: 5,
  text: 's',
  array: [well],
  empty: {},
  'other-name': { other: well },
  'proto-name': JSON.parse('{"__proto__": {"command": "node"}}'),
};

/** What a server may be instead of one. */
const entries: Record<string, unknown> = {
  null: null,
  number: 5,
  text: 'node server.js',
  array: ['node', 'server.js'],
  empty: {},
  'command-number': { command: 5 },
  'command-empty': { command: '' },
  'command-blank': { command: ' ' },
  'command-array': { command: ['node'] },
  'command-nowhere': { command: 'no-such-command-anywhere' },
  'command-path-nowhere': { command: './nowhere/server' },
  'command-folder': { command: '/tmp' },
  'command-not-executable': { command: './.mcp.json' },
  'command-nul': { command: 'node\0' },
  'command-very-long': { command: 'x'.repeat(100_000) },
  'command-ansi': { command: '\x1b]0;owned\x07' },
  'command-false': { command: 'false' },
  'command-true': { command: 'true' },
  'command-cat': { command: 'cat' },
  'command-yes': { command: 'yes' },
  'args-text': { ...well, args: 'server.js' },
  'args-numbers': { ...well, args: [1, 2] },
  'args-nul': { command: process.execPath, args: ['a\0b'] },
  'args-2mb': { command: process.execPath, args: ['x'.repeat(2_000_000)] },
  'env-numbers': { ...well, env: { A: 1 } },
  'env-array': { ...well, env: ['A=1'] },
  'env-nul': { ...well, env: { A: 'a\0b' } },
  'env-unset': { ...well, env: { A: unset } },
  'cwd-number': { ...well, cwd: 5 },
  'cwd-nowhere': { ...well, cwd: './nowhere' },
  'cwd-file': { ...well, cwd: './.mcp.json' },
  'type-unknown': { ...well, type: 'carrier-pigeon' },
  'url-number': { url: 5 },
  'url-empty': { url: '' },
  'url-word': { url: 'zzzz' },
  'url-file': { url: 'file:///etc/passwd' },
  'url-javascript': { url: 'javascript:alert(1)' },
  'url-nobody-listens': { url: 'http://127.0.0.1:9/mcp' },
  'url-no-such-host': { url: 'http://no-such-host.invalid/mcp' },
  'url-port-0': { url: 'http://127.0.0.1:0/mcp' },
  'url-port-blocked': { url: 'http://127.0.0.1:25/mcp' },
  'url-user': { url: 'http://user:secret@127.0.0.1:9/mcp' },
  'headers-array': { url: 'http://127.0.0.1:9/mcp', headers: ['a'] },
  'headers-number': { url: 'http://127.0.0.1:9/mcp', headers: { a: 1 } },
  'headers-line-feed': { url: 'http://127.0.0.1:9/mcp', headers: { a: 'b\r\nc: d' } },
  'headers-bad-name': { url: 'http://127.0.0.1:9/mcp', headers: { 'a b': 'c' } },
  'headers-unset': { url: 'http://127.0.0.1:9/mcp', headers: { a: unset } },
};

const withConfig = (name: string, text: string | Uint8Array, more: Partial<BadInput> = {}): BadInput => ({
  name: `config-${name}`,
  args: run,
  prepare: (folder) => writeWorkflow(folder, well),
  files: { '.mcp.json': text },
  ...more,
});

/** Configurations of servers that are none, and servers that cannot be reached. */
export const badConfigs: BadInput[] = [
  ...Object.entries(texts).map(([name, text]) => withConfig(name, text)),
  ...Object.entries(serverLists).map(([name, mcpServers]) =>
    withConfig(`servers-${name}`, JSON.stringify({ mcpServers })),
  ),
  ...Object.entries(entries).map(([name, entry]) => withConfig(`server-${name}`, config(entry))),
  withConfig('byte-order-mark', `\ufeff${config(well)}`, acceptedOrRefused),
  withConfig(
    'unknown-keys',
    JSON.stringify({ mcpServers: { s: { ...well, disabled: false } }, other: 1 }),
    accepted,
  ),
  withConfig(
    'duplicate-keys',
    `{"mcpServers":{"s":{"command":"false"}},"mcpServers":${JSON.stringify({ s: well })}}`,
    accepted,
  ),
  {
    name: 'config-missing',
    args: [...run, '--mcp-config', 'none.json'],
    prepare: (folder) => writeWorkflow(folder, well),
  },
  {
    name: 'config-folder',
    args: [...run, '--mcp-config', 'folder'],
    prepare(folder) {
      writeWorkflow(folder, well);
      mkdirSync(join(folder, 'folder'));
    },
  },
  {
    name: 'config-device',
    args: [...run, '--mcp-config', '/dev/null'],
    prepare: (folder) => writeWorkflow(folder, well),
  },
  {
    name: 'config-link-loop',
    args: [...run, '--mcp-config', 'loop.json'],
    prepare(folder) {
      writeWorkflow(folder, well);
      symlinkSync('loop.json', join(folder, 'loop.json'));
    },
  },
  {
    name: 'config-missing-for-mocks',
    args: ['run', 'crm-contact-lookup', '--param', 'contacts=5', '--mcp-config', 'none.json'],
  },
  { name: 'config-missing-for-tools', args: ['tools', '--mcp-config', 'none.json'] },
];
