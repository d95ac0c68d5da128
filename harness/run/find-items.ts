import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findVariant } from '../agent/variants.ts';
import type { Axis } from '../analysis/sweep/axis.ts';
import { findLeads, mostProbes, nextProbe, searchRange, toItemFlip } from '../analysis/sweep/axis.ts';
import { wholeJob } from '../analysis/verdict/measure.ts';
import { InfrastructureError } from '../errors.ts';
import { isMeasured } from '../results/reading.ts';
import { readSummary, summaryFileName } from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { sweepFormat } from '../results/sweep.ts';
import { isNumeric } from '../scenario/scenario.ts';
import { executeRun } from './execute-run.ts';
import { plan } from './plan.ts';
import type { ItemSearch, ItemSearchRequest, RunInput } from './run-input.ts';
import { executeSweep } from './sweep.ts';

/** How the further runs of a search are made: as the run itself is. */
export type ItemSearchSettings = Pick<
  RunInput,
  'model' | 'profile' | 'seed' | 'places' | 'timeouts' | 'auditFsync' | 'lock' | 'trust'
> &
  Required<Pick<RunInput, 'by' | 'sayVerdict'>> &
  Pick<RunInput, 'models'>;

/** A search by sweeping a scenario's number of items; each point is an ordinary run of the variants. */
export function createItemSearch(settings: ItemSearchSettings): ItemSearch {
  const { by, model, profile, seed } = settings;
  return {
    by,
    async find(request) {
      const { scenario, params, known, out, signal } = request;
      const axis = axisOf(request);
      if (!axis) return undefined;
      const now = Number(params[axis.name]);
      const { [axis.name]: _, ...others } = params;
      const swept = await executeSweep({
        head: {
          format: sweepFormat,
          scenario: scenario.name,
          fixed: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
          axes: [axis],
          by,
          model: model.id,
          contextWindow: model.contextWindow,
          evidence: 'scripted',
          pricesAsOf: model.asOf,
          latencyProfile: profile.name,
          seed,
          placed: [],
        },
        known: [known],
        steps: {
          most: mostProbes,
          next(points) {
            const leads = findLeads(points, axis);
            // Without a price for the known point there is none for any.
            const size = leads.length > 0 ? nextProbe(leads, axis, now) : undefined;
            return size === undefined ? undefined : { [axis.name]: size };
          },
        },
        out,
        runPoint: (given, to) => runPoint(given, to, request, settings),
        signal,
        onPoint: request.onPoint,
      });
      signal.throwIfAborted();
      return toItemFlip(findLeads(swept.points, axis), axis, now);
    },
  };
}

function axisOf({ scenario, params, known }: ItemSearchRequest): Axis | undefined {
  const { items = '' } = scenario;
  const spec = scenario.params[items];
  const calls = Math.max(...known.summary.results.map((result) => wholeJob(result).toolCalls));
  return isNumeric(spec) ? searchRange(items, spec, Number(params[items]), calls) : undefined;
}

/** The variants at one number of items. A point that an interrupted search had finished is read; any other starts again. */
async function runPoint(
  givenParams: Record<string, string>,
  out: string,
  { scenario, variants, sandbox, signal }: ItemSearchRequest,
  settings: ItemSearchSettings,
): Promise<Summary> {
  const before = readFinished(out);
  if (before) return before;
  rmSync(out, { recursive: true, force: true });
  const { model, seed, places } = settings;
  const trials = plan({
    scenarios: [scenario],
    givenParams,
    variants: variants.map(findVariant),
    model,
    seed,
    places,
  });
  const summary = await executeRun({
    ...settings,
    trials,
    concurrency: trials.length,
    sandbox,
    out,
    signal,
    onEvent: () => {},
  });
  const lost = summary.results.find((result) => !isMeasured(result));
  if (lost) throw new InfrastructureError(`${out}: ${lost.variant} was not measured: ${lost.reason}`);
  return summary;
}

/** The summary of a run that was finished; undefined where there is none, or none that is whole. */
function readFinished(directory: string): Summary | undefined {
  if (!existsSync(join(directory, summaryFileName))) return undefined;
  const summary = readSummary(directory);
  const isWhole = summary.status === 'complete' && summary.results.every(isMeasured);
  return isWhole ? summary : undefined;
}
