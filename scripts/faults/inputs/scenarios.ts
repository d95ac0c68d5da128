import { stdioEntry } from '../workflow.ts';
import { accepted, acceptedOrRefused, type BadInput } from './bad-input.ts';

const run = ['run', './work', '--variants', 'classic,code', '--timeout', '8s'];
const configFile = JSON.stringify({ mcpServers: { s: stdioEntry('well-behaved', 'configured') } });
const goodProgram = 'export default async function f(mcp) { return { n: (await mcp.s.get({ n: 1 })).n } }\n';

/** The source of each field of a scenario that is right. */
const fields: Record<string, string> = {
  title: "'A scenario'",
  description: "'Made to be changed.'",
  task: '\'Answer with the JSON object {"n": 1}.\'',
  servers: "{ s: { configured: 's' } }",
  truth: '() => ({ n: 1 })',
};

const source = (changed: Record<string, string | undefined>): string => {
  const kept = Object.entries({ ...fields, ...changed }).filter(([, text]) => text !== undefined);
  return `export default {\n${kept.map(([name, text]) => `  ${name}: ${text},`).join('\n')}\n};\n`;
};

const withScenario = (name: string, text: string | Uint8Array, more: Partial<BadInput> = {}): BadInput => ({
  name: `scenario-${name}`,
  args: run,
  files: { '.mcp.json': configFile, 'work/program.ts': goodProgram, 'work/scenario.ts': text },
  ...more,
});

/** Sources that are wrong for any field. */
const wrongValues: Record<string, string> = {
  number: '5',
  null: 'null',
  array: '[1]',
  date: 'new Date(0)',
  symbol: 'Symbol()',
};

/** Single fields with what they may not be. */
const changes: Record<string, Record<string, string>> = {
  'title-empty': { title: "''" },
  'task-empty': { task: "''" },
  'task-throws': { task: "() => { throw new Error('no task') }" },
  'task-returns-number': { task: '() => 5' },
  'task-returns-empty': { task: "() => ''" },
  'task-promises': { task: "async () => 'later'" },
  'servers-empty': { servers: '{}' },
  'servers-throw': { servers: "() => { throw new Error('no servers') }" },
  'servers-return-null': { servers: '() => null' },
  'servers-named-oddly': { servers: "{ 'a b': { configured: 's' } }" },
  'servers-named-double': { servers: "{ a__b: { configured: 's' } }" },
  'servers-named-proto': { servers: "{ ['__proto__']: { configured: 's' } }" },
  'servers-mock-unknown': { servers: "{ s: { mock: 'crn' } }" },
  'servers-mock-option-unknown': { servers: "{ s: { mock: 'crm', options: { contracts: 1 } } }" },
  'servers-mock-option-text': { servers: "{ s: { mock: 'crm', options: { contacts: 'many' } } }" },
  'servers-both': { servers: "{ s: { mock: 'crm', url: 'http://127.0.0.1:9' } }" },
  'truth-throws': { truth: "() => { throw new Error('no truth') }" },
  'truth-rejects': { truth: "async () => { throw new Error('no truth') }" },
  'truth-throws-text': { truth: "() => { throw 'no truth' }" },
  'truth-undefined': { truth: '() => undefined' },
  'truth-function': { truth: '() => () => 1' },
  'truth-bigint': { truth: '() => 1n' },
  'truth-not-a-number': { truth: '() => NaN' },
  'truth-cycle': { truth: '() => { const a = {}; a.a = a; return a }' },
  'truth-hangs': { truth: '() => new Promise(() => {})' },
  'truth-getter': { truth: "() => ({ get n() { throw new Error('no n') } })" },
  'graders-empty': { graders: '[]' },
  'graders-no-function': { graders: "[{ name: 'g' }]" },
  'grader-throws': { graders: "[{ name: 'g', grade() { throw new Error('no grade') } }]" },
  'grader-returns-number': { graders: "[{ name: 'g', grade: () => 1 }]" },
  'grader-hangs': { graders: "[{ name: 'g', grade: () => new Promise(() => {}) }]" },
  'setup-number': { setup: '5' },
  'setup-throws': { setup: "() => { throw new Error('no setup') }" },
  'setup-hangs': { setup: '() => new Promise(() => {})' },
  'teardown-number': { teardown: '5' },
  'volatile-array': { volatile: "['n']" },
  'volatile-empty': { volatile: '{ s: { get: [] } }' },
  'tools-unknown-server': { tools: "{ other: ['get'] }" },
  'tools-unknown': { tools: "{ s: ['got'] }" },
  'tools-empty': { tools: '{ s: [] }' },
  'limits-unknown': { limits: '{ cpu: 5 }' },
  'limits-zero': { limits: '{ cpuMs: 0 }' },
  'limits-fraction': { limits: '{ cpuMs: 1.5 }' },
  'limits-wall-endless': { limits: '{ wallMs: 3e9 }' },
  'limits-memory-endless': { limits: '{ memoryBytes: 1e15 }' },
  'params-type-unknown': { params: "{ p: { type: 'date', default: 1, description: 'd' } }" },
  'params-default-text': { params: "{ p: { type: 'integer', default: '1', description: 'd' } }" },
  'params-default-missing': { params: "{ p: { type: 'integer', description: 'd' } }" },
  'params-default-outside': {
    params: "{ p: { type: 'integer', default: 9, min: 1, max: 5, description: 'd' } }",
  },
  'params-bounds-turned': {
    params: "{ p: { type: 'integer', default: 3, min: 5, max: 1, description: 'd' } }",
  },
  'params-default-not-a-number': { params: "{ p: { type: 'number', default: NaN, description: 'd' } }" },
  'params-value-outside': {
    params: "{ p: { type: 'string', default: 'c', values: ['a', 'b'], description: 'd' } }",
  },
  'items-unknown': { items: "'p'" },
  'items-text': { items: "'p'", params: "{ p: { type: 'string', default: 'a', description: 'd' } }" },
  'given-throws': { given: "() => { throw new Error('nothing given') }" },
  'given-number': { given: '() => 5' },
  'writes-text': { writes: "'yes'" },
  'prediction-unknown': { prediction: "{ pattern: 'both', because: 'x' }" },
  'field-unknown': { frobnicate: 'true' },
  'field-ansi': { "'\\x1b[2J'": 'true' },
};

