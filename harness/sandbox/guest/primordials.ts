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
