import { widthOf } from '../../reports/text/terminal.ts';

/** Codes of the colours that reports use (SGR), as they look on the dark ground of the picture. */
const styles: Record<string, string> = {
  1: 'font-weight="bold"',
  2: 'fill="#8b949e"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  33: 'fill="#e3b341"',
  34: 'fill="#79c0ff"',
};
/** Codes that end a style. */
const ends = ['0', '22', '39'];

/** Size of a character and margins, in pixels. */
const cell = { width: 8.4, height: 20, font: 14 };
const margin = 20;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string) => text.replaceAll(/[&<>"]/g, (each) => escapes[each] ?? each);

/** What a terminal shows, colours included, as a picture in SVG. */
export function terminalPicture(title: string, printed: string): string {
  const lines = printed.replace(/^\n+|\n+$/g, '').split('\n');
  const columns = Math.max(...lines.map(widthOf));
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = lines.length * cell.height + 2 * margin;
  const texts = toSpans(lines).map((spans, at) => {
    const y = margin + (at + 0.75) * cell.height;
    return spans === '' ? '' : `<text x="${margin}" y="${y}">${spans}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g fill="#e6edf3" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${cell.font}">
${texts.join('')}</g>
</svg>
`;
}

/** Browsers put spaces that follow each other together, but not these. */
const shown = (text: string) => escapeXml(text).replaceAll(' ', '\u00a0');

/** Lines in their colours. Reports put no style into another; one may go on over the next line. */
function toSpans(lines: readonly string[]): string[] {
  let style = '';
  return lines.map((line) => {
    const parts: string[] = [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins a style.
    for (const [, code, text] of line.matchAll(/\u001b\[(\d+)m|([^\u001b]+)/g)) {
      if (code !== undefined) style = ends.includes(code) ? '' : (styles[code] ?? '');
      else if (text !== undefined)
        parts.push(style === '' ? shown(text) : `<tspan ${style}>${shown(text)}</tspan>`);
    }
    return parts.join('');
  });
}