/** Whole files that are no scenario. */
const files: Record<string, string | Uint8Array> = {
  empty: '',
  'syntax-error': 'export default {',
  'default-missing': 'export const scenario = {};',
  'default-null': 'export default null;',
  'default-function': 'export default () => ({});',
  'default-class': 'export default class {}',
  'default-promise': 'export default Promise.resolve({});',
  'default-proxy':
    "export default new Proxy({}, { get() { throw new Error('proxy') }, ownKeys() { throw new Error('proxy') } });",
  'default-getter': "export default { get title() { throw new Error('getter') } };",
  'import-missing': "import './nowhere.ts';\nexport default {};",
  'import-package-missing': "import 'no-such-package';\nexport default {};",
  throws: "throw new Error('at import');",
  'throws-text': "throw 'at import';",
  'throws-null': 'throw null;',
  exits: 'process.exit(0);',
  'awaits-for-ever': 'await new Promise(() => {});\nexport default {};',
  'throws-later': `setTimeout(() => { throw new Error('later') }, 0);\n${source({})}`,
  'rejects-later': `Promise.reject(new Error('later'));\n${source({})}`,
  enum: 'enum A { B }\nexport default {};',
  binary: Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256),
  nul: `\0${source({})}`,
};

/** Scenario files that are none, or that fail when they are asked. */
export const badScenarios: BadInput[] = [
  ...Object.keys(fields).map((field) => withScenario(`${field}-missing`, source({ [field]: undefined }))),
  ...Object.keys(fields).flatMap((field) =>
    Object.entries(wrongValues).map(([what, text]) =>
      withScenario(`${field}-${what}`, source({ [field]: text })),
    ),
  ),
  ...Object.entries(changes).map(([name, change]) => withScenario(name, source(change))),
  ...Object.entries(files).map(([name, text]) => withScenario(`file-${name}`, text)),
  withScenario('control', source({}), accepted),
  withScenario(
    'truth-deep',
    source({ truth: '() => { let a = []; for (let i = 0; i < 100_000; i++) a = [a]; return a }' }),
    accepted,
  ),
  withScenario('task-20mb', source({ task: "'x'.repeat(20_000_000)" }), accepted),
  withScenario(
    'teardown-throws',
    source({ teardown: "() => { throw new Error('no end') }" }),
    acceptedOrRefused,
  ),
  withScenario('teardown-hangs', source({ teardown: '() => new Promise(() => {})' }), acceptedOrRefused),
  withScenario('file-byte-order-mark', `\ufeff${source({})}`, acceptedOrRefused),
];
