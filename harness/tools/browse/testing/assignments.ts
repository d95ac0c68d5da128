import type { JsonSchema } from '../../../json.ts';
import { toLiteral } from '../../../visible.ts';
import { toTypeScript } from '../types.ts';
import { compileTypeScript } from './compile.ts';

/** A schema with values it accepts and values it rejects. */
export type SchemaCase = { name: string; schema: JsonSchema | boolean; valid: unknown[]; invalid: unknown[] };

/**
 * Asks the compiler which of the values fit the generated types, in one run, and says in words where it disagrees with
 * the schema: a type that does not compile, a valid value refused, an invalid value let through.
 */
export function findDisagreements(cases: SchemaCase[]): string[] {
  const sources: Record<string, string> = {};
  const expectations = new Map<string, string>();
  const refused = new Set<string>();
  const problems: string[] = [];
  cases.forEach(({ name, schema, valid, invalid }, number) => {
    const file = `case${number}`;
    const { type, declarations } = toTypeScript(schema);
    const lines = [...declarations, `type Value = ${type}`].join('\n').split('\n');
    const values = [
      ...valid.map((value) => ({ value, fits: true })),
      ...invalid.map((value) => ({ value, fits: false })),
    ];
    for (const { value, fits } of values) {
      lines.push(`{ const value: Value = ${toLiteral(value)}; void value }`);
      expectations.set(
        `${file}:${lines.length}`,
        `${name}: ${fits ? 'refuses' : 'accepts'} ${JSON.stringify(value)} for ${type}`,
      );
      if (!fits) refused.add(`${file}:${lines.length}`);
    }
    sources[file] = lines.join('\n');
  });
  const complaints = new Set<string>();
  for (const { file, line, message } of compileTypeScript(sources)) {
    const place = `${file}:${line}`;
    if (expectations.has(place)) complaints.add(place);
    else problems.push(`${cases[Number(file.slice(4))]?.name}: does not compile: ${message}`);
  }
  for (const [place, text] of expectations)
    if (complaints.has(place) !== refused.has(place)) problems.push(text);
  return problems;
}
