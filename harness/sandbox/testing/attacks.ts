// Over 400 lines because it is a list of programs: whoever adds one sees here whether it is there already.
import type { ProgramStatus } from '../../results/codes.ts';
import type { SandboxLimits } from '../sandbox.ts';

/** One hostile or careless program and how it must end. */
export type Attack = {
  name: string;
  source: string;
  /** The status it must end with, or any of several. */
  ends: ProgramStatus | ProgramStatus[];
  /** The returned value, where that is the point. */
  value?: unknown;
  /** Text that the error's message must hold. */
  says?: string | RegExp;
  /** What must have crossed to the host, where that is the point. */
  crossed?: unknown[];
  limits?: Partial<SandboxLimits>;
};

const MIB = 1024 * 1024;

const absent = [
  'require',
  'process',
  'module',
  'Buffer',
  'fetch',
  'setTimeout',
  'setImmediate',
  'queueMicrotask',
  'exports',
].concat([
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'FinalizationRegistry',
  'WeakRef',
  'Deno',
  'performance',
]);

/** Programs that look around, reach for constructors, or tamper with what the bridge is built on. */
export const LANGUAGE: Attack[] = [
  ...absent.map(
    (name): Attack => ({
      name: `${name} is absent`,
      source: `return typeof globalThis.${name}`,
      ends: 'ok',
      value: 'undefined',
    }),
  ),
  ...[
    '(function () {})',
    '(async () => {})',
    '(function* () {})',
    '(async function* () {})',
    'class {}',
    'mcp.s.echo',
    'console.log',
  ].map(
    (maker): Attack => ({
      name: `the constructor of ${maker} makes guest functions only`,
      source: `const F = (${maker}).constructor; const f = F('return typeof process + typeof require');
        let r = f(); if (r && r.next) r = r.next(); r = await r; return r && typeof r === 'object' ? r.value : r`,
      ends: 'ok',
      value: 'undefinedundefined',
    }),
  ),
  {
    name: 'a walk over the whole graph finds no host or bridge object',
    source: `
      const seen = new Set(); const todo = [globalThis, mcp, mcp.s, console, await mcp.s.echo({ a: 1 }), mcp.s.echo({})];
      const suspects = [];
      while (todo.length) {
        const o = todo.pop();
        if (o === null || (typeof o !== 'object' && typeof o !== 'function') || seen.has(o)) continue;
        seen.add(o);
        for (const k of Reflect.ownKeys(o)) {
          if (/ivm|isolate|applySync|derefInto|copyInto|__patternbench|settle$/i.test(String(k))) suspects.push(String(k));
          const d = Reflect.getOwnPropertyDescriptor(o, k);
          if (d) todo.push(d.value, d.get, d.set);
        }
        todo.push(Reflect.getPrototypeOf(o));
        if (typeof o === 'function' && o.constructor !== Function && !(o instanceof Function)) suspects.push('foreign function');
      }
      return { suspects, many: seen.size > 500 };`,
    ends: 'ok',
    value: { suspects: [], many: true },
  },
  {
    name: 'caller and arguments of a tool function are the guest poison pills',
    source: `const out = []; for (const k of ['caller', 'arguments']) { try { out.push(String(mcp.s.echo[k])); } catch (e) { out.push(e instanceof TypeError); } } return out`,
    ends: 'ok',
    value: [true, true],
  },
  {
    name: 'call sites show no function and no receiver of the bridge, also while results settle',
    source: `
      const found = [];
      Error.prepareStackTrace = (e, frames) => { for (const f of frames) found.push(f.getFunction?.(), f.getThis?.()); return ''; };
      const look = () => { void new Error('x').stack; };
      look(); await mcp.s.echo({ get a() { look(); return 1; } });
      Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { look(); return undefined; } });
      await mcp.s.echo({ a: 1 }); delete Object.prototype.then;
      try { mcp.s.nope(); } catch (e) { void e.stack; }
      return found.filter((x) => x !== undefined && x !== null).length;`,
    ends: 'ok',
    value: 0,
  },
  {
    name: 'the error of a tool carries code, server, tool and message, no stack or path of the host',
    source: `const e = await mcp.s.fail({}).catch((x) => x);
      return { own: Reflect.ownKeys(e).sort(), name: e.name, is: e instanceof ToolError && e instanceof Error, code: e.code, server: e.server, tool: e.tool, message: e.message, path: /node:|harness|\\/work|file:/.test(e.stack) }`,
    ends: 'ok',
    value: {
      own: ['code', 'message', 'server', 'stack', 'tool'],
      name: 'ToolError',
      is: true,
      code: 'not_found',
      server: 's',
      tool: 'fail',
      message: 'no such thing',
      path: false,
    },
  },
  { name: 'import of a module', source: `return await import('fs')`, ends: 'guest_error' },
  {
    name: 'import of a data URL',
    source: `return await import('data:text/javascript,export default 1')`,
    ends: 'guest_error',
  },
  { name: 'import made by eval', source: `return await (0, eval)("import('node:fs')")`, ends: 'guest_error' },
  { name: 'static import', source: `import fs from 'fs'; return fs`, ends: 'syntax_error' },
  { name: 'import.meta', source: `return import.meta.url`, ends: 'syntax_error' },
  {
    name: 'tampered JSON, Promise, Map and call change what the program sees, not what crosses',
    source: `
      JSON.stringify = () => '{"forged":true}'; JSON.parse = () => ({ forged: true });
      Map.prototype.get = () => 'forged'; Function.prototype.call = () => 'forged'; Function.prototype.apply = () => 'forged';
      Reflect.apply = () => 'forged'; Object.keys = () => ['forged']; Array.isArray = () => true; Array.prototype.push = () => 0;
      String.prototype.charCodeAt = () => 0; Object.defineProperty = () => { throw 1; }; Object.create = () => { throw 1; };
      Object.hasOwn = () => true;
      const r = await mcp.s.echo({ real: [1, 'two'] }); return r.real[1];`,
    ends: 'ok',
    value: 'two',
    crossed: [{ real: [1, 'two'] }],
  },
  {
    name: 'setters on Object.prototype and Array.prototype see nothing of the bridge',
    source: `
      const seen = [];
      for (const k of ['id', 'v', 'code', 'message', 'resolve', 'server', 'tool', 'ok', 'value', 'get', 'set', 'writable', '0', '1', '2']) {
        for (const proto of [Object.prototype, Array.prototype]) {
          Object.defineProperty(proto, k, { __proto__: null, configurable: true, get() { seen.push('get ' + k); return undefined; }, set(x) { seen.push('set ' + k); } });
        }
      }
      const r = await mcp.s.echo({ a: [1] });
      const e = await mcp.s.fail({}).catch((x) => x.message);
      const n = seen.length;
      for (const proto of [Object.prototype, Array.prototype]) for (const k of Object.keys(Object.getOwnPropertyDescriptors(proto))) if (/^(id|v|code|message|resolve|server|tool|ok|value|get|set|writable|[012])$/.test(k)) delete proto[k];
      return { n, r: r.a[0] === 1, e };`,
    ends: 'ok',
    value: { n: 0, r: true, e: 'no such thing' },
  },
  {
    name: 'a __proto__ key in an argument arrives as data',
    source: `return await mcp.s.echo(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')).then((r) => Object.keys(r))`,
    ends: 'ok',
    value: ['__proto__', 'constructor'],
  },
  {
    name: 'toJSON in an argument',
    source: `return await mcp.s.echo({ toJSON: () => ({ a: 1 }) })`,
    ends: 'ok',
    crossed: [{ a: 1 }],
  },
  {
    name: 'a __proto__ setter does not run on the host',
    source: `return await mcp.s.echo({ ['__proto__']: { a: 1 }, b: 2 })`,
    ends: 'ok',
    value: { ['__proto__']: { a: 1 }, b: 2 },
  },
  ...[
    "'__proto__'",
    "'constructor'",
    "''",
    "'x'.repeat(10000)",
    '5',
    "'get_с ontact'.replace(' ', '')",
    "'hasOwnProperty'",
    "'get_contcts'",
  ].map(
    (name): Attack => ({
      name: `a tool named ${name} is unknown, with near names`,
      source: `try { await mcp.s[${name}]({}); } catch (e) { return [e.code, /Nearest: \\w+/.test(e.message), e.message.length < 300]; }`,
      ends: 'ok',
      value: ['unknown_tool', true, true],
      crossed: [],
    }),
  ),
  {
    name: 'an unknown server is named with near ones',
    source: `await mcp.sss.echo()`,
    ends: 'guest_error',
    says: 'Nearest: s.',
  },
  {
    name: 'an uncaught unknown tool',
    source: `await mcp.s.get_contcts()`,
    ends: 'guest_error',
    says: /Nearest: get_contact/,
  },
  { name: 'a symbol as tool', source: `await mcp.s[Symbol('echo')]({})`, ends: 'guest_error', crossed: [] },
  { name: 'mcp redefined', source: `globalThis.mcp = 1; return typeof mcp`, ends: 'ok', value: 'number' },
  { name: 'mcp shadowed', source: `const mcp = 2; return mcp`, ends: 'ok', value: 2 },
  { name: 'mcp deleted', source: `delete globalThis.mcp; return typeof mcp`, ends: 'ok', value: 'undefined' },
  { name: 'a tool overwritten', source: `mcp.s.echo = () => 1`, ends: 'guest_error' },
  { name: 'a server added', source: `mcp.evil = {}`, ends: 'guest_error' },
  {
    name: 'mcp in a proxy of the guest',
    source: `const m = new Proxy({}, { get: (t, k) => mcp[k] }); return await m.s.echo({ a: 1 })`,
    ends: 'ok',
    value: { a: 1 },
  },
  {
    name: 'a stolen resolve function settles nothing on the host',
    source: `
      const stolen = []; const Native = Promise;
      globalThis.Promise = class extends Native { constructor(run) { super((a, b) => { stolen.push(a); run(a, b); }); } };
      Native.prototype.constructor = Promise;
      const made = mcp.s.echo({ real: 1 }); for (const settle of stolen) settle({ forged: 1 });
      return await made;`,
    ends: 'ok',
    crossed: [{ real: 1 }],
  },
  {
    name: 'a view on a buffer that asks to be resizable',
    source: `const b = new ArrayBuffer(8, { maxByteLength: 1024 }); return [typeof b.resize, b.byteLength, new ArrayBuffer(4).constructor === ArrayBuffer]`,
    ends: 'ok',
    value: ['undefined', 8, true],
  },
  {
    name: 'a rejected view on a buffer does not abort the process',
    source: `Promise.reject(new Uint8Array(8)); Promise.reject(new DataView(new ArrayBuffer(8))); await mcp.s.echo({}); return 1`,
    ends: 'ok',
    value: 1,
  },
  {
    name: 'unhandled rejections do not end a program',
    source: `Promise.reject(new Error('x')); Promise.reject(Symbol('y')); void mcp.s.fail({}); await mcp.s.echo({}); return 'on'`,
    ends: 'ok',
    value: 'on',
  },
  {
    name: 'an unhandled rejection that claims to be a timeout',
    source: `Promise.reject(new Error('Script execution timed out.')); await mcp.s.echo({}); return 'on'`,
    ends: 'ok',
    value: 'on',
  },
  { name: 'throw null', source: `throw null`, ends: 'guest_error' },
  { name: 'throw undefined', source: `throw undefined`, ends: 'guest_error' },
  { name: 'throw a symbol', source: `throw Symbol('s')`, ends: 'guest_error', says: 'Symbol(s)' },
  { name: 'throw a number', source: `throw 42`, ends: 'guest_error', says: '42' },
  { name: 'throw a function', source: `throw () => {}`, ends: 'guest_error' },
  {
    name: 'throw a hostile proxy',
    source: `const bad = () => { throw new Error('trap'); }; throw new Proxy({}, { get: bad, ownKeys: bad, getPrototypeOf: bad, has: bad })`,
    ends: 'guest_error',
  },
  {
    name: 'throw an error whose message throws',
    source: `throw { get message() { throw 1; }, name: 5 }`,
    ends: 'guest_error',
  },
  {
    name: 'throw an error whose stack lies',
    source: `throw { message: 'm', stack: 'program.ts:99999999999:1' }`,
    ends: 'guest_error',
    says: 'm',
  },
  {
    name: 'throw 128 MB of text',
    source: `throw new Error('x'.repeat(2 ** 27))`,
    ends: ['guest_error', 'oom'],
  },
  {
    name: 'a source that is hard to parse',
    source: `return typeof (${'(a = '.repeat(3000)}1${') => 1'.repeat(3000)})`,
    ends: ['syntax_error', 'guest_error', 'ok', 'timeout_cpu'],
    limits: { cpuMs: 1000, wallMs: 5000 },
  },
  {
    name: 'a source that is too long',
    source: `/*${'x'.repeat(2 ** 20)}*/`,
    ends: 'syntax_error',
    says: 'longer than',
  },
  {
    name: 'more arguments at once than a message may hold',
    source: `const big = 'x'.repeat(1e6); const r = await Promise.allSettled(Array.from({ length: 20 }, () => mcp.s.echo({ big }))); return [...new Set(r.map((x) => x.reason?.code))]`,
    ends: 'ok',
    value: [null, 'too_much_at_once'],
  },
];

