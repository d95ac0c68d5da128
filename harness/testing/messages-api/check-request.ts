import { listModels } from '../../meter/catalogue.ts';
import { checkMessages } from './check-messages.ts';
import { blocksOf, type Fields, isFields, messagesOf, type Violation } from './request.ts';

/** Models on which `tool_choice` `any` or `tool` is an error and thinking cannot be configured away. */
const withoutForcedTools = new Set([
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-fable-5-1',
  'claude-fable-5-2',
]);

const topLevelFields = new Set([
  ...['model', 'max_tokens', 'messages', 'system', 'tools', 'tool_choice', 'stream', 'metadata', 'thinking'],
  ...[
    'stop_sequences',
    'output_config',
    'service_tier',
    'cache_control',
    'container',
    'diagnostics',
    'speed',
  ],
  'inference_geo',
]);

const mostBreakpoints = 4;
const toolName = /^[a-zA-Z0-9_-]{1,128}$/;

/** Everything the API would reject in the body of a request, except what depends on earlier answers. */
export function checkRequest(body: Fields): Violation[] {
  return [
    ...checkTopLevel(body),
    ...checkSystem(body.system),
    ...checkTools(body),
    ...checkToolChoice(body),
    ...checkMessages(body),
    ...checkBreakpoints(body),
  ];
}

/** Fields of a request that belong to the answer: the counting endpoint does not know them. */
const answerFields = [
  'max_tokens',
  'stream',
  'stop_sequences',
  'metadata',
  'service_tier',
  'container',
  'diagnostics',
];

/**
 * Everything the counting endpoint would reject: what the API does, tools that the provider runs, and what it would have to
 * fetch.
 */
export function checkCountRequest(body: Fields): Violation[] {
  const extra = answerFields
    .filter((name) => name in body)
    .map((path) => ({ path, message: 'Extra inputs are not permitted' }));
  const tools = Array.isArray(body.tools) ? body.tools.filter(isFields) : [];
  const served = tools.flatMap(({ type }, i) =>
    typeof type === 'string' && type !== 'custom'
      ? [{ path: `tools.${i}`, message: 'Server tools are not supported in the count_tokens endpoint.' }]
      : [],
  );
  const fetched = messagesOf(body).flatMap(({ blocks, path }) =>
    blocks.flatMap(({ source }, i) =>
      isFields(source) && (source.type === 'url' || source.type === 'file')
        ? [
            {
              path: `${path}.content.${i}`,
              message: `${source.type} sources are not supported for token counting`,
            },
          ]
        : [],
    ),
  );
  return [...extra, ...served, ...fetched, ...checkRequest({ ...body, max_tokens: 1 })];
}

function checkTopLevel(body: Fields): Violation[] {
  const found: Violation[] = Object.keys(body)
    .filter((name) => !topLevelFields.has(name))
    .map((name) => ({ path: name, message: 'Extra inputs are not permitted' }));
  if (typeof body.model !== 'string' || body.model === '')
    found.push({ path: 'model', message: 'Field required' });
  const maxTokens = body.max_tokens;
  if (maxTokens === undefined) found.push({ path: 'max_tokens', message: 'Field required' });
  else if (!Number.isInteger(maxTokens))
    found.push({ path: 'max_tokens', message: 'Input should be a valid integer' });
  else if (Number(maxTokens) < 1) {
    found.push({ path: 'max_tokens', message: 'Input should be greater than or equal to 1' });
  } else {
    const limit = listModels().find(({ id }) => id === body.model)?.maxOutput ?? Infinity;
    if (Number(maxTokens) > limit) {
      const message = `${maxTokens} > ${limit}, which is the maximum allowed number of output tokens for ${body.model}`;
      found.push({ path: 'max_tokens', message });
    }
  }
  return found;
}

function checkSystem(system: unknown): Violation[] {
  if (system === undefined || typeof system === 'string') return [];
  if (!Array.isArray(system))
    return [{ path: 'system', message: 'Input should be a string or a list of text blocks' }];
  return system.flatMap((block, i) =>
    isFields(block) && block.type === 'text' && typeof block.text === 'string' && block.text !== ''
      ? []
      : [{ path: `system.${i}`, message: 'text content blocks must be non-empty' }],
  );
}

