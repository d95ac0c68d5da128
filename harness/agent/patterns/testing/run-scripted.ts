import type { Json } from '../../../json.ts';
import { findModel } from '../../../meter/catalogue.ts';
import { findLatencyProfile } from '../../../meter/latency.ts';
import { Meter, type Reading } from '../../../meter/meter.ts';
import { exactly } from '../../../meter/token-counter.ts';
import type { ModelRequest } from '../../../results/messages.ts';
import type { Otherwise } from '../../../results/summary.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { readStepSources } from '../../../scenario/program-source.ts';
import type { Step } from '../../../scenario/scenario.ts';
import type { Surface, Tool } from '../../../tools/mcp/surface.ts';
import { findVariant } from '../../variants.ts';
import type { Outcome } from '../converse.ts';

/** A tool of the server `notes`, and what it answers. */
export type TestTool = { name: string; description: string; answer: (args: Record<string, unknown>) => Json };

/** The outcome of a trial over in-memory tools, and its requests. */
export type ScriptedRun = {
  outcome: Outcome;
  reading: Reading;
  otherwise: Otherwise | undefined;
  requests: ModelRequest[];
  calls: string[];
};

/** The scripted model follows a program, given as text of its functions, through a variant; a character counts as a token. */
export async function runScripted(
  variantName: string,
  scene: { tools: TestTool[]; program: string; steps?: Step[]; input?: Record<string, Json> },
  sandbox: Sandbox,
): Promise<ScriptedRun> {
  const variant = findVariant(variantName);
  const surface = toSurface(scene.tools);
  const steps = scene.steps ?? [{ program: async function program() {} }];
  const plan = {
    modelId: 'claude-sonnet-5',
    steps,
    sources: readStepSources(
      scene.program,
      steps.map(({ program }) => program.name),
    ),
    input: scene.input ?? {},
    surface,
    cpuMs: undefined,
    own: { directory: '', volatile: new Map() },
  };
  const requests: ModelRequest[] = [];
  const calls: string[] = [];
  const meter = new Meter({
    model: { ...findModel('claude-sonnet-5'), contextWindow: Number.MAX_SAFE_INTEGER },
    counter: {
      method: 'characters',
      count: (text) => text.length,
      measure: (text) => exactly(text.length),
    },
    profile: findLatencyProfile('default'),
    toolCategories: variant.toolCategories,
    countedBy: 'estimate',
  });
  const scripted = variant.scriptedModel(plan, sandbox);
  const model = meter.middleware({
    ...scripted,
    respond: (request, signal) => {
      requests.push(structuredClone(request));
      return scripted.respond(request, signal);
    },
  });
  try {
    const outcome = await variant.run(
      { text: 'Do it.', surface },
      {
        model,
        sandbox,
        limits: { roundTrips: 100, outputTokens: 1000 },
        programLimits: {},
        onProgram: () => undefined,
        signal: new AbortController().signal,
        callTool: async (tool, args) => {
          calls.push(tool.name);
          const found = scene.tools.find(({ name }) => name === tool.name);
          return { isError: false, isJson: true, text: JSON.stringify(found?.answer(args) ?? null) };
        },
      },
    );
    return { outcome, reading: meter.reading(), otherwise: meter.otherwise(), requests, calls };
  } finally {
    await model.close();
  }
}

/** Tokens of a category, each counted once. */
export function tokensOf({ reading }: ScriptedRun, category: string): number {
  return reading.ledger
    .filter((row) => row.category === category && (row.direction === 'output' || row.history === 'new'))
    .reduce((sum, { tokens }) => sum + tokens, 0);
}

function toSurface(tools: TestTool[]): Surface {
  const listed = tools.map(
    ({ name, description }): Tool => ({
      server: 'notes',
      name,
      identifier: name,
      description,
      inputSchema: { type: 'object', properties: { id: { type: 'integer' } } },
      outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
    }),
  );
  // Long enough for the first request to be cached.
  const instructions = 'Notes are numbered. '.repeat(100);
  return [{ server: 'notes', instructions, implementation: { name: 'notes', version: '1' }, tools: listed }];
}
