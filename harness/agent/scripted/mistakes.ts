import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '../../json.ts';
import type { ToolResultBlockParam, ToolUseBlock } from '../../results/messages.ts';
import { classicName } from '../../tools/mcp/names.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { browseTools } from '../patterns/code-tools.ts';
import { resultText, toolUse } from './messages.ts';

/** Names of the field by which a page says where the next one begins. */
const cursorName = '(?:next_?cursor|next_?page(?:_?token)?|next_?token)';
const cursorField = new RegExp(`"(${cursorName})"\\s*:\\s*(?:"(?:[^"\\\\]|\\\\.)*"|\\d+)`, 'i');
const cursorAccess = new RegExp(`\\b[\\w$]+\\??\\.(${cursorName})\\b`, 'gi');

/** The program with every function misnamed, so that it fails at its first call and changes nothing. */
export function brokenProgram(use: ToolUseBlock, nextId: () => string): ContentBlock | undefined {
  const code = codeOf(use);
  const broken = code?.replace(/\bmcp\.([\w$]+)\.([\w$]+)/g, 'mcp.$1.$2_now');
  return broken === undefined || broken === code ? undefined : toolUse(nextId(), use.name, { code: broken });
}

/** The program without its paging: every cursor that it reads is the last one. Undefined where it reads none. */
export function forgetfulProgram(use: ToolUseBlock): ToolUseBlock | undefined {
  const code = codeOf(use);
  const forgetful = code?.replace(cursorAccess, 'null');
  return forgetful === undefined || forgetful === code ? undefined : { ...use, input: { code: forgetful } };
}

/** A result as the model takes it that overlooks its next page. Undefined where there is no next page. */
export function forgetPage(result: ToolResultBlockParam): ToolResultBlockParam | undefined {
  if (result.is_error) return undefined;
  const shown = resultText(result);
  if (!cursorField.test(shown)) return undefined;
  return { ...result, content: shown.replace(cursorField, '"$1":null') };
}

/** The call under a name that no tool has. */
export function wrongCall(use: ToolUseBlock, nextId: () => string): ContentBlock {
  return toolUse(nextId(), `${use.name}_now`, use.input as JsonObject);
}

/** A look at, or a bare call of, a tool that the model does not need at this point; undefined where there is none. */
export function needlessCall(
  uses: readonly ToolUseBlock[],
  surface: Surface,
  nextId: () => string,
): ContentBlock | undefined {
  const wanted = new Set(uses.map((use) => use.name));
  const others = surface.flatMap(({ tools }) => tools).filter((tool) => !wanted.has(nameOf(tool)));
  if (wanted.has(browseTools)) {
    const tool = others.find(isReadOnly) ?? others[0];
    return tool && toolUse(nextId(), browseTools, { path: `/${tool.server}/${tool.identifier}` });
  }
  // Without what it requires, the tool refuses: the mistake costs a round trip and changes nothing.
  const refusing = others.find((tool) => requiresArguments(tool) && isReadOnly(tool));
  return refusing && toolUse(nextId(), nameOf(refusing), {});
}

function codeOf(use: ToolUseBlock): string | undefined {
  const { code } = use.input as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function nameOf(tool: Tool): string {
  return classicName(tool.server, tool.identifier);
}

function isReadOnly(tool: Tool): boolean {
  return tool.annotations?.readOnlyHint === true;
}

function requiresArguments({ inputSchema }: Tool): boolean {
  return Array.isArray(inputSchema.required) && inputSchema.required.length > 0;
}
