import type { Primordials } from './bootstrap.ts';
import type { Text } from './text.ts';

/**
 * Runs inside the isolate: turns a value into JSON text by one rule for arguments and returned values.
 *
 * As JSON.stringify, except where that loses data silently: a Map with string keys becomes an object and any other Map an
 * array of pairs, a Set an array, an Error its name, message and code. Functions, symbols, BigInt, cycles, binary data and
 * promises that were not awaited are errors that name the path. NaN and infinities are errors in arguments and null in
 * returned values; undefined properties are left out; a Date is its ISO string.
 */
export function createEncoder(p: Primordials, text: Text) {
  type Bounds = { root: string; bytes: number; depth: number; strictNumbers: boolean };
  type Fault = { kind: 'size' | 'shape'; message: string };

  return function encode(
    root: unknown,
    bounds: Bounds,
  ): { json: string | undefined; fault?: undefined } | { json?: undefined; fault: Fault } {
    const path = p.create(null) as Record<number, string>;
    const above = p.create(null) as Record<number, unknown>;
    let length = 0;
    let fault: Fault | undefined;

    function where(depth: number): string {
      let at = bounds.root;
      for (let i = 1; i <= depth && i <= 20; i++) at += path[i];
      return depth > 20 ? `${at}…` : at;
    }
    function tooLarge(): string {
      fault ??= { kind: 'size', message: '' };
      return '';
    }
    function unfit(depth: number, what: string): string {
      fault ??= { kind: 'shape', message: `${where(depth)} ${what}` };
      return '';
    }
    function quote(value: string): string {
      if (value.length > bounds.bytes) return tooLarge();
      const json = p.stringify(value);
      length += json.length;
      return json;
    }
    function items(count: number, depth: number, at: (index: number) => unknown): string {
      let json = '[';
      for (let i = 0; i < count && !fault; i++) {
        path[depth + 1] = `[${i}]`;
        if (i > 0) json += ',';
        length += 1;
        if (length > bounds.bytes) return tooLarge();
        json += write(at(i), depth + 1, '') ?? 'null';
      }
      return `${json}]`;
    }
    function members(
      count: number,
      keys: Record<number, unknown>,
      depth: number,
      at: (index: number) => unknown,
    ): string {
      let json = '';
      for (let i = 0; i < count && !fault; i++) {
        const key = keys[i] as string;
        path[depth + 1] = `.${key.length > 40 ? `${p.slice(key, 0, 40)}…` : key}`;
        const member = write(at(i), depth + 1, key);
        if (member !== undefined) json += `${json === '' ? '' : ','}${quote(key)}:${member}`;
      }
      return `{${json}}`;
    }
    function exotic(value: object, depth: number): string | undefined {
      if (value instanceof p.Map) {
        const keys = p.create(null) as Record<number, unknown>;
        const held = p.create(null) as Record<number, unknown>;
        let count = 0;
        let named = true;
        p.mapForEach(value, (item, key) => {
          keys[count] = key;
          held[count++] = item;
          named &&= typeof key === 'string';
        });
        return named
          ? members(count, keys, depth, (i) => held[i])
          : items(count, depth, (i) => [keys[i], held[i]]);
      }
      if (value instanceof p.Set) {
        const held = p.create(null) as Record<number, unknown>;
        let count = 0;
        p.setForEach(value, (item) => {
          held[count++] = item;
        });
        return items(count, depth, (i) => held[i]);
      }
      if (value instanceof p.Error) {
        const error = value as Error & { code?: unknown };
        const keys = typeof error.code === 'string' ? ['name', 'message', 'code'] : ['name', 'message'];
        return members(keys.length, keys, depth, (i) => error[keys[i] as 'name']);
      }
      if (value instanceof p.Promise) {
        return unfit(depth, 'is a Promise that was not awaited; put "await" before the call that made it.');
      }
      if (p.isView(value) || value instanceof p.ArrayBuffer) {
        return unfit(depth, 'is binary data, which JSON cannot carry; turn it into an array or a string.');
      }
      return undefined;
    }
    function write(given: unknown, depth: number, key: string): string | undefined {
      if (fault) return '';
      let value = given;
      if (typeof value === 'object' && value !== null) {
        const toJSON: unknown = (value as { toJSON?: unknown }).toJSON;
        if (typeof toJSON === 'function') value = p.apply(toJSON, value, [key]);
      }
      if (value === null) return 'null';
      switch (typeof value) {
        case 'string':
          return quote(value);
        case 'number':
          if (p.isFinite(value)) return p.stringify(value);
          if (!bounds.strictNumbers) return 'null';
          return unfit(
            depth,
            `is ${p.String(value)}, which JSON cannot carry; check it before you pass it on.`,
          );
        case 'boolean':
          return value ? 'true' : 'false';
        case 'undefined':
          return undefined;
        case 'bigint':
          return unfit(depth, 'is a BigInt, which JSON cannot carry; use Number(…) or String(…).');
        case 'function':
        case 'symbol':
          return unfit(depth, `is a ${typeof value}, which JSON cannot carry; leave it out.`);
      }
      const object = value as Record<string, unknown>;
      if (depth >= bounds.depth) {
        return unfit(depth, `is nested more than ${bounds.depth} levels deep; flatten it.`);
      }
      for (let i = 0; i < depth; i++) {
        if (above[i] === object) {
          return unfit(depth, `refers back to ${where(i)}; JSON cannot carry a cycle.`);
        }
      }
      above[depth] = object;
      length += 2;
      if (length > bounds.bytes) return tooLarge();
      if (p.isArray(object)) return items((object as unknown[]).length, depth, (i) => object[i]);
      const proto = p.getPrototypeOf(object);
      if (proto !== p.objectPrototype && proto !== null) {
        const json = exotic(object, depth);
        if (json !== undefined) return json;
      }
      const keys = p.keys(object);
      return members(keys.length, keys, depth, (i) => object[keys[i] as string]);
    }

    const json = write(root, 0, '');
    const mayBeLarge = json !== undefined && json.length * 3 > bounds.bytes;
    if (mayBeLarge && text.utf8Length(json) > bounds.bytes) tooLarge();
    return fault ? { fault } : { json };
  };
}

export type Encode = ReturnType<typeof createEncoder>;
