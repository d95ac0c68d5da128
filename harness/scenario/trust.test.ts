import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import type { WrittenServer } from '../tools/mcp/server-spec.ts';
import type { PinTarget } from '../tools/pin/check.ts';
import { loadScenarios } from './load.ts';
import type { Scenario } from './scenario.ts';
import { hashLaunch } from './servers.ts';
import { openTrust, trustFileName, UntrustedServer } from './trust.ts';

const program = { command: 'python3.12', args: ['-c', 'import os'] };

function brings(
  cwd: string,
  written: WrittenServer,
  { folder = 'own', origin = 'scenario' }: { folder?: string; origin?: PinTarget['origin'] } = {},
) {
  const target: PinTarget = {
    server: 'api',
    key: `${folder}/api`,
    origin,
    written,
    launch: hashLaunch(written),
  };
  return [{ scenario: { name: folder, folder: join(cwd, folder) } as Scenario, targets: [target] }];
}

function open(cwd: string, accept = false) {
  const told: string[] = [];
  return { trust: openTrust({ folder: cwd, accept, onAccepted: (message) => told.push(message) }), told };
}

/** Accepts a server, and says whether another is admitted afterwards without being asked again. */
function admitsAfter(
  accepted: WrittenServer,
  later: WrittenServer,
  folders: [string, string] = ['own', 'own'],
) {
  const cwd = makeFolder({});
  open(cwd, true).trust.admit(brings(cwd, accepted, { folder: folders[0] }));
  try {
    open(cwd).trust.admit(brings(cwd, later, { folder: folders[1] }));
    return true;
  } catch (error) {
    if (error instanceof UntrustedServer) return false;
    throw error;
  }
}

test('a server of a bundled scenario needs no acceptance, unlike one of a folder of the same name', async () => {
  const cwd = makeFolder({});
  const [scenario] = await loadScenarios(['crm-contact-lookup']);
  if (!scenario) throw new Error('there is no such scenario');
  const brought = brings(cwd, program, { folder: scenario.name });
  const bundled = brought.map((each) => ({ ...each, scenario }));
  expect(() => open(cwd).trust.admit(bundled)).not.toThrow();
  expect(() => open(cwd).trust.admit(brought)).toThrow(UntrustedServer);
});

describe('a server that came with a scenario', () => {
  test.each<[string, WrittenServer, string]>([
    ['an interpreter with code', program, '"python3.12" "-c" "import os"'],
    ['a plain program', { command: 'node', args: ['server.js'] }, '"node" "server.js"'],
    ['an address', { url: 'https://tools.example/mcp' }, 'https://tools.example/mcp'],
    [
      'an address for a login',
      { url: 'https://tools.example/mcp', oauth: { scopes: { read: 'always', write: 'writes' } } },
      'https://tools.example/mcp with your login, for read, write',
    ],
    ['a variable', { command: 'tool', args: [`\${TOKEN}`] }, `"tool" "\${TOKEN}"`],
    ['its own environment', { command: 'a', env: { NODE_OPTIONS: 'canary' } }, 'with its own NODE_OPTIONS'],
  ])('is refused and shown as written: %s', (_, written, shown) => {
    const cwd = makeFolder({});
    const refused = () => open(cwd).trust.admit(brings(cwd, written));
    expect(refused).toThrow(UntrustedServer);
    expect(refused).toThrow(shown);
    expect(refused).toThrow('add --trust once');
    expect(refused).not.toThrow('canary');
    expect(existsSync(join(cwd, trustFileName))).toBe(false);
  });

  test('is shown without passwords, values of a query, hidden characters, and more than 2,000 characters', () => {
    const cwd = makeFolder({});
    const message = (written: WrittenServer) => {
      try {
        open(cwd).trust.admit(brings(cwd, written));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message({ url: `https://me:canary@tools.example/mcp?key=canary&v=\${V}` })).toContain(
      `https://…@tools.example/mcp?key=…&v=\${V}\n`,
    );
    expect(message({ command: 'a\u001b\u202e' })).toContain('"a\\u001b\\u{202e}"');
    const long = message({ command: 'a', args: ['x'.repeat(50_000)] });
    expect(long.length).toBeLessThan(2_600);
    expect(long).toContain('50,006 characters in all');
  });

  test('starts without the flag once it was accepted, which is told and recorded as a hash', () => {
    const cwd = makeFolder({});
    const secret = { command: 'tool', args: ['sk-canary'] };
    const first = open(cwd, true);
    first.trust.admit(brings(cwd, secret));
    expect(first.told).toEqual([expect.stringContaining('"tool" "sk-canary"')]);
    const second = open(cwd);
    second.trust.admit(brings(cwd, secret));
    expect(second.told).toEqual([]);
    expect(readFileSync(join(cwd, trustFileName), 'utf8')).not.toContain('canary');
  });

  test('is asked about again when anything that decides what it does has changed', () => {
    const { command } = program;
    expect(admitsAfter(program, { ...program })).toBe(true);
    expect(admitsAfter(program, { command, args: ['-c', 'import os '] })).toBe(false);
    expect(admitsAfter(program, { ...program, cwd: 'elsewhere' })).toBe(false);
    expect(admitsAfter(program, { ...program, env: { A: '1' } })).toBe(false);
    expect(admitsAfter({ ...program, env: { A: '1' } }, { ...program, env: { A: '2' } })).toBe(false);
    expect(admitsAfter({ url: 'https://a.example' }, { url: 'https://b.example' })).toBe(false);
    // A relative path of the command means another file there.
    expect(admitsAfter(program, program, ['own', 'elsewhere/own'])).toBe(false);
  });

  test('keeps what was accepted before, and all of a run are asked about at once', () => {
    const cwd = makeFolder({});
    const other = { command: 'other' };
    open(cwd, true).trust.admit(brings(cwd, program));
    open(cwd, true).trust.admit(brings(cwd, other));
    open(cwd).trust.admit([...brings(cwd, program), ...brings(cwd, other)]);
    const news = [...brings(cwd, { command: 'one' }), ...brings(cwd, { command: 'two' })];
    expect(() => open(cwd).trust.admit(news)).toThrow(/"one"[\s\S]*"two"/);
  });

  test('is not asked about where the user named it, but for a reset that came with the scenario', () => {
    const cwd = makeFolder({});
    const named = brings(cwd, program, { origin: 'user' });
    open(cwd).trust.admit(named);
    const reset = { kind: 'command' as const, command: 'sh', args: ['-c', 'rm'], env: { KEY: 'canary' } };
    const withReset = named.map(({ scenario, targets }) => ({
      scenario,
      targets: targets.map((target) => ({ ...target, reset })),
    }));
    expect(() => open(cwd).trust.admit(withReset)).toThrow('reset by "sh" "-c" "rm" with its own KEY\n');
    open(cwd, true).trust.admit(withReset);
    open(cwd).trust.admit(withReset);
  });

  test.each(['{', '{"format":"patternbench.trust/v2","accepted":[]}'])(
    'is refused where the file of accepted servers reads %s',
    (text) => {
      const cwd = makeFolder({});
      writeFileSync(join(cwd, trustFileName), text);
      expect(() => open(cwd).trust.admit(brings(cwd, program))).toThrow(trustFileName);
    },
  );
});
