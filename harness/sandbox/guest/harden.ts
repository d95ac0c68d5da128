/**
 * Runs inside the isolate before the guest: takes away what a program has no use for and what weakens a limit. Memory of
 * WebAssembly and of resizable buffers is not counted against the isolate; shared memory and Atomics give timers and
 * blocking; finalisers would run guest code outside every timeout, and with weak references make a program's course depend
 * on the garbage collector. The operating system's limits do not rely on any of this.
 */
export function harden(): void {
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
