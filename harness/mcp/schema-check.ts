import type { JsonSchemaType } from '@modelcontextprotocol/sdk/validation';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { InfrastructureError, messageOf } from '../errors.ts';
import type { JsonSchema } from '../json.ts';
import { toCheckable } from './checkable-schema.ts';
import { TookTooLong, withinMs } from './watchdog.ts';

/** Says what is wrong with a value, or undefined where it is right. `bytes` is its size as JSON. */
export type SchemaCheck = (value: unknown, bytes: number) => string | undefined;

/** Compiling more than these has taken seconds; values smaller than this take no watching where the schema is cheap. */
const mostObjects = 10_000;
const compileMs = 10_000;
const unwatchedBytes = 4_096;
const messageCharacters = 600;

/**
 * Compiles the check of a server's JSON Schema. Nothing about the schema is trusted: it is compiled by itself, fetches
 * nothing, and neither compiling nor checking may take long. A schema that cannot be compiled gives a check that finds
 * every value wrong and says why. `noun` is what messages call the value.
 */
export function compileCheck(schema: JsonSchema, noun: string, checkMs: number): SchemaCheck {
  let validate: (value: unknown) => { valid: boolean; errorMessage: string | undefined };
  let isCheap: boolean;
  try {
    const checkable = toCheckable(schema);
    if (checkable.objects > mostObjects) {
      throw new RangeError(`it holds ${checkable.objects} objects, the most is ${mostObjects}`);
    }
    isCheap = checkable.isCheap;
    // An instance of its own: schemas of one instance reach each other by their ids.
    validate = withinMs(compileMs, () =>
      new AjvJsonSchemaValidator().getValidator(checkable.schema as JsonSchemaType),
    );
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    const reason = `its schema cannot be applied: ${messageOf(error)}`.slice(0, messageCharacters);
    return () => reason;
  }
  return (value, bytes) => {
    try {
      const unwatched = isCheap && bytes <= unwatchedBytes;
      const { valid, errorMessage } = unwatched ? validate(value) : withinMs(checkMs, () => validate(value));
      return valid ? undefined : rename(errorMessage ?? 'it does not match', noun);
    } catch (error) {
      if (error instanceof InfrastructureError) throw error;
      return error instanceof TookTooLong
        ? `checking it against its schema took longer than ${checkMs} ms`
        : `its schema cannot be applied: ${messageOf(error)}`.slice(0, messageCharacters);
    }
  };
}

/** Each complaint once; the checker calls every value `data`. */
function rename(message: string, noun: string): string {
  const complaints = message.slice(0, 100_000).split(', ');
  return [...new Set(complaints)]
    .map((complaint) => complaint.replace(/^data(?=[/ ])/, noun))
    .join(', ')
    .slice(0, messageCharacters);
}
