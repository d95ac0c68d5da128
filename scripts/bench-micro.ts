import { markdownTable } from 'markdown-table';
import { type Comparison, compareWithBareClient, compareWithUtcp } from './micro/bridge.ts';
import { measureClassicTrial } from './micro/classic-trial.ts';
import { compareLibraries, type Way } from './micro/libraries.ts';
import { measureMemory } from './micro/memory.ts';

/** Times patternbench itself against the bare MCP client, both sides in one run, and prints ratios of medians. */
const number = (value: number) => Math.round(value).toLocaleString('en-US');

/** One row for each comparison: rates of both sides a second, and ours over the other's. */
function comparisonTable(other: string, comparisons: Comparison[]): string {
  const rows = comparisons.map(({ what, calls, medians }) => {
    const rate = (isOurs: boolean) => {
      const side = medians.find(({ name }) => (name === 'sandbox') === isOurs);
      return (calls / (side?.medianMs ?? Number.NaN)) * 1000;
    };
    return [what, number(rate(false)), number(rate(true)), (rate(true) / rate(false)).toFixed(2)];
  });
  return markdownTable([['a second', other, 'sandbox', 'ratio'], ...rows], { align: ['l', 'r', 'r', 'r'] });
}

/** Calls a second through each way, and how they compare with the first. */
function libraryTable(ways: readonly Way[]): string {
  const [first] = ways;
  const over = (way: Way, of: 'oneByOne' | 'inFlight') => (way[of] / (first?.[of] ?? Number.NaN)).toFixed(2);
  const rows = ways.map((way) => [
    way.name,
    ...[way.oneByOne, way.inFlight].map(number),
    ...[over(way, 'oneByOne'), over(way, 'inFlight')],
  ]);
  const head = ['calls a second', 'one by one', '64 in flight', 'ratio', 'ratio, 64'];
  return markdownTable([head, ...rows], { align: ['l', 'r', 'r', 'r', 'r'] });
}

console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}; medians of alternating rounds.\n`,
);
console.log(comparisonTable('bare MCP client', await compareWithBareClient(5000, 7)));

const ways = await compareLibraries(5000, 5);
const legacy = ways.filter(({ name }) => name.endsWith('legacy'));
const best = legacy.toSorted((a, b) => b.oneByOne * b.inFlight - a.oneByOne * a.inFlight)[0];
console.log(`\n${libraryTable(ways)}\n\nThe legacy era is served best by: ${best?.name}.`);

const { medians, calls, roundTrips } = await measureClassicTrial(5);
const [bare, trial] = medians;
const ratio = (trial?.medianMs ?? Number.NaN) / (bare?.medianMs ?? Number.NaN);
console.log(
  `\nA whole classic trial of crm-top-customers (5,000 contacts, ${number(roundTrips)} round trips): ${number(trial?.medianMs ?? 0)} ms; the same server and ${number(calls)} calls through the bare client: ${number(bare?.medianMs ?? 0)} ms; ratio ${ratio.toFixed(2)}.`,
);

const memory = await measureMemory();
const mib = (bytes: number) => `${number(bytes / 1024 / 1024)} MiB`;
console.log(
  memory
    ? `\nPeak resident memory of the default run: ${mib(memory.own)}; with its server and sandbox processes ${mib(memory.withChildren)}.`
    : '\nResident memory is measured on Linux only.',
);

// Last, because its isolates live in this process.
console.log(`\n${comparisonTable('@utcp/code-mode', await compareWithUtcp(5000, 5))}`);
