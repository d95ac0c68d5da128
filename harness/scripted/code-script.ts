import type { JsonObject } from '../json.ts';
import type { Surface } from '../mcp/surface.ts';
import { type Model, ModelStopped } from '../model/model.ts';
import { browseTools, runCode } from '../patterns/code-tools.ts';
import { writeProgram } from '../scenario/program-source.ts';
import type { StepSource } from '../scenario/scenario.ts';
import { resultText, scripted, text, toolResults, toolUse, toolUseId } from './messages.ts';
import { look, parseReturned, type Script } from './script.ts';

/**
 * A model that plays the reference program through the code pattern: it looks up the functions it is going to use, writes
 * each step as a program, and answers with what the last one returned. A perfect agent: every program is right at once.
 */
export function createCodeScript(script: Script): Model {
  const { steps, sources, input, surface } = script;
  const used = usedFunctions(sources, surface);
  let asked = 0;
  let step = 0;
  const uses = (name: string, inputs: JsonObject[]) =>
    inputs.map((input) => {
      asked += 1;
      return toolUse(toolUseId(asked), name, input);
    });
  const browse = (paths: string[]) =>
    uses(
      browseTools,
      paths.map((path) => ({ path })),
    );
  const program = (seen: JsonObject) => {
    const source = sources[step];
    if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
    step += 1;
    return uses(runCode, [{ code: writeProgram(source, { ...input, ...seen }) }]);
  };
  let roundTrip = 0;
  return scripted(
    script.modelId,
    async () => undefined,
    async (request) => {
      roundTrip += 1;
      if (roundTrip === 1) return browse([...new Set(used.map(({ server }) => `/${server}`))]);
      if (roundTrip === 2) return browse(used.map(({ server, identifier }) => `/${server}/${identifier}`));
      if (step === 0) return program({});
      const [output] = toolResults(request);
      const shown = output ? resultText(output) : '';
      if (output?.is_error) throw new ModelStopped(`The reference program failed: ${shown}`);
      const returned = shown.split('\n\nconsole:\n')[0] ?? '';
      const next = steps[step];
      return next ? program(look(next, parseReturned(returned), input)) : [text(returned)];
    },
  );
}

/** The functions that the program's text names, in the order of the surface. */
function usedFunctions(sources: StepSource[], surface: Surface) {
  const words = new Set(
    sources.flatMap((source) => source.body.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu) ?? []),
  );
  return surface.flatMap(({ server, tools }) =>
    words.has(server) ? tools.filter((tool) => words.has(tool.identifier)) : [],
  );
}
