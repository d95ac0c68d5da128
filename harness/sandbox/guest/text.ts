import type { Primordials } from './bootstrap.ts';

/** Runs inside the isolate: lengths in UTF-8 bytes, cutting at a character, and names that look alike. */
export function createText(p: Primordials) {
  /** Bytes of UTF-8; a lone surrogate counts 3, as its replacement character does. */
  function utf8Length(text: string): number {
    const length = text.length;
    let bytes = length;
    for (let i = 0; i < length; i++) {
      const code = p.charCodeAt(text, i);
      if (code < 0x80) continue;
      if (code < 0x800) bytes += 1;
      else {
        bytes += 2;
        if (code >= 0xd800 && code < 0xdc00 && i + 1 < length) {
          const next = p.charCodeAt(text, i + 1);
          if (next >= 0xdc00 && next < 0xe000) i++;
        }
      }
    }
    return bytes;
  }

  /** The longest beginning of `text` that fits in `room` bytes. */
  function cut(text: string, room: number): string {
    let bytes = 0;
    let i = 0;
    for (; i < text.length && i <= room; i++) {
      const code = p.charCodeAt(text, i);
      const wide = code >= 0xd800 && code < 0xdc00 && i + 1 < text.length;
      const pair = wide && p.charCodeAt(text, i + 1) >= 0xdc00 && p.charCodeAt(text, i + 1) < 0xe000;
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : pair ? 4 : 3;
      if (bytes + size > room) break;
      bytes += size;
      if (pair) i++;
    }
    return p.slice(text, 0, i);
  }

  /** Levenshtein distance without regard to case. */
  function distance(left: string, right: string): number {
    const a = p.toLowerCase(left);
    const b = p.toLowerCase(right);
    let row = p.create(null) as Record<number, number>;
    for (let j = 0; j <= b.length; j++) row[j] = j;
    for (let i = 1; i <= a.length; i++) {
      const next = p.create(null) as Record<number, number>;
      next[0] = i;
      for (let j = 1; j <= b.length; j++) {
        const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
        next[j] = p.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1);
      }
      row = next;
    }
    return row[b.length] as number;
  }

  /** Up to three of `names` nearest to `wanted`, as text; all of them when there are few. */
  function nearest(wanted: string, names: string[]): string {
    const probe = p.slice(wanted, 0, 64);
    const used = p.create(null);
    let text = '';
    for (let shown = 0; shown < 3 && shown < names.length; shown++) {
      let best = '';
      let bestDistance = Number.POSITIVE_INFINITY;
      for (let i = 0; i < names.length && i < 2000; i++) {
        const name = names[i] as string;
        if (used[name]) continue;
        const away =
          p.indexOf(name, probe) >= 0 && probe !== '' ? 0.5 : distance(probe, p.slice(name, 0, 64));
        if (away < bestDistance) {
          best = name;
          bestDistance = away;
        }
      }
      used[best] = true;
      text += (shown ? ', ' : '') + best;
    }
    return text;
  }

  return { utf8Length, cut, nearest };
}

export type Text = ReturnType<typeof createText>;

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
