/*
 * Ways out of a JavaScript sandbox, each an expression that would yield the host's `process` from a handle HANDLE that the
 * bridge gives to a program. The ideas are those published for vm2 and node:vm, expressed for these handles.
 */

/** The name of an environment variable of the host that no program may ever read. */
export const CANARY_NAME = 'PATTERNBENCH_TEST_CANARY';
export const CANARY = 'canary-7f3a9c51';

/** What a program can lay its hands on, and what it has to do to get it. */
const HANDLES: Record<string, string> = {
  'the tool function': 'mcp.s.echo',
  'the server object': 'mcp.s',
  'the mcp object': 'mcp',
  'the log function': 'console.log',
  'the promise of a call': 'mcp.s.echo({ a: { b: 1 } })',
  'the result of a call': 'await mcp.s.echo({ a: { b: 1 } })',
  'a part of a result': '(await mcp.s.echo({ a: { b: [1] } })).a.b',
  'the error of a tool': 'await mcp.s.fail({}).catch((error) => error)',
};

/** Expressions that reach for the host's `process` through the handle `h`. */
const TECHNIQUES: Record<string, string> = {
  'constructor of the constructor': `h.constructor.constructor('return process')()`,
  'constructor of the prototype': `Object.getPrototypeOf(h).constructor.constructor('return process')()`,
  'the __proto__ accessor': `h.__proto__.constructor.constructor('return process')()`,
  'an inherited method': `h.toString.constructor('return process')()`,
  'the legacy getter lookup': `h.__lookupGetter__.constructor('return process')()`,
  'a getter looked up by name': `h.__lookupGetter__('__proto__').call(h).constructor.constructor('return process')()`,
  'the top of the prototype chain': `(() => { let o = h; for (let n; (n = Object.getPrototypeOf(o)); ) o = n; return o.constructor.constructor('return process')(); })()`,
  'any function in the graph': `(() => {
    const seen = new Set(); const todo = [h];
    for (let o; todo.length; ) {
      o = todo.pop();
      if (o === null || (typeof o !== 'object' && typeof o !== 'function') || seen.has(o) || seen.size > 3000) continue;
      seen.add(o);
      if (typeof o === 'function') { try { return o.constructor('return process')(); } catch {} }
      for (const k of Reflect.ownKeys(o)) { try { todo.push(o[k]); } catch {} }
      todo.push(Object.getPrototypeOf(o));
    } throw new Error('nothing found'); })()`,
  'an async function made by the host': `(await h.constructor.constructor('return async () => process')()())`,
  'a generator made by the host': `h.constructor.constructor('return function* () { yield process; }')()().next().value`,
  'bind and apply': `Function.prototype.call.call(h.constructor.constructor, null, 'return process')()`,
  'Reflect.construct': `Reflect.construct(h.constructor.constructor, ['return process'])()`,
};

