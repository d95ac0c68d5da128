import type { Usage } from '../results/messages.ts';

const optionalCounts = ['cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

/**
 * The provider's token counts, or null where it did not count. Counts that cannot be true are treated as missing, because
 * some servers write zeros where they do not count: no request has an empty prompt, and the API documents a non-zero
 * output count even for an empty answer.
 */
export function knownUsage(raw: unknown): Usage | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const counts = raw as Record<string, unknown>;
  const { input_tokens: input, output_tokens: output } = counts;
  if (!isCount(input) || !isCount(output)) return null;
  let prompt = input;
  for (const name of optionalCounts) {
    const count = counts[name] ?? 0;
    if (!isCount(count)) return null;
    prompt += count;
  }
  if (prompt === 0 || output === 0) return null;
  return { ...unreported, ...counts, input_tokens: input, output_tokens: output };
}

/** What compatible servers leave out. Null is the API's own word for it. */
const unreported = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  speed: null,
} satisfies Partial<Usage>;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
