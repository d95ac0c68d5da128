import { type Content, html } from '../../text/markup.ts';

const token =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(?<keyword>const|let|var|function|return|await|async|for|of|in|if|else|while|do|new|throw|try|catch|typeof|type|import|export|default|null|true|false|undefined|break|continue|def|None|True|False|lambda|not|and|or|elif|pass|with|as)\b|\b(?<call>mcp(?:\.\w+)+)|\b(?<number>\d[\d_.]*)\b/g;

/** A program with its words told apart, enough to read it by. */
export function highlightProgram(code: string): Content {
  const parts: Content[] = [];
  let end = 0;
  for (const match of code.matchAll(token)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? '';
    parts.push(code.slice(end, match.index), html`<span class="p-${kind}">${match[0]}</span>`);
    end = match.index + match[0].length;
  }
  parts.push(code.slice(end));
  return parts;
}
