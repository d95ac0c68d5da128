import { hash } from 'node:crypto';
import type { Surface } from './surface.ts';

/** The Messages API accepts tool names of this form and length only. */
const classicNameCharacters = 128;
const identifierCharacters = 128;
const hashCharacters = 8;

/** Names that a program could not declare or destructure, strict mode included. */
const reservedWords =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield undefined NaN Infinity'.split(
    ' ',
  );

/** Names the language itself looks up on any object: a tool under one of them would be called by accident. */
const inheritedNames = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'then', 'toJSON'];

const unusable = new Set([...reservedWords, ...inheritedNames]);

/**
 * Maps tool or server names to unique ASCII JavaScript identifiers, in the order given.
 *
 * A name that is a usable identifier stays. In others each character that does not fit becomes `_`, a leading digit
 * gets `_` before it, and reserved words and names every object inherits get `_` after them. Where several names
 * become the same identifier, the one that already was that identifier keeps it; the others, sorted by code units,
 * take what is free of `x`, `x_2`, `x_3` … So the answer depends on the set of names, never on the order of the list;
 * only equal names are told apart by their order.
 */
export function toIdentifiers(names: readonly string[]): string[] {
  const entries = names.map((name, index) => ({ name, index, base: toIdentifier(name) }));
  entries.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const taken = new Set<string>();
  const identifiers = new Array<string>(names.length);
  const claim = (index: number, identifier: string): boolean => {
    if (taken.has(identifier)) return false;
    taken.add(identifier);
    identifiers[index] = identifier;
    return true;
  };
  const changed = entries.filter(({ name, base, index }) => name !== base || !claim(index, base));
  const colliding = changed.filter(({ base, index }) => !claim(index, base));
  const nextSuffix = new Map<string, number>();
  for (const { base, index } of colliding) {
    let suffix = nextSuffix.get(base) ?? 2;
    while (!claim(index, `${base}_${suffix}`)) suffix++;
    nextSuffix.set(base, suffix + 1);
  }
  return identifiers;
}

/**
 * The name of a tool in the classic pattern: `<server>__<tool>`, matching `^[a-zA-Z0-9_-]{1,128}$`.
 * Two tools with different identifiers never share one: wherever the plain form would be too long, needs another
 * character, or could be read as another server's tool, it ends in eight digits of a hash over both parts.
 */
export function classicName(server: string, identifier: string): string {
  const plain = `${server}__${identifier}`;
  const fits = plain.length <= classicNameCharacters && /^[a-zA-Z0-9_-]+$/.test(plain);
  const unambiguous = !server.includes('__') && !server.endsWith('_');
  if (fits && unambiguous) return plain;
  const digest = hash('sha256', JSON.stringify([server, identifier]));
  const kept = plain.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, classicNameCharacters - hashCharacters - 1);
  return `${kept}_${digest.slice(0, hashCharacters)}`;
}

/** Names of servers as programs have them: unique identifiers of letters, digits and single underscores. */
export function toServerNames(names: readonly string[]): string[] {
  return toIdentifiers(names.map((name) => toIdentifier(name).replaceAll('$', '_').replaceAll(/__+/g, '_')));
}

/** The servers under the names that programs have for them. */
export function asPrograms(surface: Surface): Surface {
  const names = toServerNames(surface.map(({ server }) => server));
  return surface.map((each, index) => {
    const server = names[index] ?? each.server;
    return { ...each, server, tools: each.tools.map((tool) => ({ ...tool, server })) };
  });
}

/** One name as an identifier, without regard to others. */
export function toIdentifier(name: string): string {
  const characters = name.replaceAll(/[^a-zA-Z0-9_$]/gu, '_').slice(0, identifierCharacters);
  const started = /^[a-zA-Z_$]/.test(characters) ? characters : `_${characters}`;
  return unusable.has(started) ? `${started}_` : started;
}

/** The name, or where it is taken, the name with the first free number from 2. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  return free;
}
