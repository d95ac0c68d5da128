import { isRecord } from '../../json.ts';
import { toLine } from '../../visible.ts';
import type { ServerSurface, Tool } from '../mcp/surface.ts';
import { effect } from './declaration.ts';

const summaryCharacters = 160;
const parametersShown = 8;
const parameterCharacters = 60;

/** One line about a server: its path, the beginning of its instructions, how many functions it has. */
export function serverLine(server: ServerSurface): string {
  const about =
    firstSentence(server.instructions ?? '') || toLine(server.implementation.name, summaryCharacters);
  const count = server.tools.length === 1 ? '1 function' : `${server.tools.length} functions`;
  return `/${server.server} (${count}): ${about}`;
}

/** One line about a function: its name, the names of its arguments (`?` where optional), what it does. */
export function functionLine(tool: Tool): string {
  const about = firstSentence(tool.description || tool.title || '');
  const effects = effect(tool);
  return `${tool.identifier}(${argumentSketch(tool)})${about && `: ${about}`}${effects && ` [${effects}]`}`;
}

function argumentSketch(tool: Tool): string {
  const { properties: given } = tool.inputSchema;
  const properties = isRecord(given) ? Object.keys(given) : [];
  if (properties.length === 0) return '';
  const required = new Set(Array.isArray(tool.inputSchema.required) ? tool.inputSchema.required : []);
  const names = properties
    // Required arguments first: the sketch may be cut.
    .sort((a, b) => Number(required.has(b)) - Number(required.has(a)))
    .slice(0, parametersShown)
    .map((name) => `${toLine(name, parameterCharacters)}${required.has(name) ? '' : '?'}`);
  if (properties.length > names.length) names.push('…');
  return `{ ${names.join(', ')} }`;
}

/** Up to the first full stop, or to the first line break before a new start, as after a heading or in a list. */
function firstSentence(text: string): string {
  const [paragraph = ''] = text
    .slice(0, 2_000)
    .trim()
    .split(/\n\s*(?=[\n\p{Lu}*#-])/u);
  const line = paragraph.replaceAll(/\s+/g, ' ');
  const end = line.search(/(?<!\b(?:e\.g|i\.e|etc|vs))[.!?](?= \p{Lu}|$)/u);
  return toLine(end < 0 ? line : line.slice(0, end + 1), summaryCharacters);
}
