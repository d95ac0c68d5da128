import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { findClientConfigs } from './client-configs.ts';

test('the servers of other clients are named by file, also from files with comments', () => {
  const folder = makeFolder({
    '.vscode/mcp.json': '{ // mine\n "servers": { "github": { "url": "https://a.example/*x*/" }, }, }',
    '.cursor/mcp.json': '{ "mcpServers": {} }',
    '.codex/config.toml': '[mcp_servers.linear]\ncommand = "x"\n[mcp_servers.linear.env]\nA = "1"\n',
    'opencode.json': '{ broken',
    '.mcp.json': '{ "mcpServers": { "own": {} } }',
  });
  const home = makeFolder({
    '.claude.json': JSON.stringify({
      mcpServers: { everywhere: {} },
      projects: { [folder]: { mcpServers: { here: {} } }, '/else': { mcpServers: { there: {} } } },
    }),
  });
  expect(findClientConfigs(folder, { HOME: home })).toEqual([
    { file: join(folder, '.vscode/mcp.json'), servers: ['github'] },
    { file: join(folder, '.codex/config.toml'), servers: ['linear'] },
    { file: join(home, '.claude.json'), servers: ['everywhere', 'here'] },
  ]);
  expect(findClientConfigs(makeFolder({}), {})).toEqual([]);
});
