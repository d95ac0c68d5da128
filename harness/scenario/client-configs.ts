import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A configuration of another MCP client, and the names of the servers in it. */
type ClientConfig = { file: string; servers: string[] };

/** A file, and the keys under which it has servers. */
type Place = { file: string; keys: readonly string[] };

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The servers that other clients are configured with, in the folder and for the user: names alone, and nothing is started. What
 * cannot be read names none. Places are those that the clients document, as of November 2026.
 */
export function findClientConfigs(folder: string, env: Env): ClientConfig[] {
  return [...placesInFolder(folder), ...placesOfUser(folder, env)].flatMap(({ file, keys }) => {
    const servers = existsSync(file) ? readServerNames(file, keys) : [];
    return servers.length > 0 ? [{ file, servers }] : [];
  });
}

function placesInFolder(folder: string): Place[] {
  return [
    { file: join(folder, '.vscode/mcp.json'), keys: ['servers'] },
    { file: join(folder, '.cursor/mcp.json'), keys: ['mcpServers'] },
    { file: join(folder, '.gemini/settings.json'), keys: ['mcpServers'] },
    { file: join(folder, '.roo/mcp.json'), keys: ['mcpServers'] },
    { file: join(folder, '.codex/config.toml'), keys: ['mcp_servers'] },
    { file: join(folder, 'opencode.json'), keys: ['mcp'] },
  ];
}

function placesOfUser(folder: string, env: Env): Place[] {
  const home = env.HOME ?? env.USERPROFILE;
  if (home === undefined) return [];
  const settings =
    process.platform === 'darwin'
      ? join(home, 'Library/Application Support')
      : process.platform === 'win32'
        ? (env.APPDATA ?? join(home, 'AppData/Roaming'))
        : (env.XDG_CONFIG_HOME ?? join(home, '.config'));
  return [
    { file: join(home, '.claude.json'), keys: ['mcpServers', `projects\n${folder}\nmcpServers`] },
    { file: join(settings, 'Claude/claude_desktop_config.json'), keys: ['mcpServers'] },
    { file: join(settings, 'Code/User/mcp.json'), keys: ['servers'] },
    { file: join(home, '.cursor/mcp.json'), keys: ['mcpServers'] },
    { file: join(home, '.codeium/windsurf/mcp_config.json'), keys: ['mcpServers'] },
    { file: join(home, '.gemini/settings.json'), keys: ['mcpServers'] },
    { file: join(home, '.codex/config.toml'), keys: ['mcp_servers'] },
  ];
}

function readServerNames(file: string, keys: readonly string[]): string[] {
  try {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.toml')) {
      return [...text.matchAll(/^\s*\[mcp_servers\.(?:"([^"]+)"|([\w-]+))\]/gm)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      );
    }
    const config: unknown = JSON.parse(withoutComments(text));
    return keys.flatMap((key) => Object.keys(at(config, key.split('\n')) ?? {}));
  } catch {
    return [];
  }
}

/** Editors let people write comments and a comma after the last member. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted?: string) => quoted ?? '')
    .replaceAll(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
}

function at(value: unknown, [key, ...deeper]: readonly string[]): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (key === undefined) return value;
  return Object.hasOwn(value, key) ? at((value as Record<string, unknown>)[key], deeper) : undefined;
}