function checkTools(body: Fields): Violation[] {
  const { tools } = body;
  const usesTools = messagesOf(body).some(({ blocks }) =>
    blocks.some(({ type }) => type === 'tool_use' || type === 'tool_result'),
  );
  if (tools === undefined) {
    const message = 'Requests which include `tool_use` or `tool_result` blocks must define tools';
    return usesTools ? [{ path: 'tools', message }] : [];
  }
  if (!Array.isArray(tools)) return [{ path: 'tools', message: 'Input should be a valid list' }];
  const names = new Set<unknown>();
  return tools.flatMap((tool, i): Violation[] => {
    if (!isFields(tool)) return [{ path: `tools.${i}`, message: 'Input should be an object' }];
    const found: Violation[] = [];
    if (names.has(tool.name)) found.push({ path: 'tools', message: 'Tool names must be unique.' });
    names.add(tool.name);
    // Tools that the provider runs have a type with a date and no schema.
    if (typeof tool.type === 'string' && tool.type !== 'custom') return found;
    if (typeof tool.name !== 'string' || !toolName.test(tool.name)) {
      found.push({
        path: `tools.${i}.custom.name`,
        message: `String should match pattern '${toolName.source}'`,
      });
    }
    if (!isFields(tool.input_schema)) {
      found.push({ path: `tools.${i}.custom.input_schema`, message: 'Field required' });
    } else if (tool.input_schema.type !== 'object') {
      found.push({ path: `tools.${i}.custom.input_schema.type`, message: "Input should be 'object'" });
    }
    return found;
  });
}

function checkToolChoice(body: Fields): Violation[] {
  const choice = body.tool_choice;
  if (choice === undefined) return [];
  if (!isFields(choice)) return [{ path: 'tool_choice', message: 'Input should be an object' }];
  const path = 'tool_choice';
  if (!Array.isArray(body.tools) || body.tools.length === 0) {
    return [{ path, message: 'tool_choice may only be specified while providing tools' }];
  }
  const forced = choice.type === 'any' || choice.type === 'tool';
  if (forced && withoutForcedTools.has(String(body.model))) {
    return [{ path, message: `tool_choice forces tool use, which is not supported for ${body.model}` }];
  }
  if (forced && isFields(body.thinking) && body.thinking.type === 'enabled') {
    return [{ path, message: 'Thinking may not be enabled when tool_choice forces tool use.' }];
  }
  if (choice.type === 'tool' && !body.tools.some((tool) => isFields(tool) && tool.name === choice.name)) {
    return [{ path, message: `Tool '${choice.name}' not found in provided tools` }];
  }
  return [];
}

/** Cache breakpoints: at most four, none on thinking, and only of the kinds that exist. */
function checkBreakpoints(body: Fields): Violation[] {
  const places: { block: Fields; path: string }[] = [];
  const look = (items: unknown, path: string) => {
    if (Array.isArray(items)) {
      items.filter(isFields).forEach((block, i) => {
        places.push({ block, path: `${path}.${i}` });
      });
    }
  };
  look(body.tools, 'tools');
  look(body.system, 'system');
  for (const { blocks, path } of messagesOf(body)) {
    look(blocks, `${path}.content`);
    for (const block of blocks)
      if (block.type === 'tool_result') look(blocksOf(block.content), `${path}.content`);
  }
  const marked = places.filter(
    ({ block }) => block.cache_control !== undefined && block.cache_control !== null,
  );
  const automatic = isFields(body.cache_control) ? 1 : 0;
  const found = marked.flatMap(({ block, path }): Violation[] => {
    if (block.type === 'thinking' || block.type === 'redacted_thinking') {
      return [{ path: `${path}.cache_control`, message: 'Extra inputs are not permitted' }];
    }
    const control = block.cache_control;
    const ttl = isFields(control) ? (control.ttl ?? '5m') : null;
    const known = isFields(control) && control.type === 'ephemeral' && (ttl === '5m' || ttl === '1h');
    return known
      ? []
      : [
          {
            path: `${path}.cache_control`,
            message: "Input should be of type 'ephemeral' with ttl '5m' or '1h'",
          },
        ];
  });
  if (marked.length + automatic > mostBreakpoints) {
    const message = `A maximum of 4 blocks with cache_control may be provided. Found ${marked.length + automatic}.`;
    found.push({ path: 'cache_control', message });
  }
  return found;
}
