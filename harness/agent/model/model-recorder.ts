import type { ModelMiddleware } from '../../meter/model.ts';
import { answering } from '../../meter/model.ts';
import type { MessageParam } from '../../results/messages.ts';
import type { Recorder } from '../../tools/recorder.ts';

/** Records every request and response of a model; of a request only what the one before did not have. */
export function recordModel(recorder: Recorder): ModelMiddleware {
  return (next) => {
    let roundTrip = 0;
    let seen = 0;
    const marked = new Set<number>();
    return answering(next, async (request, signal) => {
      roundTrip += 1;
      for (const index of marked) if (!isMarked(request.messages[index])) marked.delete(index);
      for (let index = seen; index < request.messages.length; index += 1) {
        if (isMarked(request.messages[index])) marked.add(index);
      }
      recorder.record({
        event: 'request',
        roundTrip,
        model: request.model,
        maxTokens: request.max_tokens,
        ...(request.thinking && { thinking: request.thinking }),
        ...(roundTrip === 1 ? { system: request.system, tools: [...(request.tools ?? [])] as never } : {}),
        appended: request.messages.slice(seen).map(withoutBreakpoint),
        cacheBreakpoints: [...marked],
      });
      seen = request.messages.length;
      const started = performance.now();
      const response = await next.respond(request, signal);
      recorder.record({
        event: 'response',
        roundTrip,
        response,
        measured: { ms: Math.round((performance.now() - started) * 1000) / 1000 },
      });
      return response;
    });
  };
}

function isMarked(message: MessageParam | undefined): boolean {
  const block = typeof message?.content === 'string' ? undefined : message?.content.at(-1);
  return Boolean(block && 'cache_control' in block && block.cache_control);
}

function withoutBreakpoint(message: MessageParam): MessageParam {
  if (typeof message.content === 'string' || !isMarked(message)) return message;
  const blocks = message.content.map((block) => {
    if (!('cache_control' in block)) return block;
    const { cache_control: _, ...rest } = block;
    return rest as typeof block;
  });
  return { ...message, content: blocks } as MessageParam;
}
