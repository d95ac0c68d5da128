import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cassette,
  type CassetteMode,
  type CassetteSession,
  openCassette,
  recordingOf,
} from '../agent/model/cassette.ts';
import { noLiveModel } from '../agent/model/cassette-replay.ts';
import type { RetryEvent } from '../agent/model/retry.ts';
import { canonicalJson } from '../json.ts';
import type { Model } from '../meter/model.ts';
import type { Secret } from '../tools/mcp/secrets.ts';
import { createStandIns } from '../tools/mcp/stand-ins.ts';
import type { Trial } from './plan.ts';

/** How a provider's models are reached, and what becomes of their answers. */
export type ProviderOptions = {
  /** Undefined only where nothing is asked live. */
  apiKey: string | undefined;
  baseURL: string | undefined;
  cassettes: 'off' | CassetteMode;
  cassetteDir: string;
  /** Continues the recordings that an interrupted run left. */
  resume: boolean;
  maxRetries: number | undefined;
  /** The longest that one attempt at a request may take, in milliseconds. */
  requestTimeoutMs: number | undefined;
};

/** The model of one trial. */
export type TrialModel = {
  model: Model;
  session: CassetteSession | undefined;
  /** Recordings of this trial that were not asked for; to be read once it has ended. */
  unused(): number;
};

/** Recordings of repeats that the run did not have. */
export type UnusedRecordings = { file: string; exchanges: number; repeats: number[] };

/** Opens models for trials; one for the whole run, because recordings are shared. */
export type Provider = {
  /** `secrets` of the trial's servers are kept out of its recordings. */
  open(trial: Trial, secrets: readonly Secret[], onRetry: (event: RetryEvent) => void): Promise<TrialModel>;
  /**
   * Closes the recordings; those all of whose trials have ended become complete. Where one cannot be closed, the others are
   * all the same, and its error is thrown then.
   */
  close(planned: readonly Trial[], hasEnded: (trial: Trial) => boolean): Promise<UnusedRecordings[]>;
};

export function createProvider(options: ProviderOptions): Provider {
  const { apiKey, baseURL, cassettes, requestTimeoutMs } = options;
  const opened = new Map<string, Promise<Cassette>>();

  function cassetteOf(trial: Trial): Promise<Cassette> | undefined {
    if (cassettes === 'off') return undefined;
    const file = cassetteFile(options.cassetteDir, trial);
    const before = opened.get(file);
    if (before) return before;
    const cassette = openCassette({
      file,
      mode: cassettes,
      secrets: apiKey === undefined ? [] : [apiKey],
      resume: options.resume,
    });
    opened.set(file, cassette);
    // One that could not be opened is tried again by the next trial that needs it.
    cassette.catch(() => opened.delete(file));
    return cassette;
  }

  return {
    async open(trial, secrets, onRetry) {
      const cassette = await cassetteOf(trial);
      const live =
        cassettes === 'strict'
          ? noLiveModel(trial.model.id)
          : // Loaded only here: the SDK's 300 modules take 0.2 s of CPU time, and most runs ask no provider.
            (await import('../agent/model/anthropic.ts')).createAnthropicModel({
              model: trial.model.id,
              apiKey: apiKey ?? '',
              ...(baseURL !== undefined && { baseURL }),
              ...(requestTimeoutMs !== undefined && {
                timeoutMs: requestTimeoutMs,
                idleTimeoutMs: Math.min(requestTimeoutMs, 90_000),
              }),
              ...(options.maxRetries !== undefined && { retry: { maxRetries: options.maxRetries } }),
              onRetry,
            });
      if (!cassette) return { model: live, session: undefined, unused: () => 0 };
      const session = cassette.session(trial.repeat, createStandIns(secrets));
      return {
        model: session.middleware(live),
        session,
        unused: () => cassette.unused().filter(({ repeat }) => repeat === trial.repeat).length,
      };
    },
    async close(planned, hasEnded) {
      const left: UnusedRecordings[] = [];
      // A run that was killed after the last trial of a recording left it to be put in its place.
      const isInterrupted = (trial: Trial) =>
        existsSync(recordingOf(cassetteFile(options.cassetteDir, trial)));
      if (cassettes === 'record' && options.resume) planned.filter(isInterrupted).forEach(cassetteOf);
      const failures: unknown[] = [];
      for (const [file, opening] of opened) {
        const cassette = await opening;
        const own = planned.filter((trial) => cassetteFile(options.cassetteDir, trial) === file);
        const repeats = new Set(own.map((trial) => trial.repeat));
        const unused = cassette.unused().filter(({ repeat }) => !repeats.has(repeat));
        if (unused.length > 0) {
          left.push({
            file,
            exchanges: unused.length,
            repeats: [...new Set(unused.map(({ repeat }) => repeat))].sort((a, b) => a - b),
          });
        }
        try {
          await cassette.close(own.every(hasEnded) ? 'complete' : 'partial');
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return left;
    },
  };
}

/** The recordings of one scenario, parameters, variant and model; the name says which, a hash keeps parameters apart. */
export function cassetteFile(directory: string, { scenario, params, variant, model }: Trial): string {
  const hash = createHash('sha256').update(canonicalJson(params)).digest('hex').slice(0, 8);
  const safe = (name: string) => name.replace(/[^\w.-]/g, '_');
  return join(directory, safe(scenario.name), `${variant.name}.${safe(model.id)}.${hash}.jsonl`);
}
