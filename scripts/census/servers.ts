/** A server of the npm registry that starts without an account: a pinned version, and what it is started with. */
export type CensusServer = { package: string; version: string; args?: readonly string[] };

/**
 * Real servers that list their tools without an account, a key, a network or a program of another kind. Which ones is a choice: well known, or
 * downloaded a thousand times a month at least, and of many kinds of work. `%` in arguments is an empty folder.
 */
export const censusServers: readonly CensusServer[] = [
  { package: '@modelcontextprotocol/server-everything', version: '2026.8.31' },
  { package: '@modelcontextprotocol/server-filesystem', version: '2026.8.31', args: ['%'] },
  { package: '@modelcontextprotocol/server-memory', version: '2026.8.31' },
  { package: '@modelcontextprotocol/server-sequential-thinking', version: '2026.8.31' },
  { package: '@antv/mcp-server-chart', version: '0.9.10' },
  { package: '@coo-quack/calc-mcp', version: '2.1.1' },
  { package: '@cyanheads/git-mcp-server', version: '2.15.3' },
  { package: '@cyanheads/pubmed-mcp-server', version: '2.7.4' },
  { package: '@dangahagan/weather-mcp', version: '1.23.0' },
  { package: '@drawio/mcp', version: '1.6.1' },
  { package: '@eslint/mcp', version: '0.3.13' },
  { package: '@geobio/mcp-open-library', version: '0.1.6' },
  { package: '@jpisnice/shadcn-ui-mcp-server', version: '2.0.0' },
  { package: '@kazuph/mcp-fetch', version: '1.6.3' },
  { package: '@kimsungwhee/apple-docs-mcp', version: '1.0.26' },
  { package: '@mobilenext/mobile-mcp', version: '1.0.4' },
  { package: '@mui/mcp', version: '0.1.6' },
  { package: '@openbnb/mcp-server-airbnb', version: '0.3.0' },
  { package: '@playwright/mcp', version: '0.0.83' },
  { package: '@react-aria/mcp', version: '1.2.1' },
  { package: '@sylphx/pdf-reader-mcp', version: '2.4.0' },
  { package: '@upstash/context7-mcp', version: '4.1.1' },
  { package: 'chrome-devtools-mcp', version: '1.11.0' },
  { package: 'mcp-fetch-server', version: '1.1.2' },
  { package: 'mcp-mermaid', version: '0.4.1' },
  { package: 'mcp-server-code-runner', version: '0.1.8' },
  { package: 'mcp-server-kubernetes', version: '4.1.7' },
  { package: 'mongodb-mcp-server', version: '3.0.4' },
  { package: 'n8n-mcp', version: '2.87.0' },
  { package: 'next-devtools-mcp', version: '0.4.0' },
  { package: 'reddit-mcp-buddy', version: '1.1.14' },
  { package: 'time-mcp', version: '1.0.6' },
];
