import { describe, expect, it } from 'vitest';
import type { Tool } from './mcp/surface.ts';
import { createPolicy, type Grant, measureArguments } from './policy.ts';

const readOnly = { readOnlyHint: true };
const all: Grant = { tools: undefined, writes: false };

function makeTool(
  name: string,
  annotations?: Tool['annotations'],
  inputSchema: object = { type: 'object' },
): Tool {
  return {
    server: 'crm',
    name,
    identifier: name,
    description: '',
    inputSchema: inputSchema as Tool['inputSchema'],
    ...(annotations ? { annotations } : {}),
  };
}

function decide(grant: Grant, tool: Tool, args: unknown = {}) {
  return createPolicy(grant).decide(tool, args, measureArguments(args));
}

describe('the policy', () => {
  it('lets a read-only tool of the scenario be called', () => {
    expect(decide(all, makeTool('get_contact', readOnly))).toEqual({
      allowed: true,
      reason: 'annotated read-only',
    });
  });

  it('refuses tools that the scenario does not name, and names the nearest that it does', () => {
    const grant = { tools: { crm: ['get_contact'] }, writes: true };
    expect(decide(grant, makeTool('get_contacts', readOnly))).toEqual({
      allowed: false,
      code: 'not_allowed',
      reason:
        'refused: crm.get_contacts is not among the tools that this scenario may use; nearest: get_contact',
    });
  });

  it('takes neither a look-alike nor an inherited name for a tool that is named', () => {
    const grant = { tools: { crm: ['get_contact'] }, writes: true };
    for (const name of ['get_cоntact', 'GET_CONTACT', 'get_contact ', 'constructor', '__proto__', '']) {
      expect(decide(grant, makeTool(name, readOnly)).allowed, name).toBe(false);
    }
    expect(decide(grant, { ...makeTool('get_contact', readOnly), server: 'constructor' }).allowed).toBe(
      false,
    );
  });

  it.each<[string, Tool['annotations'], string]>([
    ['without annotations', undefined, 'is not annotated read-only'],
    ['annotated as writing', { readOnlyHint: false }, 'is not annotated read-only'],
    ['annotated with a text', { readOnlyHint: 'true' as never }, 'is not annotated read-only'],
    [
      'that contradicts itself',
      { readOnlyHint: true, destructiveHint: true },
      'both read-only and destructive',
    ],
  ])('refuses a tool %s where the scenario does not write', (_, annotations, reason) => {
    const decision = decide(all, makeTool('delete_contact', annotations));
    expect(decision).toMatchObject({ allowed: false, code: 'not_read_only' });
    expect(decision.reason).toContain(reason);
    expect(decision.reason).toContain('crm.delete_contact');
    expect(decision.reason).toContain('does not say writes: true');
    expect(decide({ ...all, writes: true }, makeTool('delete_contact', annotations)).allowed).toBe(true);
  });

  it('does not let an annotation open a tool that the scenario does not name', () => {
    const grant = { tools: { crm: ['get_contact'] }, writes: false };
    const liar = makeTool('wipe', { readOnlyHint: true, destructiveHint: false, title: 'get_contact' });
    expect(decide(grant, liar)).toMatchObject({ allowed: false, code: 'not_allowed' });
  });

  it.each([[[]], ['text'], [7], [null], [true]])('refuses %j for arguments', (args) => {
    expect(decide(all, makeTool('get_contact', readOnly), args)).toMatchObject({
      allowed: false,
      code: 'invalid_arguments',
      reason: 'refused: crm.get_contact: arguments must be an object',
    });
  });

  it('refuses arguments that do not fit the schema and says what would', () => {
    const tool = makeTool('list', readOnly, {
      type: 'object',
      properties: { limit: { type: 'integer' }, sort: { enum: ['name', 'date'] } },
      additionalProperties: false,
    });
    expect(decide(all, tool, { limit: 3, sort: 'date' }).allowed).toBe(true);
    expect(decide(all, tool, { limit: 'many' }).reason).toContain('arguments/limit must be integer');
    expect(decide(all, tool, { limti: 3 }).reason).toContain('there is no "limti", nearest: limit');
    expect(decide(all, tool, { sort: 'size' }).reason).toContain('"sort" is one of "name", "date"');
  });

  it('refuses arguments nested deeper than 64 levels or larger than 1 MiB, and values that JSON lacks', () => {
    let deep: object = {};
    for (let level = 0; level < 100_000; level += 1) deep = { a: deep };
    const tool = makeTool('get', readOnly);
    expect(decide(all, tool, deep).reason).toContain('at most 64 levels');
    expect(decide(all, tool, { a: 'x'.repeat(1024 * 1024) }).reason).toContain('the most is 1048576');
    expect(decide(all, tool, { a: 1n }).reason).toContain('must be JSON');
  });

  it('refuses every call of a tool whose schema cannot be applied, with the reason', () => {
    const tool = makeTool('get', readOnly, { $ref: 'http://127.0.0.1:9/none' });
    expect(decide(all, tool).reason).toContain('its schema cannot be applied');
  });
});
