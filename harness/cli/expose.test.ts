import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exposureSchema } from '../results/exposure.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';

test('expose prints where each text reaches the model, as JSON and as Markdown, and keeps no run', async () => {
  const cwd = makeFolder({ 'patternbench.config.json': '{ "variants": ["code-typed"] }' });
  const asked = ['crm-contact-lookup', '--param', 'contacts=20'];
  const files = ['--md', 'exposure.md', '--html', 'exposure.html'];
  const { code, stdout, stderr } = await patternbench(['expose', ...asked, '--json', ...files], { cwd });
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  expect(stderr).toContain('Poisoning server crm of crm-contact-lookup');
  const [scenario] = exposureSchema.parse(JSON.parse(stdout)).scenarios;
  expect(scenario).toMatchObject({ scenario: 'crm-contact-lookup', server: 'crm', used: 'get_contact' });
  // By the configuration.
  expect(scenario?.untrusted.map(({ variant }) => variant)).toEqual(['code-typed']);
  const markdown = readFileSync(join(cwd, 'exposure.md'), 'utf8');
  expect(markdown).toMatch(/\| output-enum +\| yes +\| yes +\| 1 +\|/);
  const page = readFileSync(join(cwd, 'exposure.html'), 'utf8');
  expect(page).toContain('<th scope="row">output-enum</th>');
  expect(stderr).not.toContain('Run directory');
});

test('expose prints aligned tables that fit 80 columns, with every name whole', async () => {
  const only = ['--places', 'output-property-description,tool-error'];
  const asked = [
    'expose',
    'crm-contact-lookup',
    '--param',
    'contacts=20',
    '--variants',
    'classic,code',
    ...only,
  ];
  const { stdout } = await patternbench(asked);
  const lines = stdout.split('\n');
  expect(lines).toContain('place                        pin  warned  classic    code');
  expect(lines.find((line) => line.startsWith('tool-error'))).toMatch(/^tool-error +2, failed {2}4, failed$/);
  expect(stdout).not.toMatch(/^\|/m);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});

test('expose takes all variants by one word, as run does', async () => {
  const { code, stderr } = await patternbench(['expose', 'nowhere', '--variants', 'all']);
  expect({ code, isWord: stderr.includes('Unknown variant "all"') }).toEqual({ code: 2, isWord: false });
});
