import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One request of a recorded session: what the model wrote, what came back, and how much longer the next prompt was. */
export type Step = {
  task: string;
  words: string;
  calls: { name: string; input: unknown }[];
  results: { text: string; isError: boolean }[];
  growth: number;
};

type Block = {
  type: string;
  text?: string;
  name?: string;
  input?: unknown;
  is_error?: boolean;
  content?: string | Block[];
};
type Usage = Record<'input_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens', number>;
type Request = { id: string; promptTokens: number; written: Block[]; returned: Block[] };

/** The steps of kunchenguid/axi (claude-sonnet-4-6) without thinking and with as many results as calls, all of them text. */
export function readSteps(folder: string): Step[] {
  const files = globSync('axi/bench-*/published-results/*/*/run*/agent_output.txt', { cwd: folder }).sort();
  return files.flatMap((file) => {
    const requests = readRequests(readFileSync(join(folder, file), 'utf8'));
    return requests.flatMap((request, at) => {
      const next = requests[at + 1];
      const step = next && toStep(request);
      return step
        ? [{ ...step, task: file.split('/').at(-3) ?? '', growth: next.promptTokens - request.promptTokens }]
        : [];
    });
  });
}

function readRequests(stream: string): Request[] {
  const requests: Request[] = [];
  for (const line of stream.split('\n')) {
    const event = parse(line);
    if (!event || event.parent_tool_use_id) continue;
    const last = requests.at(-1);
    if (event.type === 'assistant') {
      const { id, usage, content } = event.message;
      if (last && last.id === id) last.written.push(...content);
      else requests.push({ id, promptTokens: sum(usage), written: [...content], returned: [] });
    } else if (event.type === 'user' && last) {
      const { content } = event.message;
      last.returned.push(...(Array.isArray(content) ? content : [{ type: 'text', text: content }]));
    }
  }
  return requests;
}

/** A few streams are cut off within a line. */
function parse(line: string) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function sum(usage: Usage): number {
  const { input_tokens, cache_creation_input_tokens = 0, cache_read_input_tokens = 0 } = usage;
  return input_tokens + cache_creation_input_tokens + cache_read_input_tokens;
}

function toStep({ written, returned }: Request): Omit<Step, 'task' | 'growth'> | undefined {
  const calls = written.filter(({ type }) => type === 'tool_use');
  if (calls.length === 0 || calls.length !== returned.length) return undefined;
  if (written.some(({ type }) => type !== 'text' && type !== 'tool_use')) return undefined;
  const texts = returned.map((block) => (block.type === 'tool_result' ? textOf(block) : undefined));
  if (texts.some((text) => text === undefined)) return undefined;
  return {
    words: written.map(({ text = '' }) => text).join(''),
    calls: calls.map(({ name = '', input }) => ({ name, input })),
    results: texts.map((text = '', at) => ({ text, isError: returned[at]?.is_error ?? false })),
  };
}

function textOf({ content = '' }: Block): string | undefined {
  if (typeof content === 'string') return content;
  return content.every(({ type }) => type === 'text')
    ? content.map(({ text }) => text).join('\n')
    : undefined;
}
