import type { SayVerdict } from '../analysis/verdict/verdict.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import type { ClientProfile } from '../meter/clients.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import type { ExactCounter } from '../meter/token-counter.ts';
import type { IsolationLevel, Measure } from '../results/codes.ts';
import type { RunRecord } from '../results/run.ts';
import type { Result } from '../results/summary.ts';
import type { SweepPoint } from '../results/sweep.ts';
import type { Conditions } from '../results/world.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { ConfigPlaces } from '../scenario/servers.ts';
import type { Trust } from '../scenario/trust.ts';
import type { ApprovalSettings } from '../tools/approvals.ts';
import type { Authorization } from '../tools/mcp/auth/authorization.ts';
import type { Lock } from '../tools/pin/lock-file.ts';
import type { ShardRecord, Trial } from './plan.ts';
import type { EarlierRun } from './resume.ts';
import type { ModelSettings } from './trial-model.ts';

/** What happens in a run, for whoever shows it. `number` is a trial's place in the plan. */
export type RunEvent =
  | { type: 'warning'; message: string }
  | { type: 'resumed'; ended: number; of: number }
  | { type: 'trial_started'; number: number; of: number; trial: Trial }
  | { type: 'round_trip'; number: number; roundTrip: number; inputTokens: number; spentUsd: number | null }
  | { type: 'trial_ended'; number: number; of: number; trial: Trial; result: Result; spentUsd: number | null }
  /** A search for the number of items at which a verdict flips has one more point. */
  | { type: 'size_tried'; scenario: string; param: string; point: SweepPoint }
  /** The run ends before its plan does, for this reason; it can be resumed. */
  | { type: 'ended_early'; reason: string };

/** Everything a run is made of, resolved. */
export type RunInput = {
  trials: Trial[];
  model: ModelEntry;
  profile: LatencyProfile;
  /** The model of the run that plays the trials of this one, which is only billed. */
  playedAs?: string;
  /** As which client the trials are billed, too. */
  client?: ClientProfile | undefined;
  seed: number;
  /** What is added to the world that the workflows describe; their trials have it, too. */
  conditions?: Conditions | undefined;
  out: string;
  /** Where the servers that scenarios name are configured. */
  places: ConfigPlaces;
  timeouts: { connectMs: number; callMs: number };
  /** Where servers over HTTP get their tokens; none are sent without it. */
  authorization?: Authorization | undefined;
  /** Whether each line of the audit log must be on the disk before its call is made. */
  auditFsync: boolean;
  /** The isolation level that the sandbox must reach; the highest that works here is taken in any case. */
  minimumIsolation?: IsolationLevel;
  /** The lock file's path and what it holds, undefined where there is none. */
  lock: { file: string; lock: Lock | undefined };
  /** What the user accepted of servers that scenarios bring. */
  trust: Trust;
  /** Which calls must be approved besides those that scenarios name, and who is asked. */
  approvals?: ApprovalSettings | undefined;
  /** Counts that tokens go by where it knows a text; they are estimated without it. */
  exact?: ExactCounter | undefined;
  /** Whose decisions are measured; a perfect scripted model's where it says nothing. */
  models?: Omit<ModelSettings, 'budget'>;
  /** Whether mock servers are part of this process, so that their times are not those of a server. */
  mocksInProcess?: boolean | undefined;
  /** Trials at a time; one unless told otherwise. */
  concurrency?: number;
  /** USD that the run may cost. */
  maxCostUsd?: number | undefined;
  /** Ratios of means from 1/(1 + margin) to 1 + margin are no difference that matters; 0.1 unless told otherwise. */
  margin?: number;
  /** What verdicts weigh by, and the variant that the others are compared with. */
  by?: Measure;
  reference?: string | undefined;
  /** Whether each variant is also compared with itself. */
  aa?: boolean;
  /** Puts verdicts into words. */
  sayVerdict: SayVerdict;
  /** Whether the number of items at which verdicts flip is looked for once all trials have ended. */
  findItems?: boolean;
  /**
   * A sandbox that stays open afterwards, such as that of the run that this one is a part of; opened for this run alone
   * otherwise.
   */
  sandbox?: Sandbox | undefined;
  /** What the run was asked for; without it, it cannot be resumed. */
  config?: NonNullable<RunRecord['config']>;
  /** Which part of a plan the trials are, where they are not all of it. */
  shard?: ShardRecord | undefined;
  /** The interrupted run that this one resumes. */
  earlier?: EarlierRun | undefined;
  signal: AbortSignal;
  onEvent: (event: RunEvent) => void;
};
