/** Where a text holds something shaped like a credential. */
export type FoundSecret = {
  /** What it looks like, for people. */
  kind: string;
  /** Index of its first character. */
  index: number;
};

// Shapes that the issuers document. Each is anchored on a fixed prefix and has one bounded class behind it, so a match
// costs time linear in the text. A minimum length keeps prose about keys ("sk-ant-...") from matching.
const shapes: { kind: string; pattern: RegExp }[] = [
  { kind: 'an Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{10,}/g },
  { kind: 'an OpenAI key', pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}/g },
  { kind: 'a bearer token', pattern: /\bBearer\s{1,4}[A-Za-z0-9._~+/-]{16,}/gi },
  { kind: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})/g },
  { kind: 'a GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}/g },
  { kind: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}/g },
  { kind: 'a Slack token', pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g },
  { kind: 'a Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}/g },
  { kind: 'a Stripe key', pattern: /\b[rs]k_live_[0-9A-Za-z]{16,}/g },
  { kind: 'a JSON Web Token', pattern: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g },
  { kind: 'a private key', pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g },
];

/** Shorter values are too likely to be ordinary text. */
const shortestKnownSecret = 8;

/** The first thing in the text that is one of the known secrets or has the shape of a credential; null if none. */
export function findSecret(text: string, known: readonly string[]): FoundSecret | null {
  for (const secret of known) {
    const index = secret.length >= shortestKnownSecret ? text.indexOf(secret) : -1;
    if (index >= 0) return { kind: 'the API key of this run', index };
  }
  for (const { kind, pattern } of shapes) {
    const index = text.search(pattern);
    if (index >= 0) return { kind, index };
  }
  return null;
}

/** The text with known secrets and everything shaped like a credential replaced. */
export function redactSecrets(text: string, known: readonly string[]): string {
  let clean = text;
  for (const secret of known) {
    if (secret.length > 0) clean = clean.replaceAll(secret, '[redacted]');
  }
  for (const { pattern } of shapes) clean = clean.replace(pattern, '[redacted]');
  return clean;
}
