import type { Block, Call, Message, Program, Trip } from './data.ts';

/** Blocks of all messages, text as a block of its own. */
export function blocksOf(messages: readonly Message[]): Block[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  );
}

/** Results that a request brought, of calls and of programs. */
export function resultsOf(messages: readonly Message[]): Block[] {
  return blocksOf(messages).filter(({ type }) => type === 'tool_result');
}

/** All that a response asks for: calls of the model's own, and programs. */
export function usesOf({ wrote }: Trip): Block[] {
  return wrote.filter(({ type }) => type === 'tool_use');
}

export function isProgram({ type, name }: Block): boolean {
  return type === 'tool_use' && name === 'run_code';
}

/** Calls that the model asked for itself. */
export function directCalls(calls: readonly Call[]): Call[] {
  return calls.filter(({ program }) => program === undefined);
}

/** Calls that were made inside a program. */
export function callsInside({ sha256 }: Pick<Program, 'sha256'>, calls: readonly Call[]): Call[] {
  return calls.filter(({ program }) => program !== undefined && sha256.startsWith(program));
}
