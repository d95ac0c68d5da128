import { bytes, counted, number, seconds, usd } from '../../../harness/numbers.ts';
import { type Content, html, type Markup } from '../../text/markup.ts';
import {
  type Block,
  blocksOf,
  type Call,
  callsInside,
  directCalls,
  isProgram,
  type Message,
  partNames,
  parts,
  type TraceEntry,
  usesOf,
} from '../data.ts';
import { capital } from '../view/marks.ts';
import { type Scene, type Story, shortName } from './story.ts';

/** Calls that are listed at first, and by one press more. */
export const callsAtFirst = 20;
export const callsMore = 200;

/** All of one round trip: its bill, what entered the context, what the model wrote, and the calls that followed. */
export function drawDetail({ trace, scenes }: Story, scene: Scene, entry: TraceEntry): Markup {
  const { trip, index, calls, grown } = scene;
  const before = scenes[index - 1]?.trip;
  const asked = new Map((before ? usesOf(before) : []).map((use) => [use.id, use]));
  return html`${drawBill(scene)}
<ul class="inctx">${parts.map((part, at) => (trip.prompt[at] ? html`<li><i class="seg-${part}"></i>${partNames[part]} <b>${number(trip.prompt[at] ?? 0)}</b></li>` : ''))}</ul>
${trip.retries.map((retry) => html`<p class="err">Sent again after a failure. ${retry}</p>`)}
<h2>Entered the context <span>${grown < 0 ? '−' : '+'}${number(Math.abs(grown))} tokens, ${number(trip.bill.input)} in all</span></h2>
${index === 0 && drawHead(trace.head)}
${trip.added.map((message) => drawMessage(message, asked, entry))}
<h2>The model wrote <span>${number(trip.bill.output)} tokens</span></h2>
${trip.wrote.map((block) => drawWritten(block, trip.stop))}
${drawUses(
  usesOf(trip).filter((use) => !isProgram(use)),
  calls,
)}
${trip.programs.map((program) => drawProgram(program, callsInside(program, calls), index))}
${index === scenes.length - 1 && drawEnd(trace)}
<p class="acts"><button class="btn" data-exact="${index}">Exact request</button><a class="btn" data-link="${index}" href="#">Link to this round trip</a></p><div class="exact"></div>`;
}

function drawBill({ trip: { bill, usd: cost, seconds: time } }: Scene): Markup {
  const cells: [string, number][] = [
    ['Fresh', bill.fresh],
    ['Cache written', bill.cacheWrite],
    ['Cache read', bill.cacheRead],
    ['Output', bill.output],
  ];
  return html`<table class="bill"><caption class="vh">Bill of this request</caption><thead><tr>${cells.map(([name]) => html`<th scope="col">${name}</th>`)}<th scope="col">Cost</th></tr></thead><tbody><tr>${cells.map(([, tokens]) => html`<td>${number(tokens)}</td>`)}<td><b>${cost === null ? 'unpriced' : usd(cost)}</b><small>in ${seconds(time * 1000)}</small></td></tr></tbody></table>`;
}

function drawHead({ system, tools }: Story['trace']['head']): Markup {
  const text = Array.isArray(system)
    ? system.map(({ text: part }: { text?: string }) => part ?? '').join('\n')
    : String(system ?? '');
  const nameOf = (tool: unknown) => String((tool as { name?: string }).name ?? '');
  return html`${text !== '' && html`<details class="msg"><summary>System prompt</summary>${preformatted(text)}</details>`}<details class="msg"><summary>${counted(tools.length, 'tool definition')}</summary>${tools.map((tool) => html`<details class="msg in"><summary>${nameOf(tool)}</summary>${preformatted(JSON.stringify(tool, null, 1))}</details>`)}</details>`;
}

