import { markdownTable } from 'markdown-table';
import { measureBridge, type Throughput } from './micro/bridge.ts';
import { measureClassicTrial } from './micro/classic-trial.ts';
import { measureMemory } from './micro/memory.ts';

/** Times patternbench itself against the bare MCP client, both sides in one run, and prints ratios of medians. */
const number = (value: number) => Math.round(value).toLocaleString('en-US');

function throughputTable(figures: Throughput[]): string {
  const rows = figures.map(({ what, calls, medians: [reference, ours] }) => {
    const rate = (medianMs = Number.NaN) => (calls / medianMs) * 1000;
    const [theirs, mine] = [rate(reference?.medianMs), rate(ours?.medianMs)];
    return [what, number(theirs), number(mine), (mine / theirs).toFixed(2)];
  });
  return markdownTable([['calls a second, stdio', 'bare client', 'sandbox', 'sandbox / bare'], ...rows], {
    align: ['l', 'r', 'r', 'r'],
  });
}

console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}; medians of alternating rounds.\n`,
);
console.log(throughputTable(await measureBridge(5000, 5)));

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
