import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { startRunAudit } from '../audit/run-audit.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import { loadTokenizer } from '../meter/tokenizer.ts';
import { type ModelEntry, toolUseSystemTokens } from '../model/catalogue.ts';
import type { Trial } from '../plan/plan.ts';
import { createSandbox } from '../sandbox/create.ts';
import { decide } from '../verdict/verdict.ts';
import { createRunDirectory, type RunRecord, runFormat } from './run-directory.ts';
import { type Result, type Summary, summaryFormat } from './summary.ts';
import { runTrial } from './trial.ts';

/** What happens in a run, for whoever shows it. */
export type RunEvent =
  | { type: 'trial_started'; number: number; of: number; trial: Trial }
  | { type: 'round_trip'; number: number; roundTrip: number; inputTokens: number }
  | { type: 'trial_ended'; number: number; of: number; result: Result };

/** Everything a run is made of, resolved. */
export type RunInput = {
  trials: Trial[];
  model: ModelEntry;
  profile: LatencyProfile;
  seed: number;
  out: string;
  mcpConfigFile: string | undefined;
  timeouts: { connectMs: number; callMs: number };
  /** Whether each line of the audit log must be on the disk before its call is made. */
  auditFsync: boolean;
  signal: AbortSignal;
  onEvent: (event: RunEvent) => void;
};

/**
 * Executes a plan trial by trial and writes the run directory as it goes: what was measured is on disk before the next
 * trial starts. An abort ends it with what was finished, marked `partial`.
 */
export async function executeRun(input: RunInput): Promise<Summary> {
  const { trials, model, profile, signal } = input;
  const directory = createRunDirectory(input.out);
  const tokenizer = await loadTokenizer(model.tokenizer);
  const sandbox = await createSandbox({});
  const results: Result[] = [];
  const summarise = (): Summary => ({
    format: summaryFormat,
    status: results.length === trials.length ? 'complete' : 'partial',
    evidence: 'scripted',
    model: model.id,
    latencyProfile: profile.name,
    seed: input.seed,
    tokenCounts: {
      method: tokenizer.method,
      uncertainty: tokenizer.uncertainty,
      toolUseSystemTokens: toolUseSystemTokens(model),
    },
    prices: { asOf: model.asOf, currency: 'USD' },
    planned: trials.length,
    results,
    verdicts: decideAll(trials, results, tokenizer.uncertainty.ratio),
    measured: { audit: audit.head() },
  });
  const record = toRecord(input, sandbox.level);
  const run = basename(directory.path);
  const audit = startRunAudit(directory.auditFile, {
    run,
    seed: input.seed,
    versions: record.versions,
    fsync: input.auditFsync,
  });
  const write = () => {
    const summary = summarise();
    directory.writeSummary(summary);
    directory.writeRun({ ...record, status: summary.status });
    return summary;
  };
  try {
    write();
    for (const [index, trial] of trials.entries()) {
      const number = index + 1;
      input.onEvent({ type: 'trial_started', number, of: trials.length, trial });
      const trace = directory.traceFile(trial.scenario.name, trial.variant.name, trial.repeat);
      const result = await runTrial(trial, trace, {
        tokenizer,
        profile,
        sandbox,
        mcpConfigFile: input.mcpConfigFile,
        timeouts: input.timeouts,
        run,
        audit,
        signal,
        onRoundTrip: (roundTrip, inputTokens) =>
          input.onEvent({ type: 'round_trip', number, roundTrip, inputTokens }),
      });
      results.push(result);
      write();
      input.onEvent({ type: 'trial_ended', number, of: trials.length, result });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    audit.close();
    await sandbox.close();
  }
  return write();
}

/** A verdict for every scenario whose trials have all ended. */
function decideAll(trials: Trial[], results: Result[], uncertainty: number) {
  const scenarios = [...new Set(trials.map((trial) => trial.scenario))];
  return scenarios.flatMap((scenario) => {
    const own = results.filter((result) => result.scenario === scenario.name);
    const planned = trials.filter((trial) => trial.scenario === scenario).length;
    if (own.length < planned) return [];
    const predicted = scenario.prediction?.pattern;
    return [
      decide({ scenario: scenario.name, results: own, uncertainty, ...(predicted ? { predicted } : {}) }),
    ];
  });
}

function toRecord(input: RunInput, isolation: string): RunRecord {
  const scenarios = new Map(input.trials.map((trial) => [trial.scenario.name, trial]));
  return {
    format: runFormat,
    status: 'partial',
    versions: readVersions(),
    seed: input.seed,
    model: input.model,
    evidence: 'scripted',
    latencyProfile: input.profile,
    variants: [...new Set(input.trials.map((trial) => trial.variant.name))],
    isolation,
    scenarios: [...scenarios.values()].map(({ scenario, params }) => ({
      name: scenario.name,
      params,
      hash: scenario.hash,
    })),
    measured: { startedAt: new Date().toISOString(), platform: `${process.platform} ${process.arch}` },
  };
}

function readVersions(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  const { '@modelcontextprotocol/sdk': mcpSdk = '', 'isolated-vm': isolatedVm = '' } = manifest.dependencies;
  return {
    patternbench: manifest.version,
    node: process.versions.node,
    'mcp-sdk': mcpSdk,
    'isolated-vm': isolatedVm,
  };
}