function drawMessage(
  message: Message,
  asked: ReadonlyMap<string | undefined, Block>,
  entry: TraceEntry,
): Content {
  return blocksOf([message]).map((block) => {
    if (block.type !== 'tool_result') {
      return html`<section class="msg"><h3>${message.role === 'user' ? 'Task' : capital(message.role)}</h3>${drawText(block, entry)}</section>`;
    }
    const use = asked.get(block.tool_use_id);
    const of = use && isProgram(use) ? 'The program returned' : shortName(use?.name ?? 'result');
    const given = use && !isProgram(use) ? JSON.stringify(use.input) : '';
    const content =
      typeof block.content === 'string' ? [{ type: 'text', text: block.content }] : (block.content ?? []);
    return html`<details class="msg"${asked.size <= 3 && OPEN}><summary>${of} <code>${given.length > 90 ? `${given.slice(0, 90).toWellFormed()}…` : given}</code>${block.is_error && html` <em>error</em>`}</summary>${content.map((part) => drawText(part, entry))}</details>`;
  });
}

const OPEN = html` open`;

function drawText(block: Block, { file }: TraceEntry): Markup {
  const note =
    block.cutFrom !== undefined &&
    html`<span class="cutnote">Cut here. The message has ${number(block.cutFrom)} characters; it stands in full in ${file}.</span>`;
  return preformatted(block.text === undefined ? JSON.stringify(block, null, 1) : indented(block.text), note);
}

function drawWritten(block: Block, stop: string | null): Content {
  if (isProgram(block)) {
    return html`<section class="msg"><h3>Program</h3><pre class="prog" tabindex="0">${highlightProgram(String(block.input?.code ?? ''))}</pre></section>`;
  }
  if (block.type === 'text') {
    return html`<section class="msg"><h3>${stop === 'end_turn' ? 'Answer' : 'Text'}</h3>${preformatted(indented(block.text ?? ''))}</section>`;
  }
  if (block.type === 'thinking')
    return html`<details class="msg"><summary>Reasoning</summary>${preformatted(block.thinking ?? '')}</details>`;
  if (block.type === 'tool_use') return '';
  return html`<section class="msg"><h3>${block.type}</h3>${preformatted(JSON.stringify(block, null, 1))}</section>`;
}

/** Calls that the model asked for itself, with what came of them. */
function drawUses(uses: readonly Block[], calls: readonly Call[]): Content {
  if (uses.length === 0) return '';
  const direct = directCalls(calls);
  const isEach = direct.length === uses.length;
  return html`<ol class="calls">${uses.map((use, at) => html`<li><b>${shortName(use.name ?? '')}</b> <code>${JSON.stringify(use.input)}</code>${isEach && html` <span>${describeCall(direct[at])}</span>`}</li>`)}</ol>`;
}

function drawProgram(
  program: Scene['trip']['programs'][number],
  calls: readonly Call[],
  index: number,
): Markup {
  const tools = [...Map.groupBy(calls, ({ tool }) => tool)].map(([tool, own]) => {
    const errors = own.filter(({ isError, refused }) => isError || refused).length;
    const size = own.reduce((sum, call) => sum + (call.bytes ?? 0), 0);
    return html`<li><b>${shortName(tool)}</b> ×${number(own.length)} <span>${bytes(size)}${errors > 0 && `, ${counted(errors, 'error')}`}</span></li>`;
  });
  const ended =
    program.status === 'ok' ? `ran ${number(program.ms)} ms (measured)` : program.status.replaceAll('_', ' ');
  return html`<section class="nested" data-program="${program.sha256}"><h3>${counted(calls.length, 'call')} made inside the program <span>It ${program.status === 'ok' ? ended : html`<em>ended: ${ended}</em>`} and showed the model ${bytes(program.valueBytes + program.logBytes)}. No result of these calls reached the model.</span></h3>
${program.error !== undefined && html`<p class="err">${program.error}</p>`}
${tools.length > 0 && html`<ul class="tools">${tools}</ul>`}<ol class="calls">${drawCalls(calls, 0, callsAtFirst)}</ol>${calls.length > callsAtFirst && html`<button class="more" data-calls="${index}" data-from="${callsAtFirst}">Show more of ${number(calls.length)} calls</button>`}</section>`;
}

