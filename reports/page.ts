import { type Content, html, Markup } from './text/markup.ts';

/** Fill of each part of a bill, told apart by colour-blind people too, and of the letter that stands on it. */
const fills: Record<string, [fill: string, letter: string]> = {
  tool_definitions: ['#0072b2', '#fff'],
  instructions: ['#999999', '#000'],
  discovery: ['#56b4e9', '#000'],
  tool_calls: ['#cc79a7', '#000'],
  tool_results: ['#d55e00', '#000'],
  code: ['#009e73', '#000'],
  program_output: ['#e69f00', '#000'],
  reasoning: ['#f0e442', '#000'],
  answer: ['#7b3fa0', '#fff'],
  frame: ['#cccccc', '#000'],
  remainder: ['#5a5a5a', '#fff'],
};

/** What a report page looks like: on light and dark screens, narrow ones, and paper. */
const pageStyle = `:root { color-scheme: light dark; --text: #1b1b1b; --quiet: #555; --ground: #fff; --raised: #f5f6f8; --line: #dcdcdc; --strong-line: #999; --link: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --quiet: #b0b0b0; --ground: #16181c; --raised: #21242a; --line: #3a3d44; --strong-line: #777; --link: #8ab4f8; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--text); background: var(--ground); margin: 2rem auto; max-width: 64rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .6rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
h4 { font-size: .85rem; margin: 0 0 .2rem; color: var(--quiet); }
a { color: var(--link); }
ul { margin: .3rem 0; padding-left: 1.2rem; }
.caption, figcaption, footer { color: var(--quiet); font-size: 13px; }
.param, .share { unicode-bidi: isolate; }
.param { font-size: .85em; font-weight: normal; color: var(--quiet); }
.label { display: inline-block; border: 1.5px solid currentColor; border-radius: 3px; padding: 0 .45rem; font-weight: 600; }
.badge { display: inline-block; color: #fff; border-radius: 3px; padding: 0 .5rem; font-weight: 600; white-space: nowrap; }
.badge.classic { background: #c2500a; }
.badge.code { background: #1f5fbf; }
.badge.even { background: #444; }
.notice { border-left: 4px solid #c2500a; padding-left: .7rem; font-weight: 600; }
.plain { background: var(--raised); border-radius: 4px; padding: .6rem .8rem; }
dl { display: flex; flex-wrap: wrap; gap: .3rem 2rem; margin: .8rem 0; }
dt { font-size: 12px; color: var(--quiet); }
dd { margin: 0; font-weight: 600; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: .8rem 2rem; }
figure { margin: 1.4rem 0; }
.bar { margin: .7rem 0 .4rem; }
.bar p { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; margin: 0 0 .15rem; font-size: 13px; font-variant-numeric: tabular-nums; }
figure svg { display: block; }
svg.chart { width: 100%; min-width: 40rem; max-width: fit-content; height: auto; }
.bar svg { background: var(--raised); }
figure.bill rect { stroke: var(--ground); stroke-width: 1px; }
figure.bill rect.hypothetical { fill: none; stroke: var(--text); stroke-width: 2px; stroke-dasharray: 5 4; }
figure.bill text { font: 600 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
.bar text, .key text { text-anchor: middle; }
.axis line { stroke: var(--strong-line); }
figure.bill .axis text { font-weight: normal; font-size: 11px; fill: var(--quiet); }
figure.bill svg.key { display: inline-block; vertical-align: -4px; margin-right: .3rem; }
.scale { height: 4px; margin-top: 2px; background: var(--text); }
.scroll { overflow-x: auto; margin: .5rem 0; }
.scroll:focus-visible { outline: 2px solid var(--link); }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
thead th { white-space: normal; min-width: 5.5rem; vertical-align: bottom; border-bottom-color: var(--strong-line); }
tbody th { font-weight: normal; white-space: normal; min-width: 9rem; }
th:first-child, .text { text-align: left; }
th:first-child { padding-left: 0; }
.long { display: block; white-space: normal; min-width: 9rem; }
.share { display: inline-block; min-width: 4.5em; color: var(--quiet); }
${Object.entries(fills)
  .map(
    ([part, [fill, letter]]) =>
      `.bill rect.${part} { fill: ${fill}; } .bill text.on-${part} { fill: ${letter}; }`,
  )
  .join('\n')}
@media print {
  :root { color-scheme: light; --text: #000; --quiet: #444; --ground: #fff; --raised: #f2f2f2; --line: #ccc; --strong-line: #888; --link: #000; }
  body { font-size: 11px; margin: 0; max-width: none; padding: 0; }
  table, .caption, figcaption, footer { font-size: 9.5px; }
  .badge, .bar, .key, .scale, .plain { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
  tr, .bar, .plain, .verdict, .columns > div { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  th, td { white-space: normal; padding: .2rem .4rem; }
}
`;

/** A page as one HTML file that needs nothing else; main and footer are what the report says. */
export function toPage({ title, main, footer }: { title: string; main: Content; footer: Content }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${new Markup(pageStyle)}</style>
</head>
<body>
${main}
<footer>
<h2>How the figures came about</h2>
${footer}
</footer>
</body>
</html>
`.text;
}
