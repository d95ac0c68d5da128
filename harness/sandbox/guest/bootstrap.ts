import { createBridge, LINES_BEFORE } from './bridge.ts';
import { createEncoder } from './encode.ts';
import { createFormatter, createText } from './text.ts';

/**
 * The script that prepares an isolate: an expression whose value is `{ start, settle, take, reset }`. Each part is self-contained
 * and crosses over as its own source text; nothing is left on the isolate's global.
 */
export function bootstrapSource(parts: { harden: boolean } = { harden: true }): string {
  return `(() => {
'use strict';
const p = (${capture})();
${parts.harden ? `(${harden})();` : ''}
const text = (${createText})(p);
return (${createBridge})(p, text, (${createEncoder})(p, text), (${createFormatter})(p), ${LINES_BEFORE});
})()`;
}

/**
 * Runs inside the isolate before any guest code: keeps the intrinsics that the bridge relies on, so that a program which
 * changes `JSON`, `Promise` or `Function.prototype` changes them for itself only. Self-contained: its source text is what
 * crosses over. Array and string methods are uncurried once; nothing here looks a property up on a prototype later.
 */
export function capture() {
  const { bind, call } = Function.prototype;
  type Uncurry = <Self, Args extends unknown[], Result>(
    method: (this: Self, ...args: Args) => Result,
  ) => (self: Self, ...args: Args) => Result;
  const uncurry = bind.bind(call) as unknown as Uncurry;
  const AsyncFunction = (async () => {}).constructor as new (body: string) => () => Promise<unknown>;
  return {
    AsyncFunction,
    Promise,
    promiseThen: uncurry(Promise.prototype.then) as (
      self: Promise<unknown>,
      ok: (value: unknown) => void,
      failed: (reason: unknown) => void,
    ) => unknown,
    Proxy,
    Error,
    TypeError,
    Date,
    Map,
    Set,
    RegExp,
    ArrayBuffer,
    isView: ArrayBuffer.isView,
    parse: JSON.parse,
    stringify: JSON.stringify as (value: string | number) => string,
    apply: Reflect.apply,
    keys: Object.keys,
    create: Object.create as (proto: object | null) => Record<PropertyKey, unknown>,
    define: Object.defineProperty,
    freeze: Object.freeze,
    getPrototypeOf: Object.getPrototypeOf,
    hasOwn: Object.hasOwn,
    objectPrototype: Object.prototype,
    isArray: Array.isArray,
    isFinite: Number.isFinite,
    String,
    charCodeAt: uncurry(String.prototype.charCodeAt),
    slice: uncurry(String.prototype.slice),
    indexOf: uncurry(String.prototype.indexOf),
    toLowerCase: uncurry(String.prototype.toLowerCase),
    mapForEach: uncurry(Map.prototype.forEach) as (
      self: unknown,
      visit: (value: unknown, key: unknown) => void,
    ) => void,
    setForEach: uncurry(Set.prototype.forEach) as (self: unknown, visit: (value: unknown) => void) => void,
    min: Math.min,
  };
}

/** The captured intrinsics. */
export type Primordials = ReturnType<typeof capture>;

/**
 * Runs inside the isolate before the guest: takes away what a program has no use for and what weakens a limit. Memory of
 * WebAssembly and of resizable buffers is not counted against the isolate; shared memory and Atomics give timers and
 * blocking; finalisers would run guest code outside every timeout, and with weak references make a program's course depend
 * on the garbage collector. The operating system's limits do not rely on any of this.
 */
function harden(): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  const gone = [
    'WebAssembly',
    'SharedArrayBuffer',
    'Atomics',
    'FinalizationRegistry',
    'WeakRef',
    'console',
    'ShadowRealm',
  ];
  for (const name of gone) delete scope[name];

  const Native = ArrayBuffer;
  const proto = Native.prototype as unknown as Record<string, unknown>;
  for (const name of [
    'resize',
    'resizable',
    'maxByteLength',
    'transfer',
    'transferToFixedLength',
    'transferToImmutable',
    'detached',
  ]) {
    delete proto[name];
  }
  // A length and nothing else reaches the real constructor, so `maxByteLength` has no effect.
  const Fixed = function Fixed(length: unknown): ArrayBuffer {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    return Reflect.construct(Native, [Number(length)], new.target);
  };
  const define = (target: object, key: PropertyKey, value: unknown): void => {
    Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
  };
  Object.defineProperty(Fixed, 'prototype', { value: Native.prototype, writable: false });
  Object.defineProperty(Fixed, 'name', { value: 'ArrayBuffer' });
  Object.defineProperty(Fixed, 'length', { value: 1 });
  define(Fixed, 'isView', Native.isView);
  Object.defineProperty(Fixed, Symbol.species, { get: () => Fixed, configurable: true });
  define(Native.prototype, 'constructor', Fixed);
  define(Native, Symbol.species, undefined);
  define(globalThis, 'ArrayBuffer', Fixed);
}
