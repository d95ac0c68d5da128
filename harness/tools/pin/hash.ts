import { hash } from 'node:crypto';
import { canonicalJson } from '../../json.ts';
import type { Listing, RawTool } from '../mcp/listing.ts';

/**
 * SHA-256 of a tool's whole definition as it was listed, unknown keywords included. The order of keys and white space do
 * not count; everything else does, the order within arrays too.
 */
export function hashDefinition(tool: RawTool): string {
  return hash('sha256', canonicalJson(tool));
}

/**
 * SHA-256 of everything a server puts before a model: who it says it is, its instructions, and each tool. The order in
 * which tools are listed does not count.
 */
export function hashListing({ implementation, instructions, tools }: Listing): string {
  const hashes = tools.map((tool) => [tool.name, hashDefinition(tool)]);
  return hash('sha256', canonicalJson({ implementation, instructions, tools: hashes.sort(byName) }));
}

function byName([a = '']: string[], [b = '']: string[]): number {
  return a < b ? -1 : 1;
}
