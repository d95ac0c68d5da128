import { hangsAtStart, hangsInCall, measured } from '../usual.ts';
import type { Mode, Modes } from './mode.ts';

const never = () => {};
/** Bytes one at a time; `pauseMs` between two of them. */
const drips = (pauseMs: number): NonNullable<Mode['call']> => {
  return (request, { raw }) => {
    const line = `${JSON.stringify({ jsonrpc: '2.0', id: request.id, result: { content: [] } })}\n`;
    const next = (at: number): void => {
      if (at >= line.length) return;
      raw(line.slice(at, at + 1));
      setTimeout(() => next(at + 1), pauseMs);
    };
    next(0);
  };
};

/** Answers that come late, slowly, or not. */
export const pauseModes: Modes = {
  'hangs-in-initialize': { ...hangsAtStart, initialize: never },
  'hangs-in-list': { ...hangsAtStart, list: never },
  'hangs-in-call': { ...hangsInCall, call: never },
  'answers-too-late': {
    ...hangsInCall,
    call: (request, { answer }) => void setTimeout(() => answer(request), 4_000),
  },
  'drips-slowly': { ...hangsInCall, call: drips(100) },
  'drips-in-time': { ...measured, says: '', call: drips(2) },
  'cut-line': {
    ...hangsInCall,
    call: ({ id }, { raw }) => raw(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"te`),
  },
};
