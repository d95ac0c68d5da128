import type { MockTool } from './mock-server.ts';

/** Versions of each property that are kept. */
const versions = [
  { source: 'IMPORT', sourceId: 'import-2023-04', updatedAt: '2023-04-11T08:12:44Z', updatedByUserId: null },
  { source: 'INTEGRATION', sourceId: 'sync-17', updatedAt: '2025-01-20T03:00:02Z', updatedByUserId: null },
  { source: 'CRM_UI', sourceId: 'userId:11873', updatedAt: '2026-02-03T14:45:10Z', updatedByUserId: 11_873 },
];

/**
 * The same tools as a server has them that hands its database through: each record comes with the history of all its
 * properties, links and permissions. What a lean server returns is in there, at the same place. A real server of this kind
 * was measured at 100 times the tokens of a lean one for the same queries (ArcadeAI/attio-mcp-benchmark).
 */
export function fatten(tools: readonly MockTool[]): MockTool[] {
  return tools.map((tool) => ({
    ...tool,
    handle: (args) => fat(tool.handle(args)) as Record<string, unknown>,
  }));
}

function fat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fat);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const row = Object.fromEntries(entries.map(([name, member]) => [name, fat(member)]));
  if (!('id' in value)) return row;
  return {
    ...row,
    properties: entries.map(([name, member]) => ({
      name,
      type: Array.isArray(member) ? 'enumeration' : typeof member,
      isEditable: name !== 'id',
      history: versions.map((version) => ({ value: member, ...version })),
    })),
    associations: { companies: { results: [], paging: null }, tickets: { results: [], paging: null } },
    links: {
      self: `https://crm.example/objects/v3/${value.id}`,
      html: `https://crm.example/app/${value.id}`,
    },
    permissions: { canEdit: true, canDelete: false, canMerge: false, canShare: true },
    archived: false,
  };
}
