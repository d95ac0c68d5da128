import { type Context, createContext, Script } from 'node:vm';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { InfrastructureError, messageOf } from '../../errors.ts';
import type { JsonSchema } from '../../json.ts';
import { seconds } from '../../numbers.ts';
import { refuseWithoutDescriptors } from '../../without-pipes.ts';

/** Says what is wrong with a value, or undefined where it is right. `bytes` is its size as JSON. */
type SchemaCheck = (value: unknown, bytes: number) => string | undefined;

const compileMs = 10_000;
/** Compiling more objects than these has taken seconds. */
const mostObjects = 10_000;
/** Objects of the schema times bytes of the value, up to which checking takes milliseconds and no watching. */
const unwatchedSteps = 1_000_000;
/** With these, checking may take for ever however small the value is: patterns that backtrack, references that double. */
const slowKeywords = /"(?:pattern|patternProperties|uniqueItems|\$ref|\$dynamicRef|\$recursiveRef)":/;
const messageCharacters = 600;
/** Compiled schemas that are kept, and the longest text of one: together they take a few megabytes. */
const mostKept = 300;
const mostKeptCharacters = 20_000;

/**
 * Compiles the check of a server's JSON Schema (draft 2020-12, by Ajv). Nothing about the schema is trusted: it is compiled
 * by itself, fetches nothing, and neither compiling nor checking may take long. A schema that is too large, or refers to
 * what is not there, gives a check that finds every value wrong and says why. A malformed one gives a check that finds no
 * value wrong: the server checks its arguments itself, and refusing them would blame the caller. `noun` names the value.
 */
export function compileCheck(schema: JsonSchema, noun: string, checkMs: number): SchemaCheck {
  const cannotBeApplied = (error: unknown) =>
    `its schema cannot be applied: ${messageOf(error)}`.slice(0, messageCharacters);
  let validate: ValidateFunction;
  let objects: number;
  let isSlow: boolean;
  try {
    const json = JSON.stringify(schema);
    isSlow = slowKeywords.test(json);
    objects = json.split('{').length - 1;
    if (objects > mostObjects) {
      throw new RangeError(`it holds ${objects} objects, the most is ${mostObjects}`);
    }
    validate = compile(schema, json);
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    const isTooMuch = error instanceof RangeError || error instanceof TookTooLong;
    const reason = isTooMuch || error instanceof Ajv2020.MissingRefError ? cannotBeApplied(error) : undefined;
    return () => reason;
  }
  return (value, bytes) => {
    try {
      const isWatched = isSlow || objects * bytes > unwatchedSteps;
      if (isWatched ? withinMs(checkMs, () => validate(value)) : validate(value)) return undefined;
      const complaints = validate.errors?.map(
        ({ instancePath, message }) => `${noun}${instancePath} ${message}`,
      );
      return [...new Set(complaints)].join(', ').slice(0, messageCharacters);
    } catch (error) {
      if (error instanceof InfrastructureError) throw error;
      if (!(error instanceof TookTooLong)) return cannotBeApplied(error);
      return `checking it against its schema took longer than ${seconds(checkMs)}`;
    }
  };
}

/**
 * Checks values against schemas, each of which is compiled when it is first needed and kept as long as it is. Checking one
 * may take `checkMs`.
 */
function keepingChecks(noun: string, checkMs: number) {
  const checks = new WeakMap<JsonSchema, SchemaCheck>();
  return (schema: JsonSchema, value: unknown, bytes: number): string | undefined => {
    let check = checks.get(schema);
    if (!check) {
      check = compileCheck(schema, noun, checkMs);
      checks.set(schema, check);
    }
    return check(value, bytes);
  };
}

/** What is wrong with the arguments of a call, or with its result; undefined where they are right. */
export const checkArguments = keepingChecks('arguments', 1_000);
export const checkResult = keepingChecks('result', 5_000);

/** What was compiled, by the text of its schema, the oldest first: a run starts the same servers for each of its trials. */
const compiled = new Map<string, ValidateFunction>();

function compile(schema: JsonSchema, json: string): ValidateFunction {
  const known = compiled.get(json);
  if (known) return known;
  // An instance of its own: schemas of one instance reach each other by their ids.
  const ajv = new Ajv2020({
    strict: false,
    meta: false,
    validateSchema: false,
    // Formats are annotations in this draft.
    validateFormats: false,
    addUsedSchema: false,
    // A property may be called `constructor`, which every object seems to have.
    ownProperties: true,
    logger: false,
  });
  const validate = withinMs(compileMs, () => ajv.compile(schema));
  if (json.length > mostKeptCharacters) return validate;
  compiled.set(json, validate);
  const [oldest = ''] = compiled.keys();
  if (compiled.size > mostKept) compiled.delete(oldest);
  return validate;
}

/** Work took longer than it may. */
class TookTooLong extends Error {
  override name = 'TookTooLong';
}

let context: Context | undefined;
const script = new Script('work()');

/**
 * Runs synchronous work and stops it after so many milliseconds, a regular expression in the middle of its backtracking
 * included. The watching costs about a quarter of a millisecond.
 * @throws TookTooLong
 * @throws InfrastructureError where too few files can be opened for the watching
 */
function withinMs<T>(ms: number, work: () => T): T {
  refuseWithoutDescriptors();
  context ??= createContext(Object.create(null));
  context.work = work;
  try {
    return script.runInContext(context, { timeout: ms }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new TookTooLong(`It took longer than ${seconds(ms)}.`);
    }
    throw error;
  } finally {
    context.work = undefined;
  }
}
