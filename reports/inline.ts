import { showHidden } from '../harness/directory/visible.ts';

/** Text from servers and scenarios, on one line, with nothing hidden in it and without meaning to Markdown or HTML. */
export function inline(text: string): string {
  return showHidden(text.replace(/\s+/g, ' ')).replace(/[\\`*<>[\]|]/g, '\\$&');
}
