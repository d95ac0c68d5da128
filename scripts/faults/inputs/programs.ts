import { stdioEntry } from '../workflow.ts';
import { acceptedOrRefused, type BadInput } from './bad-input.ts';

const scenario = `
export default {
  title: 'A scenario',
  description: 'Its program is what is changed.',
  task: 'Answer with the JSON object {"n": 1}.',
  servers: { s: { configured: 's' } },
  truth: () => ({ n: 1 }),
  limits: { cpuMs: 1000, wallMs: 3000 },
};
`;
const configFile = JSON.stringify({ mcpServers: { s: stdioEntry('well-behaved', 'configured') } });

/** Modules that hold no reference program. */
const noPrograms: Record<string, string | Uint8Array> = {
  empty: '',
  'syntax-error': 'export default async function f(mcp) {',
  'exports-nothing': 'const x = 1;',
  'exports-number': 'export default 5;',
  'exports-arrow': 'export default async (mcp) => 1;',
  'exports-class': 'export default class A {}',
  'exports-generator': 'export default function* f(mcp) { yield 1 }',
  'exports-bound': 'async function f(mcp) { return 1 }\nexport default f.bind(null);',
  'steps-empty': 'export const steps = [];',
  'steps-number': 'export const steps = 5;',
  'steps-without-program': 'export const steps = [{}];',
  'steps-look-number': 'async function f() {}\nexport const steps = [{ program: f, look: 5 }];',
  'import-missing': "import './nowhere.ts';\nexport default async function f() {}",
  throws: "throw new Error('at import');",
  enum: 'enum A { B }\nexport default async function f() { return A.B }',
  decorator: '@a class A {}\nexport default async function f() {}',
  binary: Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256),
  'nested-30000': `export default async function f(mcp) { return ${'('.repeat(30_000)}1${')'.repeat(30_000)} }`,
  'unknown-server': 'export default async function f(mcp) { return mcp.other.get({}) }',
  'unknown-tool': 'export default async function f(mcp) { return mcp.s.got({}) }',
  'unknown-tool-ansi': "export default async function f(mcp) { return mcp.s['\\x1b[2J']({}) }",
};

/** The body of a program that fails or lies. It is a result of the run: wrong, in both patterns. */
const failing: Record<string, string> = {
  throws: "throw new Error('no')",
  'throws-null': 'throw null',
  'throws-ansi': "throw new Error('\\x1b]0;owned\\x07')",
  'throws-1mb': "throw new Error('x'.repeat(1_000_000))",
  'returns-nothing': '',
  'returns-function': 'return () => 1',
  'returns-bigint': 'return 1n',
  'returns-cycle': 'const a = {}; a.a = a; return a',
  'returns-deep': 'let a = []; for (let i = 0; i < 100_000; i++) a = [a]; return a',
  'returns-10mb': "return 'x'.repeat(10_000_000)",
  'returns-ansi': "return '\\x1b[2J\\u202e'",
  'returns-combining': "return 'a' + '\\u0316\\u0301'.repeat(150_000)",
  'loops-for-ever': 'for (;;);',
  'waits-for-ever': 'await new Promise(() => {})',
  'prints-for-ever': "for (;;) console.log('x'.repeat(1000))",
  'allocates-for-ever': 'const a = []; for (;;) a.push(new Array(100_000).fill(a.length))',
  'calls-wrongly': "return await mcp.s.get('one')",
  'calls-with-10mb': "return await mcp.s.get({ n: 'x'.repeat(10_000_000) })",
  'calls-without-waiting': 'mcp.s.get({ n: 1 }); return { n: 1 }',
  'rejects-unseen': "Promise.reject(new Error('unseen')); return { n: 2 }",
  recurses: 'const f = () => f() + 1; return f()',
  'uses-process': 'return process.env',
  'uses-require': "return require('fs').readFileSync('/etc/passwd', 'utf8')",
  imports: "return (await import('fs')).readFileSync('/etc/passwd', 'utf8')",
};

const run = ['run', './work', '--variants', 'classic,code', '--timeout', '20s'];
const withProgram = (name: string, text: string | Uint8Array, more: Partial<BadInput> = {}): BadInput => ({
  name: `program-${name}`,
  args: run,
  files: { '.mcp.json': configFile, 'work/scenario.ts': scenario, 'work/program.ts': text },
  ...more,
});

/** Reference programs that are none, and such as fail when they run. */
export const badPrograms: BadInput[] = [
  ...Object.entries(noPrograms).map(([name, text]) => withProgram(name, text)),
  ...Object.entries(failing).map(([name, body]) =>
    withProgram(`body-${name}`, `export default async function f(mcp) { ${body} }\n`, acceptedOrRefused),
  ),
  {
    name: 'program-missing',
    args: run,
    files: { '.mcp.json': configFile, 'work/scenario.ts': scenario },
  },
];