/** Sources that try to break out of what they are wrapped in: none may run. */
export const BREAKOUTS: Attack[] = [
  `}); mcp.s.echo({ ran: 1 }); (async () => {`,
  `}, mcp.s.echo({ ran: 1 }), async function () {`,
  `}; mcp.s.echo({ ran: 1 }); async function other() {`,
  `} mcp.s.echo({ ran: 1 }); {`,
  `}\nmcp.s.echo({ ran: 1 });\nasync function program() {`,
  `}/*`,
  `*/ mcp.s.echo({ ran: 1 }); /*`,
  `mcp.s.echo({ ran: 1 }); /*`,
  `mcp.s.echo({ ran: 1 }); <!-- x \n --> }`,
  `mcp.s.echo({ ran: 1 }); \`unterminated`,
  `mcp.s.echo({ ran: 1 }); '\u2028`.replace("'", '"').concat('\n'),
  `#!/usr/bin/env node\nmcp.s.echo({ ran: 1 })`,
  `\uFEFF}); mcp.s.echo({ ran: 1 }); (() => {`,
  `\u2028}); mcp.s.echo({ ran: 1 }); (() => {`,
  `mcp.s.echo({ ran: 1 }); ))((`,
  `mcp.s.echo({ ran: 1 }); return } function x() {`,
  `mcp.s.echo({ ran: 1 }); //# sourceURL=x\n}`,
  `super.x; mcp.s.echo({ ran: 1 })`,
  `mcp.s.echo({ ran: 1 }); new.target = 1`,
  `mcp.s.echo({ ran: 1 }); with (mcp) {}`,
  `export const x = mcp.s.echo({ ran: 1 })`,
  `enum E { A } mcp.s.echo({ ran: 1 })`,
  `namespace N { export const a = 1 } mcp.s.echo({ ran: 1 })`,
  `mcp.s.echo({ ran: 1 }); ${'('.repeat(200_000)}`,
  `mcp.s.echo({ ran: 1 }); ${'['.repeat(200_000)}${']'.repeat(200_000)}`,
].map((source) => ({
  name: `breaking out with ${JSON.stringify(source.slice(0, 50))}`,
  source,
  ends: 'syntax_error',
  crossed: [],
}));

