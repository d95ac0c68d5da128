import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

/** What a user would fill in where a server asks for input, by the name of a form's field. */
export type UserInput = Record<string, z.core.util.JSONType>;

/** How often a server may ask before it answers one call. */
export const mostRounds = 10;

/** A form as a server asks for it; a page to visit has another mode. */
const form = z.object({
  mode: z.literal('form').optional(),
  requestedSchema: z.object({
    properties: z.record(z.string(), z.unknown()).default({}),
    required: z.array(z.string()).default([]),
  }),
});

/**
 * Fills in a form: those of its fields that `input` has. Declines where a field that is required is not there, and for what is
 * not a form, such as a page to visit.
 */
function fillIn(input: UserInput, params: unknown): { action: 'accept' | 'decline'; content?: UserInput } {
  const { data } = form.safeParse(params);
  if (!data || data.requestedSchema.required.some((name) => !Object.hasOwn(input, name)))
    return { action: 'decline' };
  const known = Object.entries(input).filter(([name]) =>
    Object.hasOwn(data.requestedSchema.properties, name),
  );
  return { action: 'accept', content: Object.fromEntries(known) };
}

/**
 * Gives input to a server that asks for it by requests of its own (up to 2025-11-25). Those do not say for which call: it may ask
 * `mostRounds` times for each that is under way, and is declined after that and outside of calls.
 */
export function createInputGiver(input: UserInput) {
  let callsUnderWay = 0;
  let roundsLeft = 0;
  return {
    answer(params: unknown): ReturnType<typeof fillIn> {
      if (roundsLeft === 0) return { action: 'decline' };
      roundsLeft -= 1;
      return fillIn(input, params);
    },
    /** Makes a call, which the server may ask for. */
    async during<T>(call: () => Promise<T>): Promise<T> {
      callsUnderWay += 1;
      roundsLeft += mostRounds;
      try {
        return await call();
      } finally {
        callsUnderWay -= 1;
        roundsLeft = Math.min(roundsLeft, callsUnderWay * mostRounds);
      }
    },
  };
}

/** A result that asks for input instead of giving any (since 2026-07-28). */
const wanting = z.looseObject({
  resultType: z.literal('input_required'),
  inputRequests: z.record(z.string(), z.looseObject({ method: z.string(), params: z.unknown() })).default({}),
  requestState: z.string().optional(),
});

/**
 * What a request is repeated with, where its result asks for input; undefined where the result is one. Throws an `McpError` where
 * a server asks without there being input, or for something other than forms.
 */
export function answerTo(result: unknown, input: UserInput | undefined): object | undefined {
  const { data } = wanting.safeParse(result);
  if (!data) return undefined;
  const { inputRequests, requestState } = data;
  if (!input) throw refusal('the server asks for input, which is not offered to it');
  const inputResponses = Object.fromEntries(
    Object.entries(inputRequests).map(([key, { method, params }]) => {
      if (method !== 'elicitation/create')
        throw refusal(`the server asks for ${method}, which is not offered`);
      return [key, fillIn(input, params)];
    }),
  );
  return { inputResponses, ...(requestState !== undefined && { requestState }) };
}

function refusal(text: string): McpError {
  return new McpError(ErrorCode.InvalidRequest, text);
}
