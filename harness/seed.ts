import { createHash } from 'node:crypto';

/** A seed for one purpose, derived from the run's root seed: the first 31 bits of SHA-256 over the path. */
export function deriveSeed(root: number, ...path: (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([root, ...path]))
    .digest();
  return digest.readUInt32BE(0) >>> 1;
}
