/** A server of the npm registry that lists its tools without an account: a pinned version, and what it is started with. */
export type CensusServer = {
  package: string;
  version: string;
  args?: readonly string[];
  /** Names of keys and addresses without which it does not start. Each gets a value that is none. */
  needs?: readonly string[];
};

/**
 * Real servers that list their tools without a network or a program of another kind. Many do work for an account; all list
 * their tools without a real one. Which ones is a choice: well known, or downloaded a thousand times a month at least, and of
 * many kinds of work. `%` in arguments is an empty folder.
 */
export const censusServers: readonly CensusServer[] = [
  { package: '@modelcontextprotocol/server-brave-search', version: '0.6.2', needs: ['BRAVE_API_KEY'] },
  { package: '@modelcontextprotocol/server-everything', version: '2026.8.31' },
  { package: '@modelcontextprotocol/server-filesystem', version: '2026.8.31', args: ['%'] },
  { package: '@modelcontextprotocol/server-github', version: '2025.4.8' },
  { package: '@modelcontextprotocol/server-google-maps', version: '0.6.2', needs: ['GOOGLE_MAPS_API_KEY'] },
  { package: '@modelcontextprotocol/server-memory', version: '2026.8.31' },
  {
    package: '@modelcontextprotocol/server-postgres',
    version: '0.6.2',
    args: ['postgresql://127.0.0.1:9/none'],
  },
  { package: '@modelcontextprotocol/server-sequential-thinking', version: '2026.8.31' },
  {
    package: '@modelcontextprotocol/server-slack',
    version: '2025.4.25',
    needs: ['SLACK_BOT_TOKEN', 'SLACK_TEAM_ID'],
  },
  { package: '@antv/mcp-server-chart', version: '0.9.10' },
  { package: '@brave/brave-search-mcp-server', version: '2.1.4', needs: ['BRAVE_API_KEY'] },
  { package: '@circleci/mcp-server-circleci', version: '0.20.0', needs: ['CIRCLECI_TOKEN'] },
  {
    package: '@cloudflare/mcp-server-cloudflare',
    version: '0.2.0',
    args: ['run', 'none'],
    needs: ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ACCOUNT_ID'],
  },
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
  { package: '@notionhq/notion-mcp-server', version: '2.5.2', needs: ['NOTION_TOKEN'] },
  { package: '@openbnb/mcp-server-airbnb', version: '0.3.0' },
  { package: '@perplexity-ai/mcp-server', version: '1.2.1', needs: ['PERPLEXITY_API_KEY'] },
  { package: '@pinecone-database/mcp', version: '0.3.0', needs: ['PINECONE_API_KEY'] },
  { package: '@playwright/mcp', version: '0.0.83' },
  { package: '@postman/postman-mcp-server', version: '2.13.0', needs: ['POSTMAN_API_KEY'] },
  { package: '@react-aria/mcp', version: '1.2.1' },
  { package: '@roychri/mcp-server-asana', version: '1.8.0', needs: ['ASANA_ACCESS_TOKEN'] },
  { package: '@sentry/mcp-server', version: '0.39.0', args: ['--access-token=none'] },
  { package: '@sylphx/pdf-reader-mcp', version: '2.4.0' },
  { package: '@upstash/context7-mcp', version: '4.1.1' },
  { package: '@zereight/mcp-gitlab', version: '2.1.64', needs: ['GITLAB_PERSONAL_ACCESS_TOKEN'] },
  { package: 'airtable-mcp-server', version: '1.14.0', needs: ['AIRTABLE_API_KEY'] },
  { package: 'chrome-devtools-mcp', version: '1.11.0' },
  { package: 'exa-mcp-server', version: '3.4.1', needs: ['EXA_API_KEY'] },
  { package: 'figma-developer-mcp', version: '0.13.2', args: ['--stdio'], needs: ['FIGMA_API_KEY'] },
  { package: 'firecrawl-mcp', version: '3.26.0', needs: ['FIRECRAWL_API_KEY'] },
  { package: 'mcp-fetch-server', version: '1.1.2' },
  { package: 'mcp-mermaid', version: '0.4.1' },
  { package: 'mcp-server-code-runner', version: '0.1.8' },
  { package: 'mcp-server-kubernetes', version: '4.1.7' },
  { package: 'mongodb-mcp-server', version: '3.0.4' },
  { package: 'n8n-mcp', version: '2.87.0' },
  { package: 'next-devtools-mcp', version: '0.4.0' },
  { package: 'reddit-mcp-buddy', version: '1.1.14' },
  { package: 'tavily-mcp', version: '0.2.22', needs: ['TAVILY_API_KEY'] },
  { package: 'time-mcp', version: '1.0.6' },
];
