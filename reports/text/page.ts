import { type Content, html, Markup } from './markup.ts';

/** What a report page looks like: on light and dark screens, narrow ones, and paper. */
const reportStyle = `:root { color-scheme: light dark; --text: #1b1b1b; --quiet: #555; --ground: #fff; --raised: #f5f6f8; --line: #dcdcdc; --strong-line: #999; --link: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --quiet: #b0b0b0; --ground: #16181c; --raised: #21242a; --line: #3a3d44; --strong-line: #777; --link: #8ab4f8; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--text); background: var(--ground); margin: 2rem auto; max-width: 64rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .6rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
a { color: var(--link); }
ul { margin: .3rem 0; padding-left: 1.2rem; }
.caption, figcaption, footer { color: var(--quiet); font-size: 13px; }
.notice { border-left: 4px solid #c2500a; padding-left: .7rem; font-weight: 600; }
figure { margin: 1.4rem 0; }
figure svg { display: block; }
svg.chart { width: 100%; min-width: 40rem; max-width: fit-content; height: auto; }
.scroll { overflow-x: auto; margin: .5rem 0; }
.scroll:focus-visible { outline: 2px solid var(--link); }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
thead th { white-space: normal; min-width: 5.5rem; vertical-align: bottom; border-bottom-color: var(--strong-line); }
tbody th { font-weight: normal; white-space: normal; min-width: 9rem; }
th:first-child, .text { text-align: left; }
th:first-child { padding-left: 0; }
.long { display: block; white-space: normal; min-width: 9rem; }
@media print {
  :root { color-scheme: light; --text: #000; --quiet: #444; --ground: #fff; --raised: #f2f2f2; --line: #ccc; --strong-line: #888; --link: #000; }
  body { font-size: 11px; margin: 0; max-width: none; padding: 0; }
  table, .caption, figcaption, footer { font-size: 9.5px; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  th, td { white-space: normal; padding: .2rem .4rem; }
}
`;

/**
 * A page as one HTML file that needs nothing else. It can load nothing, whatever text of servers stands in it, and runs no script
 * unless it `hasScript`.
 */
export function toDocument(
  { title, style, body }: { title: string; style: string; body: Content },
  hasScript = false,
): string {
  const scripts = hasScript && new Markup("script-src 'unsafe-inline'; ");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; ${scripts}img-src data:">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>
${new Markup(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}

/** A report as a page; main and footer are what it says. */
export function toPage({ title, main, footer }: { title: string; main: Content; footer: Content }): string {
  const body = html`${main}
<footer>
<h2>How the figures came about</h2>
${footer}
</footer>`;
  return toDocument({ title, style: reportStyle, body });
}
