/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** A JSON Schema (2020-12 or older), as an MCP server sent it; nothing about it is trusted. */
export type JsonSchema = { [keyword: string]: unknown };