/** The rule for every kind of value that a program may return or pass on. */
export const VALUES: Attack[] = [
  { name: 'undefined is no value', source: `return undefined`, ends: 'ok', value: undefined },
  {
    name: 'undefined properties are left out, undefined items null',
    source: `return { a: undefined, b: [undefined] }`,
    ends: 'ok',
    value: { b: [null] },
  },
  {
    name: 'NaN and infinities are null',
    source: `return [NaN, Infinity, -Infinity]`,
    ends: 'ok',
    value: [null, null, null],
  },
  {
    name: 'minus zero is zero',
    source: `return Object.is(JSON.parse(JSON.stringify([-0]))[0], 0) && [-0]`,
    ends: 'ok',
    value: [0],
  },
  {
    name: 'a Date is its ISO string',
    source: `return [new Date(0), new Date(NaN)]`,
    ends: 'ok',
    value: ['1970-01-01T00:00:00.000Z', null],
  },
  {
    name: 'a Map is an object or pairs, a Set an array',
    source: `return [new Map([['a', 1]]), new Map([[1, new Map()]]), new Set([1, 'b'])]`,
    ends: 'ok',
    value: [{ a: 1 }, [[1, {}]], [1, 'b']],
  },
  {
    name: 'an Error is its name and message',
    source: `return new TypeError('t')`,
    ends: 'ok',
    value: { name: 'TypeError', message: 't' },
  },
  { name: 'a thenable is awaited', source: `return { then(ok) { ok(7); } }`, ends: 'ok', value: 7 },
  {
    name: 'a thenable that rejects',
    source: `return { then(ok, bad) { bad(new Error('late')); } }`,
    ends: 'guest_error',
    says: 'late',
  },
  {
    name: 'a proxy is read like any object',
    source: `return new Proxy({ a: 1 }, {})`,
    ends: 'ok',
    value: { a: 1 },
  },
  {
    name: 'a revoked proxy',
    source: `const r = Proxy.revocable({}, {}); r.revoke(); return [r.proxy]`,
    ends: 'guest_error',
  },
  { name: 'a function', source: `return { f() {} }`, ends: 'guest_error', says: 'value.f is a function' },
  { name: 'a symbol', source: `return Symbol('x')`, ends: 'guest_error', says: 'value is a symbol' },
  { name: 'a BigInt', source: `return { a: [1n] }`, ends: 'guest_error', says: 'value.a[0] is a BigInt' },
  {
    name: 'a cycle',
    source: `const a = { b: [] }; a.b.push({ c: a }); return a`,
    ends: 'guest_error',
    says: 'value.b[0].c refers back to value',
  },
  {
    name: 'a promise that was not awaited',
    source: `return { a: mcp.s.echo({}) }`,
    ends: 'guest_error',
    says: 'await',
  },
  { name: 'binary data', source: `return new Uint8Array(3)`, ends: 'guest_error', says: 'binary' },
  {
    name: 'a getter that throws',
    source: `return { get a() { throw new Error('boo'); } }`,
    ends: 'guest_error',
    says: 'boo',
  },
  {
    name: 'deep nesting',
    source: `let a = []; for (let i = 0; i < 5000; i++) a = [a]; return a`,
    ends: 'guest_error',
    says: 'deep',
  },
  {
    name: 'an argument that is a function',
    source: `await mcp.s.echo({ a: { f: () => 1 } })`,
    ends: 'guest_error',
    says: 'args.a.f is a function',
    crossed: [],
  },
  {
    name: 'an argument with a BigInt',
    source: `await mcp.s.echo({ a: 1n })`,
    ends: 'guest_error',
    says: 'args.a is a BigInt',
    crossed: [],
  },
  {
    name: 'an argument with NaN',
    source: `await mcp.s.echo({ a: 0 / 0 })`,
    ends: 'guest_error',
    says: 'args.a is NaN',
    crossed: [],
  },
  {
    name: 'an argument with a cycle',
    source: `const a = {}; a.a = a; await mcp.s.echo(a)`,
    ends: 'guest_error',
    says: 'args.a refers back to args',
    crossed: [],
  },
  {
    name: 'an argument nested too deeply',
    source: `let a = 1; for (let i = 0; i < 100; i++) a = { a }; await mcp.s.echo(a)`,
    ends: 'guest_error',
    says: '64 levels',
    crossed: [],
  },
  {
    name: 'no argument is an empty object',
    source: `return await mcp.s.echo()`,
    ends: 'ok',
    value: {},
    crossed: [{}],
  },
  {
    name: 'odd characters cross unchanged',
    source: `return await mcp.s.echo({ a: '\\u202e\\u200b\\u2028\\ud800 😀 \\0' })`,
    ends: 'ok',
    value: { a: '\u202e\u200b\u2028\ud800 😀 \0' },
  },
];

