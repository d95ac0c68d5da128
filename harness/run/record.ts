import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type RunRecord, runFormat } from '../results/run.ts';
import type { RunInput } from './run-input.ts';

/** What `run.json` says of a run before its first trial has ended. */
export function toRecord(input: RunInput, isolation: string): RunRecord {
  const scenarios = new Map(
    input.trials.map((trial) => [JSON.stringify([trial.scenario.name, trial.params]), trial]),
  );
  return {
    format: runFormat,
    status: 'partial',
    versions: readVersions(),
    seed: input.seed,
    model: input.model,
    evidence: input.models?.plannedEvidence ?? 'scripted',
    latencyProfile: input.profile,
    variants: [...new Set(input.trials.map((trial) => trial.variant.name))],
    isolation,
    scenarios: [...scenarios.values()].map(({ scenario, params }) => ({
      name: scenario.name,
      params,
      hash: scenario.hash,
    })),
    ...(input.config && { config: input.config }),
    ...(input.shard && { shard: input.shard }),
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