/** Whole programs whose way out needs more than one handle. */
const TRICKS: Record<string, string> = {
  'a stack overflow inside the host': `
    const p = (() => { let found; const dive = () => { try { dive(); } catch (e) {
      try { console.log(e); mcp.s.echo(e).constructor; } catch (inner) {
        try { found ??= inner.constructor.constructor('return process')(); } catch {} }
      throw e; } };
      try { dive(); } catch {} return found ?? mcp.s.echo.constructor('return process')(); })();
    return p.env.NAME;`,
  'a printed object that inspects its printer': `
    let p; console.log({ [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
      p = (inspect ?? options ?? depth).constructor.constructor('return process')(); return ''; } });
    return p.env.NAME;`,
  'toJSON called by the host': `
    let p; await mcp.s.echo({ toJSON(key) {
      const caller = arguments.callee?.caller; p = caller?.constructor('return process')(); return {}; } }).catch(() => {});
    p ??= mcp.s.echo.constructor('return process')();
    return p.env.NAME;`,
  'a call site of the host': `
    Error.prepareStackTrace = (error, frames) => frames;
    let p; const look = () => { for (const f of new Error().stack) {
      const t = f.getFunction() ?? f.getThis(); if (t) try { p ??= t.constructor.constructor('return process')(); } catch {} } };
    await mcp.s.echo({ get a() { look(); return 1; } });
    const then = { get then() { look(); return undefined; } }; await then;
    p ??= Error.prepareStackTrace && mcp.constructor.constructor('return process')();
    return p.env.NAME;`,
  'a stolen promise reaction': `
    const native = Promise.prototype.then; let p;
    Promise.prototype.then = function (ok, bad) { try { p ??= (ok ?? bad).constructor('return process')(); } catch {}
      return native.call(this, ok, bad); };
    await mcp.s.echo({}); p ??= mcp.s.echo({}).then.constructor('return process')();
    return p.env.NAME;`,
  'species of a promise': `
    let p; const made = mcp.s.echo({}); Object.defineProperty(Promise, Symbol.species, { get() { return undefined; } });
    try { p = made.constructor.constructor('return process')(); } catch {}
    return p.env.NAME;`,
  'a proxy as argument': `
    let p; const trap = new Proxy({}, { get(t, k, r) { try { p ??= r.constructor.constructor('return process')(); } catch {} },
      ownKeys() { return []; }, getPrototypeOf() { return null; } });
    await mcp.s.echo(trap).catch(() => {}); p ??= console.log.constructor('return process')();
    return p.env.NAME;`,
  'a polluted Object.prototype': `
    const top = (o) => { for (let n; (n = Object.getPrototypeOf(o)); ) o = n; return o; };
    const base = top(await mcp.s.echo({ a: 1 }));
    base.polluted = base.constructor.constructor('return process')().env.NAME; return ({}).polluted ?? base.polluted;`,
  'an error with a forged constructor': `
    const e = await mcp.s.fail({}).catch((x) => x); const C = e.constructor;
    const made = Object.create(C.prototype); return made.constructor.constructor('return process')().env.NAME;`,
  'a caller on the stack': `
    const up = new Function('f', 'return f.caller'); let p;
    try { p = up(mcp.s.echo)?.constructor('return process')(); } catch {}
    p ??= mcp.s.echo.constructor('return process')(); return p.env.NAME;`,
  'an eval made indirect': `return (0, mcp.s.echo.constructor('return eval')())('process').env.NAME;`,
  'globalThis of the host': `return mcp.s.echo.constructor('return globalThis')().process.env.NAME;`,
  'process by its main module': `
    return mcp.s.echo.constructor('return process.mainModule || process')().env.NAME;`,
  'a binding of the host': `
    const p = mcp.s.echo.constructor('return process')(); p.getBuiltinModule('fs').statSync('/'); return p.env.NAME;`,
};

/** The same in few programs: all techniques over one handle in each, none of which changes anything; then the tricks. */
export function joinedEscapes(): { name: string; source: string; count: number }[] {
  const all = Object.values(TECHNIQUES);
  return [
    ...Object.entries(HANDLES).map(([handle, expression]) => ({
      name: `every technique over ${handle}`,
      source: `const reached = [];\n${all.map((reach) => `try { const h = ${expression}; const p = ${reach}; reached.push(p.env.${CANARY_NAME} ?? null); } catch (error) { reached.push(String(error?.message)); }`).join('\n')}\nreturn reached;`,
      count: all.length,
    })),
    ...Object.entries(TRICKS).map(([name, source]) => ({
      name,
      source: source.replaceAll('NAME', CANARY_NAME),
      count: 1,
    })),
  ];
}

/** Every escape as a program: techniques over handles, then the tricks. */
export function escapePrograms(): { name: string; source: string }[] {
  const programs: { name: string; source: string }[] = [];
  for (const [handle, expression] of Object.entries(HANDLES)) {
    for (const [technique, reach] of Object.entries(TECHNIQUES)) {
      const source = `const h = ${expression};\nconst p = ${reach};\nreturn p.env.${CANARY_NAME};`;
      programs.push({ name: `${technique} over ${handle}`, source });
    }
  }
  for (const [name, source] of Object.entries(TRICKS))
    programs.push({ name, source: source.replaceAll('NAME', CANARY_NAME) });
  return programs;
}