const CPU = { cpuMs: 100, wallMs: 3000 };

/** Programs that will not stop. */
export const TIME: Attack[] = [
  { name: 'for (;;)', source: `for (;;);`, ends: 'timeout_cpu', limits: CPU },
  { name: 'an endless loop of await null', source: `for (;;) await null`, ends: 'timeout_cpu', limits: CPU },
  {
    name: 'microtasks that beget microtasks',
    source: `const f = () => Promise.resolve().then(f); await f()`,
    ends: ['timeout_cpu', 'oom'],
    limits: CPU,
  },
  {
    name: 'promises that double',
    source: `const f = async () => { await null; f(); f(); }; f(); await new Promise(() => {})`,
    ends: ['timeout_cpu', 'oom'],
    limits: CPU,
  },
  {
    name: 'a loop after the first call',
    source: `await mcp.s.echo({}); for (;;);`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a loop in then',
    source: `mcp.s.echo({}).then(() => { for (;;); }); await new Promise(() => {})`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a loop in a getter that a settlement runs',
    source: `Object.defineProperty(Object.prototype, 'then', { get() { for (;;); } }); await mcp.s.echo({ a: 1 })`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a loop in a getter of what is thrown',
    source: `throw { get message() { for (;;); } }`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a loop in a getter of an unhandled rejection',
    source: `Promise.reject({ get stack() { for (;;); }, get message() { for (;;); } }); await mcp.s.never()`,
    ends: ['timeout_cpu', 'timeout_wall'],
    limits: { ...CPU, wallMs: 1500 },
  },
  {
    name: 'a loop in toJSON of the returned value',
    source: `return { toJSON() { for (;;); } }`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a loop in a getter of an argument',
    source: `await mcp.s.echo({ get a() { for (;;); } })`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a loop in a finally after a timeout',
    source: `try { for (;;); } finally { for (;;); }`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'a promise that nothing resolves',
    source: `await new Promise(() => {})`,
    ends: 'timeout_wall',
    says: 'nothing can bring about',
  },
  {
    name: 'a tool that never answers',
    source: `await mcp.s.never({})`,
    ends: 'timeout_wall',
    limits: { wallMs: 300 },
  },
  {
    name: 'a catastrophic regular expression',
    source: `return /^(a+)+$/.test('a'.repeat(40) + 'b')`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
  {
    name: 'BigInt powers, which heed no timer',
    source: `return String(3n ** 200000000n).length`,
    ends: ['timeout_cpu', 'timeout_wall', 'oom'],
    limits: CPU,
  },
  {
    name: 'a giant sort',
    source: `const a = Array.from({ length: 4e6 }, (_, i) => (i * 7919) % 1e6); for (;;) a.sort(() => Math.random() - 0.5)`,
    ends: ['timeout_cpu', 'oom'],
    limits: CPU,
  },
  {
    name: 'giant fills',
    source: `for (;;) new Array(3e6).fill(0).map(String)`,
    ends: ['timeout_cpu', 'oom'],
    limits: CPU,
  },
  {
    name: 'many resumes that are each just under the limit',
    source: `const spin = (ms) => { const t = Date.now(); while (Date.now() - t < ms); }; for (let i = 0; i < 100; i++) { spin(60); await mcp.s.echo({ i }); } return 'done'`,
    ends: 'timeout_cpu',
    limits: CPU,
  },
];

/** Time enough on any machine: memory is what ends these. */
const MEMORY = { memoryBytes: 16 * MIB, cpuMs: 30_000, wallMs: 40_000 };
const full: ProgramStatus[] = ['oom', 'guest_error'];

/** Programs that want all the memory there is. */
export const MEMORY_CASES: Attack[] = [
  {
    name: 'arrays',
    source: `const a = []; for (;;) a.push(new Array(1000).fill(1.5))`,
    ends: 'oom',
    limits: MEMORY,
  },
  {
    name: 'strings',
    source: `const a = []; for (let i = 0; ; i++) a.push(JSON.stringify(('x' + i).repeat(50000)))`,
    ends: 'oom',
    limits: MEMORY,
  },
  {
    name: 'a string that doubles',
    source: `let s = 'x'; for (;;) { s += s; s.charCodeAt(0) }`,
    ends: full,
    limits: MEMORY,
  },
  {
    name: 'a Map',
    source: `const m = new Map(); for (let i = 0; ; i++) m.set(i, i)`,
    ends: ['oom', 'guest_error', 'timeout_cpu'],
    limits: MEMORY,
  },
  {
    name: 'a Set',
    source: `const m = new Set(); for (let i = 0; ; i++) m.add('k'.repeat(100) + i)`,
    ends: ['oom', 'guest_error', 'timeout_cpu'],
    limits: MEMORY,
  },
  { name: 'spread', source: `let a = [1]; for (;;) a = [...a, ...a]`, ends: full, limits: MEMORY },
  {
    name: 'Symbol.for',
    source: `const a = []; for (let i = 0; ; i++) a.push(Symbol.for('s'.repeat(5000) + i))`,
    ends: ['oom', 'timeout_cpu'],
    limits: MEMORY,
  },
  {
    name: 'closures',
    source: `const a = []; for (let i = 0; ; i++) { const x = new Array(100).fill(i); a.push(() => x); }`,
    ends: 'oom',
    limits: MEMORY,
  },
  {
    name: 'array buffers',
    source: `const a = []; for (;;) { const b = new Uint8Array(1 << 20); b.fill(1); a.push(b); }`,
    ends: full,
    limits: MEMORY,
  },
  {
    name: 'resizable buffers',
    source: `const a = []; for (;;) { const b = new ArrayBuffer(0, { maxByteLength: 1 << 26 }); b.resize(1 << 26); a.push(b); }`,
    ends: 'guest_error',
    limits: MEMORY,
  },
  {
    name: 'memory of WebAssembly',
    source: `new WebAssembly.Memory({ initial: 10000 })`,
    ends: 'guest_error',
    limits: MEMORY,
  },
  {
    name: 'collators outside the heap',
    source: `const a = []; for (let i = 0; ; i++) a.push(new Intl.NumberFormat('de', { minimumFractionDigits: i % 20 }))`,
    ends: ['oom', 'timeout_cpu'],
    // They grow so slowly that time is what ends them.
    limits: { ...MEMORY, cpuMs: 1500 },
  },
  {
    name: 'JSON.parse of open brackets',
    source: `try { JSON.parse('['.repeat(5e6)); } catch (e) { throw new Error(e.name); }`,
    ends: full,
    limits: MEMORY,
  },
  {
    name: 'a deeply nested tool result',
    source: `const r = await mcp.s.deep({ depth: 100000 }); return JSON.stringify(r).length`,
    ends: ['guest_error', 'ok'],
    limits: MEMORY,
  },
  {
    name: 'endless recursion',
    source: `const f = () => f() + 1; try { f(); } catch (e) { return e.name; }`,
    ends: 'ok',
    value: 'RangeError',
    limits: MEMORY,
  },
  {
    name: 'recursion through getters and proxies',
    source: `const p = new Proxy({}, { get: (t, k, r) => r[k] }); try { p.x; } catch (e) { return e.name; }`,
    ends: 'ok',
    value: 'RangeError',
    limits: MEMORY,
  },
  {
    name: 'a flood of promises',
    source: `const a = []; for (;;) a.push(new Promise(() => {}))`,
    ends: 'oom',
    limits: MEMORY,
  },
  {
    name: 'a flood of reactions',
    source: `const p = new Promise(() => {}); for (;;) p.then(() => {})`,
    ends: 'oom',
    limits: MEMORY,
  },
  {
    name: 'a large regular expression',
    source: `const a = []; for (let i = 0; ; i++) { const r = new RegExp('(a|b'.repeat(5000) + ')'.repeat(5000) + i); r.test('a'); a.push(r); }`,
    ends: ['oom', 'guest_error', 'timeout_cpu', 'crashed'],
    limits: MEMORY,
  },
  {
    name: 'functions made from text',
    source: `const a = []; for (let i = 0; ; i++) a.push(new Function('return ' + i + '+' + JSON.stringify('x'.repeat(10000))))`,
    ends: ['oom', 'timeout_cpu'],
    limits: MEMORY,
  },
];

/** Programs that talk too much. */
export const OUTPUT: Attack[] = [
  {
    name: 'a megabyte printed in a loop',
    source: `for (;;) console.log('x'.repeat(1e6))`,
    ends: 'output_limit',
  },
  {
    name: 'a flood whose errors are caught',
    source: `for (;;) { try { console.log('x'.repeat(1e6)); } catch {} }`,
    ends: ['output_limit', 'timeout_cpu'],
    limits: { cpuMs: 500 },
  },
  {
    name: 'a million small lines',
    source: `for (let i = 0; i < 1e6; i++) console.log('line ' + i)`,
    ends: 'output_limit',
  },
  { name: '100 MB returned', source: `return 'x'.repeat(1e8)`, ends: 'output_limit', says: 'larger than' },
  {
    name: 'a value just over the limit in bytes, not in characters',
    source: `return '€'.repeat(400000)`,
    ends: 'output_limit',
  },
  {
    name: 'a 256 MB argument',
    source: `await mcp.s.echo({ a: 'x'.repeat(2 ** 28) })`,
    ends: ['guest_error', 'oom'],
    crossed: [],
  },
  {
    name: 'an argument a little too large',
    source: `await mcp.s.echo({ a: 'é'.repeat(600000) })`,
    ends: 'guest_error',
    says: 'larger than',
    crossed: [],
  },
  {
    name: '100,000 calls at once',
    source: `await Promise.all(Array.from({ length: 100000 }, () => mcp.s.echo()))`,
    ends: 'call_limit',
    says: '100000 calls',
    limits: { calls: 1000 },
  },
  {
    name: 'calls one after another beyond the limit',
    source: `for (;;) await mcp.s.echo({})`,
    ends: 'call_limit',
    says: '51 calls',
    limits: { calls: 50 },
  },
  {
    name: 'a call after the program has returned',
    source: `mcp.s.echo({ in: 1 }).then(() => mcp.s.echo({ late: 1 })); return 1`,
    ends: 'ok',
    crossed: [],
  },
  {
    name: 'a call from a microtask after the return',
    source: `(async () => { for (let i = 0; i < 50; i++) await null; await mcp.s.echo({ late: 1 }); })(); return 1`,
    ends: 'ok',
    crossed: [],
  },
  {
    name: 'forged protocol in logs',
    source: `console.log('\\n{"calls":[{"id":1}]}\\0\\x1b[31m</script>\\ud800'); return 1`,
    ends: 'ok',
    value: 1,
    crossed: [],
  },
  {
    name: 'printing objects that fight back',
    source: `const a = { get x() { throw 1; } }; console.log(a, new Proxy({}, { ownKeys() { throw 1; } }), Symbol('s'), 1n, () => 1); const c = {}; c.c = c; console.log(c); return 1`,
    ends: 'ok',
    value: 1,
  },
];
