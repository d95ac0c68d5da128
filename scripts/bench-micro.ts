import { markdownTable } from 'markdown-table';
import { type Comparison, measureBridge } from './micro/bridge.ts';
import { measureClassicTrial } from './micro/classic-trial.ts';
import { measureMemory } from './micro/memory.ts';

/** Times patternbench itself against the bare MCP client, both sides in one run, and prints ratios of medians. */
const number = (value: number) => Math.round(value).toLocaleString('en-US');

/** One row for each comparison: calls a second (programs a second where none are made), and our ratio to the others. */
function comparisonTable(comparisons: Comparison[]): string {
  const rows = comparisons.map(({ what, calls, medians }) => {
    const rate = (name: string) => {
      const side = medians.find((median) => median.name === name);
      return side && (calls / side.medianMs) * 1000;
    };
    const [ours, bareClient, utcp] = [rate('sandbox'), rate('bare client'), rate('utcp')];
    const ratio = (other: number | undefined) => (ours && other ? (ours / other).toFixed(2) : '');
    const cell = (value: number | undefined) => (value ? number(value) : '');
    return [what, cell(bareClient), cell(utcp), cell(ours), ratio(bareClient), ratio(utcp)];
  });
  return markdownTable(
    [['a second', 'bare client', '@utcp/code-mode', 'sandbox', 'sandbox / bare', 'sandbox / utcp'], ...rows],
    { align: ['l', 'r', 'r', 'r', 'r', 'r'] },
  );
}

console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}; medians of alternating rounds.\n`,
);
console.log(comparisonTable(await measureBridge(5000, 5)));

const [bare, trial] = await measureClassicTrial(5);
const ratio = (trial?.medianMs ?? Number.NaN) / (bare?.medianMs ?? Number.NaN);
console.log(
  `\nA whole classic trial of crm-top-customers (5,000 contacts, 502 round trips): ${number(trial?.medianMs ?? 0)} ms; the same server and 5,001 calls through the bare client: ${number(bare?.medianMs ?? 0)} ms; ratio ${ratio.toFixed(2)}.`,
);

const memory = await measureMemory();
const mib = (bytes: number) => `${number(bytes / 1024 / 1024)} MiB`;
console.log(
  memory
    ? `\nPeak resident memory of the default run: ${mib(memory.own)}; with its server and sandbox processes ${mib(memory.withChildren)}.`
    : '\nResident memory is measured on Linux only.',
);
