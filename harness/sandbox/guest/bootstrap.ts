import { createBridge, LINES_BEFORE } from './bridge.ts';
import { createEncoder } from './encode.ts';
import { createFormatter } from './format.ts';
import { harden } from './harden.ts';
import { capture } from './primordials.ts';
import { createText } from './text.ts';

/**
 * The script that prepares an isolate: an expression whose value is `{ start, settle, take, reset }`. Each part is self-contained
 * and crosses over as its own source text; nothing is left on the isolate's global.
 */
export function bootstrapSource(parts: { harden: boolean } = { harden: true }): string {
  return `(() => {
'use strict';
const p = (${capture})();
${parts.harden ? `(${harden})();` : ''}
const text = (${createText})(p);
return (${createBridge})(p, text, (${createEncoder})(p, text), (${createFormatter})(p), ${LINES_BEFORE});
})()`;
}
