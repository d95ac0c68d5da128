import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ValidationState, validateAction, validateWorkflow } from '@action-validator/core';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { makeFolder } from '../../harness/testing/command-line.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const named = (start: string) => readdirSync(import.meta.dirname).filter((name) => name.startsWith(start));

// The package has the schemas that SchemaStore publishes of GitHub's files.
describe('by the published schemas of GitHub', () => {
  const action = readFileSync(join(root, 'action.yml'), 'utf8');
  const files: [string, string, (text: string) => ValidationState][] = [
    ['action.yml', action, validateAction],
    ...named('github-').map((name): [string, string, typeof validateWorkflow] => [
      name,
      read(name),
      validateWorkflow,
    ]),
  ];

  test.each(files)('%s has no errors, and one in it would be found', (_, text, validate) => {
    expect(validate(text).errors).toEqual([]);
    expect(validate(text.replace('uses:', 'use:')).errors).not.toEqual([]);
  });
});

// The package has the types of Kubernetes' own OpenAPI; a literal may have no key that its type does not.
test('Kubernetes takes every key of the Jobs and the claim by its published API, and would refuse another', () => {
  const types: Record<string, string> = {
    Job: 'kubernetes-types/batch/v1.d.ts',
    PersistentVolumeClaim: 'kubernetes-types/core/v1.d.ts',
  };
  const documents = named('kubernetes-')
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseAllDocuments(read(name)).map((document) => document.toJSON()));
  expect(documents).toHaveLength(3);
  const toModule = (document: { kind: string }) =>
    `import type { ${document.kind} } from ${JSON.stringify(join(root, 'node_modules', types[document.kind] ?? ''))};
export const document: ${document.kind} = ${JSON.stringify(document)};\n`;
  const [job] = documents.filter(({ kind }) => kind === 'Job');
  const wrong = structuredClone(job);
  wrong.spec.template.spec.containers[0].volumeMount = [];
  const right = Object.fromEntries(documents.map((each, at) => [`right-${at}.ts`, toModule(each)]));
  const cwd = makeFolder({ ...right, 'wrong.ts': toModule(wrong) });
  const settings = '--ignoreConfig --noEmit --strict --module nodenext --skipLibCheck --pretty false';
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, ...settings.split(' '), ...Object.keys(right), 'wrong.ts'];
  const { stdout } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^wrong\.ts.*"volumeMount"' does not exist/),
  ]);
});
