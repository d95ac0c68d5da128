import {
  blocksOf,
  type Fields,
  isFields,
  messagesOf,
  type RequestMessage,
  type Violation,
} from './request.ts';

const roles = new Set(['user', 'assistant', 'system']);

/** The rules on messages and their blocks, except those on thinking. */
export function checkMessages(body: Fields): Violation[] {
  if (!Array.isArray(body.messages)) return [{ path: 'messages', message: 'Field required' }];
  if (body.messages.length === 0) return [{ path: 'messages', message: 'at least one message is required' }];
  const shape = body.messages.flatMap((message, i) => checkShape(message, `messages.${i}`));
  if (shape.length > 0) return shape;
  const messages = messagesOf(body);
  const found = messages.flatMap(checkBlocks);
  if (messages.find(({ role }) => role !== 'system')?.role !== 'user') {
    found.push({ path: 'messages', message: 'first message must use the "user" role' });
  }
  return [...found, ...checkEnd(messages), ...checkToolPairs(mergeTurns(messages))];
}

function checkShape(message: unknown, path: string): Violation[] {
  if (!isFields(message)) return [{ path, message: 'Input should be an object' }];
  const { role, content, ...extra } = message;
  const found: Violation[] = Object.keys(extra).map((name) => ({
    path: `${path}.${name}`,
    message: 'Extra inputs are not permitted',
  }));
  if (typeof role !== 'string' || !roles.has(role)) {
    found.push({ path: `${path}.role`, message: "Input should be 'user', 'assistant' or 'system'" });
  }
  const isText = typeof content === 'string';
  if (!isText && !Array.isArray(content)) found.push({ path: `${path}.content`, message: 'Field required' });
  if (Array.isArray(content) && blocksOf(content).length !== content.length) {
    found.push({ path: `${path}.content`, message: 'Input should be a list of content blocks with a type' });
  }
  return found;
}

const typesOfRole: Record<string, Set<string>> = {
  user: new Set(['text', 'image', 'document', 'search_result', 'tool_result']),
  assistant: new Set(['text', 'tool_use', 'thinking', 'redacted_thinking']),
  system: new Set(['text']),
};

function checkBlocks(
  { role, blocks, path }: RequestMessage,
  index: number,
  all: RequestMessage[],
): Violation[] {
  const isLastAnswer = role === 'assistant' && index === all.length - 1;
  if (blocks.length === 0 && !isLastAnswer) {
    return [
      {
        path,
        message: 'all messages must have non-empty content except for the optional final assistant message',
      },
    ];
  }
  return blocks.flatMap((block, i) => {
    const at = `${path}.content.${i}`;
    if (!typesOfRole[role]?.has(block.type)) {
      return [
        { path: at, message: `blocks of type ${block.type} are not permitted in a message of role ${role}` },
      ];
    }
    if (block.type === 'text') return checkText(block.text, at);
    if (block.type === 'tool_use') return checkToolUse(block, at);
    if (block.type === 'tool_result') return checkToolResult(block, at);
    return [];
  });
}

const emptyText = 'text content blocks must be non-empty';

function checkText(text: unknown, path: string): Violation[] {
  if (typeof text !== 'string') return [{ path: `${path}.text`, message: 'Field required' }];
  if (text === '') return [{ path, message: emptyText }];
  if (text.trim() === '') return [{ path, message: 'text content blocks must contain non-whitespace text' }];
  return [];
}

const idPattern = /^[a-zA-Z0-9_-]+$/;

function checkToolUse(block: Fields, path: string): Violation[] {
  const found: Violation[] = [];
  if (typeof block.id !== 'string' || !idPattern.test(block.id)) {
    found.push({ path: `${path}.tool_use.id`, message: "String should match pattern '^[a-zA-Z0-9_-]+$'" });
  }
  if (typeof block.name !== 'string' || block.name === '') {
    found.push({ path: `${path}.tool_use.name`, message: 'Field required' });
  }
  if (!isFields(block.input)) {
    found.push({ path: `${path}.tool_use.input`, message: 'Input should be a valid dictionary' });
  }
  return found;
}

function checkToolResult(block: Fields, path: string): Violation[] {
  const found: Violation[] = [];
  if (typeof block.tool_use_id !== 'string') {
    found.push({ path: `${path}.tool_result.tool_use_id`, message: 'Field required' });
  }
  // A result may be empty or absent, a text block inside it may not.
  if (Array.isArray(block.content)) {
    block.content.forEach((part, i) => {
      const at = `${path}.tool_result.content.${i}`;
      if (!isFields(part)) found.push({ path: at, message: 'Input should be an object' });
      else if (part.type === 'text' && part.text === '') found.push({ path: at, message: emptyText });
    });
  } else if (block.content !== undefined && typeof block.content !== 'string') {
    found.push({
      path: `${path}.tool_result.content`,
      message: 'Input should be a string or a list of blocks',
    });
  }
  return found;
}

function checkEnd(messages: RequestMessage[]): Violation[] {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return [];
  // Current models take no prefilled answer, so a request ends with what the user or a tool said.
  return [
    {
      path: last.path,
      message:
        'This model does not support assistant message prefill. The conversation must end with a user message.',
    },
  ];
}

/** Consecutive messages of one role count as one turn, as documented. */
function mergeTurns(messages: RequestMessage[]): RequestMessage[] {
  const turns: RequestMessage[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last && last.role === message.role) last.blocks = [...last.blocks, ...message.blocks];
    else turns.push({ ...message });
  }
  return turns;
}

function checkToolPairs(turns: RequestMessage[]): Violation[] {
  const found: Violation[] = [];
  const everUsed = new Set<string>();
  turns.forEach((turn, i) => {
    const asked = new Set(turn.role === 'assistant' ? idsOf(turn, 'tool_use', 'id') : []);
    for (const id of idsOf(turn, 'tool_use', 'id')) {
      if (everUsed.has(id)) found.push({ path: turn.path, message: '`tool_use` ids must be unique' });
      everUsed.add(id);
    }
    const next = turns[i + 1];
    const answered = next?.role === 'user' ? leadingResults(next) : [];
    const missing = [...asked].filter((id) => !answered.includes(id));
    if (missing.length > 0) {
      found.push({
        path: turn.path,
        message: `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      });
    }
    if (turn.role !== 'user') return;
    const previous = turns[i - 1];
    const open = new Set(previous?.role === 'assistant' ? idsOf(previous, 'tool_use', 'id') : []);
    for (const id of idsOf(turn, 'tool_result', 'tool_use_id')) {
      if (open.delete(id)) continue;
      const again = previous && idsOf(previous, 'tool_use', 'id').includes(id);
      found.push({
        path: turn.path,
        message: again
          ? `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`
          : `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      });
    }
  });
  return found;
}

function idsOf(turn: RequestMessage, type: string, name: string): string[] {
  return turn.blocks.filter((block) => block.type === type).map((block) => String(block[name]));
}

/** Results count only at the beginning of a message; text before them separates them from their calls. */
function leadingResults(turn: RequestMessage): string[] {
  const end = turn.blocks.findIndex((block) => block.type !== 'tool_result');
  return idsOf(
    { ...turn, blocks: end < 0 ? turn.blocks : turn.blocks.slice(0, end) },
    'tool_result',
    'tool_use_id',
  );
}
