/** Text from servers and scenarios, on one line and without meaning to Markdown or HTML. */
export function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_<>[\]|]/g, '\\$&');
}
