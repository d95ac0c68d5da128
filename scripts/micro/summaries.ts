/**
 * How long it takes to sum a run up, as often as one of its trials ends: 2,000 sampled trials of four variants by default, with
 * a summary after every `every`th of them, checked against its schema as a run does.
 * Run: node scripts/micro/summaries.ts [trials] [every]
 */
import { performance } from 'node:perf_hooks';
import { findVariant } from '../../harness/agent/variants.ts';
import { findModel } from '../../harness/meter/catalogue.ts';
import { loadEstimate } from '../../harness/meter/estimate.ts';
import { findLatencyProfile } from '../../harness/meter/latency.ts';
import { summarySchema } from '../../harness/results/summary.ts';
import { keyOf, plan } from '../../harness/run/plan.ts';
import { createSummariser } from '../../harness/run/summarise.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { loadScenarios } from '../../harness/scenario/load.ts';
import { sayVerdict } from '../../reports/run/verdict.ts';

const [count = 2000, every = 1] = process.argv.slice(2).map(Number);
const model = findModel('claude-sonnet-5');
const variants = ['classic', 'classic-search', 'code', 'code-typed'].map(findVariant);
const scenarios = await loadScenarios(['crm-contact-lookup']);
const trials = plan({
  scenarios,
  givenParams: {},
  variants,
  model,
  seed: 1,
  places: { mcpConfigFile: undefined, folder: process.cwd(), env: process.env },
  repeats: Math.ceil(count / variants.length),
});
const summarise = createSummariser({
  trials,
  model,
  profile: findLatencyProfile('default'),
  counter: await loadEstimate(model.tokenizer),
  seed: 1,
  plannedEvidence: 'live',
  margin: 0.1,
  aa: false,
  forced: [],
  sayVerdict,
  findUnequal: () => [],
});
const ended = new Map();
let [spent, longest, made] = [0, 0, 0];
for (const [index, { scenario, params, variant, repeat }] of trials.entries()) {
  const { result } = trialResult(repeat, {
    scenario: scenario.name,
    params,
    variant: variant.name,
    pattern: variant.pattern,
    tokens: (variant.pattern === 'code' ? 1000 : 3000) + 97 * ((repeat * 7) % 11),
    correct: repeat % 20 === 0 ? 0 : 1,
  });
  ended.set(keyOf(trials[index] as (typeof trials)[number]), { repeat, result });
  if ((index + 1) % every !== 0 && index + 1 < trials.length) continue;
  const start = performance.now();
  summarySchema.parse(
    summarise(ended, { records: 0, head: '0'.repeat(64) }, { found: new Map(), isOver: true }),
  );
  const took = performance.now() - start;
  spent += took;
  longest = Math.max(longest, took);
  made += 1;
}
console.log(
  `${trials.length} trials, ${made} summaries: ${(spent / 1000).toFixed(2)} s in all, the longest ${longest.toFixed(0)} ms`,
);