/** Some of the calls that a program made, numbered. */
export function drawCalls(calls: readonly Call[], from: number, to: number): Content {
  return calls
    .slice(from, to)
    .map(
      (call, at) =>
        html`<li value="${from + at + 1}"><b>${shortName(call.tool)}</b> <code>${JSON.stringify(call.arguments)}</code> <span>${describeCall(call)}</span></li>`,
    );
}

function describeCall(call: Call | undefined): Content {
  if (!call) return '';
  if (call.refused) return html`<em>refused: ${call.refused.replaceAll('_', ' ')}</em>`;
  if (call.bytes === undefined) return html`<em>no result</em>`;
  return html`${bytes(call.bytes)}${call.ms !== undefined && `, ${number(call.ms)} ms`}${call.attempts !== undefined && `, sent ${counted(call.attempts, 'time')}`}${call.isError && html`, <em>error</em>`}`;
}

function drawEnd({ ending, grades, leftOut }: Story['trace']): Markup {
  return html`<h2>How it ended</h2>${ending !== undefined && html`<p class="err">${ending}</p>`}<ul>${grades.map(({ grader, correct, reason }) => html`<li>${grader}: ${correct ? 'right' : html`<em>not right</em>`}. ${reason}</li>`)}</ul>${leftOut !== undefined && html`<p class="err">The trace was full: ${number(leftOut)} events are not in it.</p>`}`;
}

const token =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(?<keyword>const|let|var|function|return|await|async|for|of|in|if|else|while|do|new|throw|try|catch|typeof|type|import|export|default|null|true|false|undefined|break|continue|def|None|True|False|lambda|not|and|or|elif|pass|with|as)\b|\b(?<call>mcp(?:\.\w+)+)|\b(?<number>\d[\d_.]*)\b/g;

/** A program with its words told apart, enough to read it by. */
function highlightProgram(code: string): Content {
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

/** Characters of a text that are shown at first, and by one press more. */
const atFirst = 3_000;
const more = 100_000;

const texts: string[] = [];

/** A text as it stands in a message. Of a long one the beginning, and a button that shows more. */
export function preformatted(text: string, note?: Content): Markup {
  if (text.length <= atFirst) return html`<pre tabindex="0">${text}${note}</pre>`;
  const id = texts.push(text) - 1;
  return html`<pre tabindex="0" data-long="${id}">${text.slice(0, atFirst)}${moreButton(id, atFirst)}${note}</pre>`;
}

function moreButton(id: number, from: number): Content {
  const left = (texts[id]?.length ?? 0) - from;
  if (left <= 0) return false;
  const words =
    left > more
      ? `${number(more)} of ${number(left)} more characters`
      : `the other ${number(left)} characters`;
  return html`<button class="more" data-more="${id}" data-from="${from}">Show ${words}</button>`;
}

/** Shows more of the text that a button belongs to. */
export function showMore(button: HTMLElement): void {
  const [id, from] = [Number(button.dataset.more), Number(button.dataset.from)];
  const shownNow = html`${(texts[id] ?? '').slice(from, from + more)}${moreButton(id, from + more)}`;
  button.insertAdjacentHTML('beforebegin', shownNow.text);
  button.remove();
}

/** Shows the text around what was searched for, where that is further in than what is shown. */
export function showAround(element: HTMLElement, wanted: string): void {
  const id = Number(element.dataset.long);
  const text = texts[id] ?? '';
  if (element.textContent.toLowerCase().includes(wanted)) return;
  const at = text.toLowerCase().indexOf(wanted);
  if (at < 0) return;
  const from = Math.max(0, at - 400);
  element.innerHTML =
    html`<span class="skipped">${number(from)} characters before this</span>${text.slice(from, at + 2000)}${moreButton(id, at + 2000)}`.text;
}

/** JSON over several lines; any other text as it is. */
function indented(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}
