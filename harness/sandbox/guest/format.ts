import type { Primordials } from './bootstrap.ts';

/**
 * Runs inside the isolate: how `console.log` shows a value. Strings as they are, everything else as compact JSON, with
 * readable marks for what JSON cannot carry (`undefined`, `NaN`, `12n`, `[Function name]`, `[Circular]`). Never throws;
 * stops at `room` characters, so that printing one huge object cannot cost more than the log may hold.
 */
export function createFormatter(p: Primordials) {
  const MAX_DEPTH = 24;

  return function format(root: unknown, room: number): string {
    const above = p.create(null) as Record<number, unknown>;
    let used = 0;

    function spend(piece: string): string {
      used += piece.length;
      return piece;
    }
    function list(open: string, close: string, count: number, at: (index: number) => string): string {
      spend(open + close);
      let out = open;
      for (let i = 0; i < count; i++) {
        if (used > room) return `${out}…`;
        if (i > 0) out += ',';
        out += at(i);
      }
      return out + close;
    }
    function exotic(value: object, depth: number): string | undefined {
      if (value instanceof p.Error) {
        const { name, message } = value as Error;
        return spend(message === '' ? p.String(name) : `${p.String(name)}: ${p.String(message)}`);
      }
      if (value instanceof p.Date || value instanceof p.RegExp) return spend(p.String(value));
      if (value instanceof p.Promise) return spend('[Promise: not awaited]');
      if (value instanceof p.Map) {
        const shown = p.create(null) as Record<number, string>;
        let count = 0;
        p.mapForEach(value, (item, key) => {
          if (used <= room) shown[count++] = `${show(key, depth + 1)} => ${show(item, depth + 1)}`;
        });
        return list('Map{', '}', count, (i) => shown[i] as string);
      }
      if (value instanceof p.Set) {
        const shown = p.create(null) as Record<number, string>;
        let count = 0;
        p.setForEach(value, (item) => {
          if (used <= room) shown[count++] = show(item, depth + 1);
        });
        return list('Set{', '}', count, (i) => shown[i] as string);
      }
      return undefined;
    }
    function show(value: unknown, depth: number): string {
      switch (typeof value) {
        case 'string': {
          const kept = value.length > room ? p.slice(value, 0, room) : value;
          return spend(depth === 0 ? kept : p.stringify(kept));
        }
        case 'bigint':
          return spend(`${p.String(value)}n`);
        case 'function': {
          const name: unknown = (value as { name?: unknown }).name;
          return spend(
            `[Function ${typeof name === 'string' && name !== '' ? p.slice(name, 0, 80) : 'anonymous'}]`,
          );
        }
        case 'object':
          break;
        default:
          return spend(p.String(value));
      }
      if (value === null) return spend('null');
      const object = value as Record<string, unknown>;
      for (let i = 0; i < depth; i++) if (above[i] === object) return spend('[Circular]');
      if (depth >= MAX_DEPTH) return spend('[…]');
      above[depth] = object;
      if (p.isArray(object)) {
        return list('[', ']', (object as unknown[]).length, (i) => show(object[i], depth + 1));
      }
      const proto = p.getPrototypeOf(object);
      if (proto !== p.objectPrototype && proto !== null) {
        const out = exotic(object, depth);
        if (out !== undefined) return out;
      }
      const keys = p.keys(object);
      return list('{', '}', keys.length, (i) => {
        const key = keys[i] as string;
        return `${spend(p.stringify(p.slice(key, 0, room)))}:${show(object[key], depth + 1)}`;
      });
    }

    try {
      return show(root, 0);
    } catch {
      return '[not printable]';
    }
  };
}

export type Format = ReturnType<typeof createFormatter>;
