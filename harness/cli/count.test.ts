import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';

const text = 'The quick brown fox jumps over the lazy dog. '.repeat(20);

describe('count', () => {
  test('counts what is piped in, and files with their sum', async () => {
    const cwd = makeFolder({ 'a.txt': text, 'b.md': '# Title\n', 'empty.txt': '' });
    const [piped, files] = [
      await patternbench(['count', '--json'], { cwd, stdin: text }),
      await patternbench(['count', 'a.txt', 'b.md', 'empty.txt'], { cwd }),
    ];
    const [only, ...others] = JSON.parse(piped.stdout);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ file: '-', method: expect.stringContaining('claude-4.7') });
    expect(only.low).toBeLessThan(only.tokens);
    expect(only.high).toBeGreaterThan(only.tokens);
    // 180 words, and as many full stops as sentences: at least a token each.
    expect(only.tokens).toBeGreaterThan(200);
    expect(files.stdout).toMatch(new RegExp(`^a\\.txt +${only.tokens} `, 'm'));
    expect(files.stdout).toMatch(/^all +\d+$/m);
    // Nothing in an empty file was counted by any tokenizer.
    expect(files.stdout).not.toContain('counted:');
    expect(files.code).toBe(0);
    const { stdout } = await patternbench(['count', 'a.txt', '--md', '-'], { cwd });
    expect(stdout).toMatch(new RegExp(`^\\| a\\.txt \\| +${only.tokens} \\|`, 'm'));
  });

  test('takes the tokenizer of the model', async () => {
    const count = async (model: string) =>
      JSON.parse((await patternbench(['count', '--model', model, '--json'], { stdin: text })).stdout)[0]
        .tokens;
    expect(await count('claude-sonnet-5')).toBeGreaterThan(await count('claude-haiku-4-5'));
  });

  test('asks the provider once and keeps its counts, which need no key from then on', async () => {
    await using api = await startMessagesApi([], { apiKey: 'secret-key' });
    const cwd = makeFolder({ 'a.txt': text });
    const env = { ANTHROPIC_API_KEY: 'secret-key' };
    const asked = await patternbench(
      ['count', 'a.txt', '--json', '--count', 'provider', '--set', `provider.baseUrl=${api.url}`],
      { cwd, env },
    );
    const [exact] = JSON.parse(asked.stdout);
    expect(exact).toMatchObject({
      low: exact.tokens,
      high: exact.tokens,
      method: 'counted (token-counts.jsonl)',
    });
    expect(api.counted).toHaveLength(2);
    const keyless = { ANTHROPIC_API_KEY: '' };
    const again = await patternbench(['count', 'a.txt', '--json'], { cwd, env: keyless });
    expect(JSON.parse(again.stdout)).toEqual([{ ...exact, method: 'counted (token-counts.jsonl)' }]);
    const estimated = await patternbench(['count', 'a.txt', '--json', '--count', 'estimate'], {
      cwd,
      env: keyless,
    });
    expect(JSON.parse(estimated.stdout)[0].method).toContain('vocabulary');
    expect(readFileSync(join(cwd, 'token-counts.jsonl'), 'utf8')).not.toContain('secret-key');
  });

  test('counts what tools add to a prompt, as the server’s answer, its tools or the message around them', async () => {
    const tool = { name: 'get', description: 'Gets it.', inputSchema: { type: 'object', properties: {} } };
    const files = {
      'list.json': JSON.stringify([tool]),
      'answer.json': JSON.stringify({ tools: [tool] }),
      'message.json': JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: [tool] } }),
      'two.json': JSON.stringify({ tools: [tool, { ...tool, name: 'put' }] }),
      'letters.mjs': 'export default (texts) => texts.map((text) => text.length);',
    };
    const args = ['--tools', '--json', '--set', 'counter=./letters.mjs'];
    const { stdout } = await patternbench(
      ['count', 'list.json', 'answer.json', 'message.json', 'two.json', ...args],
      { cwd: makeFolder(files) },
    );
    const [list, answer, message, two] = JSON.parse(stdout).map(({ tokens }: { tokens: number }) => tokens);
    const definition =
      '<function>{"description": "Gets it.", "name": "get", "parameters": {"properties": {}, "type": "object"}}</function>';
    // The provider's prompt on tools, the definition, and a line break.
    expect([list, answer, message]).toEqual(Array(3).fill(354 + definition.length + 1));
    expect(two).toBe(354 + 2 * (definition.length + 1));
  });

  test.each(['{"tools": 3}', 'not JSON', '[{"name": "x"}]'])('refuses %s as tools', async (stdin) => {
    const { code, stderr } = await patternbench(['count', '--tools'], { stdin });
    expect([code, stderr]).toEqual([2, expect.stringContaining('- is not an answer to tools/list')]);
  });

  test('counts with a module or a command of one’s own', async () => {
    const cwd = makeFolder({
      'words.mjs': 'export default (texts) => texts.map((text) => text.split(" ").length);',
    });
    const { stdout } = await patternbench(['count', '--json', '--set', 'counter=./words.mjs'], {
      cwd,
      stdin: 'one two',
    });
    expect(JSON.parse(stdout)).toEqual([
      { file: '-', tokens: 2, low: 2, high: 2, method: 'counted by ./words.mjs' },
    ]);
  });

  test.each([
    ['a file that is missing', ['none.txt'], 'none.txt cannot be read'],
    ['counts that are missing', ['--count', 'none.jsonl'], 'cannot be read as token counts'],
    ['the provider without a key', ['--count', 'provider'], 'set ANTHROPIC_API_KEY'],
    ['two ways at once', ['--count', 'provider', '--set', 'counter=x.mjs'], 'cannot be used with'],
    ['a counter that is missing', ['--set', 'counter=./x.mjs'], 'cannot be loaded'],
    ['an unknown model', ['--model', 'claude-sonet-5'], 'claude-sonnet-5'],
  ])('refuses %s, and says why', async (_, args, message) => {
    const { code, stderr, stdout } = await patternbench(['count', ...args], {
      env: { ANTHROPIC_API_KEY: '' },
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('reports a file of counts that is something else', async () => {
    const cwd = makeFolder({});
    writeFileSync(join(cwd, 'token-counts.jsonl'), 'x\n');
    const { code, stderr } = await patternbench(['count'], { cwd, stdin: 'x' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not begin with the line')]);
  });
});
