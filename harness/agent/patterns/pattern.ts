import type { Overflow } from '../../meter/meter.ts';
import type { Model } from '../../meter/model.ts';
import type { ProgramStatus } from '../../results/codes.ts';
import type { ProgramEnd, Sandbox, SandboxLimits } from '../../sandbox/sandbox.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import type { CallTool } from '../../tools/tool-caller.ts';
import type { Quote } from './quote.ts';

/** What the model is asked, and the servers it may use. The same for every pattern. */
export type Task = {
  text: string;
  surface: Surface;
  /** Stands first in the system prompt, so that no other trial's prompt cache serves it. */
  salt?: string;
};

/** What a pattern works with. It is handed everything and builds no client of its own. */
export type PatternContext = {
  model: Model;
  callTool: CallTool;
  sandbox: Sandbox;
  limits: { roundTrips: number; outputTokens: number };
  /** How programs learn of a tool's error: by an exception unless given. */
  toolErrors?: 'exceptions' | 'values';
  /** Marks results as data; without it they enter the conversation as they are. */
  quote?: Quote | undefined;
  /** Limits of each program, where the sandbox's defaults do not hold. */
  programLimits: Partial<SandboxLimits>;
  /** Called when a program of the code pattern has ended. */
  onProgram(program: ProgramReport): void;
  signal: AbortSignal;
};

/** What one program did, for the trace. */
export type ProgramReport = {
  sha256: string;
  status: ProgramStatus;
  calls: number;
  /** Calls that the sandbox stopped, by code. */
  stoppedCalls: ProgramEnd['stoppedCalls'];
  logBytes: number;
  valueBytes: number;
  error?: string;
  measured: { startMs: number; wallMs: number; cpuMs: number };
};

/** How a trial ended. An infrastructure error is never a wrong answer, and a wrong answer is never infrastructure. */
export type Outcome =
  | { status: 'completed'; answer: string }
  | ({ status: 'context_overflow' } & Overflow)
  | { status: 'limit_reached'; limit: string }
  | { status: 'model_stopped'; reason: string }
  /** `scenarioFault`: it was the scenario's own code that threw. */
  | { status: 'infrastructure_error'; error: string; scenarioFault?: true };

/** Works on a task until the model has answered or cannot go on. Rejects only for infrastructure. */
export type Pattern = (task: Task, context: PatternContext) => Promise<Outcome>;
