/**
 * Plans the direct calls of bundled workflows whose programs make calls at the same time, with the program written in five styles:
 * the way it is written must not decide. `npm run check:styles [-- WORKFLOW…]`; exits with 1 where a style gives other messages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styles } from '../harness/agent/scripted/testing/workflows.ts';
import { createSandbox } from '../harness/sandbox/create.ts';
import { loadScenarios } from '../harness/scenario/load.ts';
import { toMarkdownTable } from '../reports/text/markup.ts';
import { planInStyle } from './styles/restyle.ts';

const folder = mkdtempSync(join(tmpdir(), 'patternbench-styles-'));
const sandbox = await createSandbox({});
const rows: string[][] = [];
try {
  for (const scenario of await loadScenarios(process.argv.slice(2))) {
    const planned: (string | undefined)[] = [];
    for (const style of Object.keys(styles))
      planned.push(await planInStyle(scenario, style, { sandbox, folder }));
    const [first] = planned;
    if (first === undefined) continue;
    const row = planned.map((each) => (each === first ? 'same' : 'differs'));
    rows.push([scenario.name, ...row]);
    process.stderr.write(`${scenario.name}: ${row.join(', ')}\n`);
  }
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  toMarkdownTable({
    headings: ['workflow', ...Object.keys(styles)],
    align: ['l', 'l', 'l', 'l', 'l', 'l'],
    rows,
  }),
);
process.exitCode = rows.some((row) => row.includes('differs')) ? 1 : 0;
