// Made from reports/page/browser/main.ts and all that it imports by `npm run page`: change those, not this file.
// It is long because it is the whole script of a page, left readable. A page loads nothing, and no bundler is needed to make one.
// harness/visible.ts
const hidden = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;
const emojiSequence = /\p{Extended_Pictographic}(?:\ufe0f|\ufe0e)?(?:\u200d\p{Extended_Pictographic}\ufe0f?)*|[0-9#*]\ufe0f\u20e3/gu;
function showHidden(text) {
	const normalised = text.replaceAll("\r\n", "\n");
	if (normalised.search(hidden) < 0) return normalised;
	const parts = [];
	let end = 0;
	for (const match of normalised.matchAll(emojiSequence)) {
		parts.push(escapeHidden(normalised.slice(end, match.index)), match[0]);
		end = match.index + match[0].length;
	}
	parts.push(escapeHidden(normalised.slice(end)));
	return parts.join("");
}
function escapeHidden(text) {
	return text.replaceAll(hidden, (character) => character === "\n" || character === "	" ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

// reports/text/markup.ts
var Markup = class {
	text;
	constructor(text) {
		this.text = text;
	}
};
function html(parts, ...contents) {
	return new Markup(parts.reduce((before, part, index) => `${before}${toText(contents[index - 1])}${part}`));
}
function toText(content) {
	if (content instanceof Markup) return content.text;
	if (content === void 0 || content === false) return "";
	if (typeof content === "object") return content.map(toText).join("");
	return showHidden(String(content)).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
function htmlList(lines) {
	return lines.length > 0 && html`<ul>\n${lines.map((line) => html`<li>${line}</li>\n`)}</ul>`;
}

// harness/numbers.ts
const formats = /* @__PURE__ */ new Map();
function written(value, options) {
	const key = Object.entries(options).join();
	const format = formats.get(key) ?? new Intl.NumberFormat("en-US", options);
	formats.set(key, format);
	return format.format(value);
}
function number(value) {
	return written(value, { maximumFractionDigits: 1 });
}
function counted(count, thing) {
	return `${number(count)} ${thing}${count === 1 ? "" : "s"}`;
}
function whole(value) {
	return number(Math.round(value));
}
function compact(value) {
	return written(value, {
		notation: "compact",
		maximumSignificantDigits: 3
	});
}
function usd(amount) {
	const size = Math.abs(amount);
	const text = size === 0 || size >= 99.995 ? whole(size) : size >= .9995 ? fixed(size, 2) : digits(size);
	return `${amount < 0 ? "−" : ""}$${text}`;
}
function seconds(ms) {
	const size = Math.abs(ms) / 1e3;
	if (ms !== 0 && size < .0995) return `${written(ms, { maximumSignificantDigits: 3 })} ms`;
	if (size < .995) return `${fixed(ms / 1e3, 2)} s`;
	if (size < 9.95) return `${fixed(ms / 1e3, 1)} s`;
	if (size < 119.5) return `${fixed(ms / 1e3, 0)} s`;
	if (size < 7199.5) {
		const all = Math.round(size);
		return `${ms < 0 ? "−" : ""}${Math.floor(all / 60)} min${all % 60 === 0 ? "" : ` ${all % 60} s`}`;
	}
	return `${fixed(ms / 36e5, 1)} h`;
}
function bytes(count) {
	if (count < 999.5) return `${whole(count)} B`;
	const [unit, size] = count < 999500 ? ["kB", count / 1e3] : ["MB", count / 1e6];
	return `${fixed(size, size < 9.95 ? 1 : 0)} ${unit}`;
}
function percent(share) {
	return `${Math.round(share * 100)} %`;
}
function share(part) {
	if (part !== 0 && Math.abs(part) < .001) return "< 0.1 %";
	if (part >= .9995 && part < 1) return "> 99.9 %";
	return Math.abs(part) < .1 || part > .99 && part < 1 ? `${fixed(part * 100, 1)} %` : percent(part);
}
function signed(change, write) {
	return `${change < 0 ? "−" : "+"}${write(Math.abs(change))}`;
}
function times(factor) {
	return fixed(factor, factor < 1.195 ? 2 : factor < 9.95 ? 1 : 0);
}
function bound(factor) {
	return factor >= 99.95 ? written(factor, { maximumSignificantDigits: 3 }) : factor === 0 ? "0" : digits(factor);
}
function digits(value) {
	return written(value, {
		minimumSignificantDigits: 3,
		maximumSignificantDigits: 3
	});
}
function fixed(value, decimals) {
	return written(value, {
		minimumFractionDigits: decimals,
		maximumFractionDigits: decimals
	});
}

// reports/text/words.ts
function amount(value, measure) {
	switch (measure) {
		case "cost": return usd(value);
		case "tokens": return `${whole(value)} tokens`;
		case "latency": return seconds(value * 1e3);
	}
}
const verbs = {
	cost: {
		takes: "costs",
		same: "cost",
		less: "costs less",
		much: "as much",
		alone: "cost"
	},
	tokens: {
		takes: "is billed",
		same: "are billed",
		less: "is billed less",
		much: "as many tokens",
		alone: "tokens"
	},
	latency: {
		takes: "takes",
		same: "take",
		less: "takes less time",
		much: "as long",
		alone: "modelled model time"
	}
};

// reports/page/view/marks.ts
function mark(pattern, x, y, filled = true, radius = 6) {
	const fill = filled ? "full" : "hollow";
	if (pattern !== "code") return html`<circle class="m classic ${fill}" cx="${px(x)}" cy="${px(y)}" r="${radius}"/>`;
	const half = radius + 1.5;
	return html`<path class="m code ${fill}" d="M${px(x)} ${px(y - half)}l${half} ${half}l${-half} ${half}l${-half} ${-half}Z"/>`;
}
function cross(x, y, half = 5) {
	return html`<path class="cross" d="M${px(x - half)} ${px(y - half)}l${2 * half} ${2 * half}m0 ${-2 * half}l${-2 * half} ${2 * half}"/>`;
}
function glyph(advice, filled = true) {
	const drawn = {
		classic: mark("classic", 8, 8, filled, 5),
		code: mark("code", 8, 8, filled, 5),
		either: html`<path class="eq" d="M3 6H13M3 10H13"/>`,
		neither: html`<path class="cross" d="M4 4L12 12M12 4L4 12"/>`
	};
	return html`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">${drawn[advice] ?? html`<path class="eq" d="M8 3.5V9M8 12.4V12.5"/>`}</svg>`;
}
function tick(isRight) {
	return html`<svg class="glyph ${isRight ? "ok" : "bad"}" viewBox="0 0 16 16" aria-hidden="true"><path d="${isRight ? "M3 8.5L6.5 12L13 4.5" : "M4 4L12 12M12 4L4 12"}"/></svg>`;
}
const adviceWords = {
	code: "Use code",
	either: "Either will do",
	classic: "Use classic",
	neither: "Use neither",
	insufficient: "Not known",
	outstanding: "Not run to its end"
};
const adviceNames = {
	code: "Code",
	either: "Either",
	classic: "Classic",
	neither: "Neither",
	insufficient: "Not known",
	outstanding: "Outstanding"
};
function thenUse(advice) {
	return {
		code: "use code",
		classic: "use classic",
		either: "either",
		neither: "neither",
		insufficient: "not known"
	}[advice];
}
function rightWords({ right, trials, hypothetical }) {
	if (right === null) return "not measured";
	if (trials === 1) return right === 1 ? "right" : hypothetical ? "no answer" : "not right";
	return right === 1 ? `right, ${trials} of ${trials}` : `right, ${Math.round(right * trials)} of ${trials}`;
}
function px(value) {
	return Math.round(value * 10) / 10;
}
function shorten(text, most) {
	return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
function capital(text) {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
function logScale(values, [from, to], room = 0) {
	const known = values.filter((value) => value > 0);
	const low = Math.log10(Math.min(...known)) - room;
	const high = Math.log10(Math.max(...known)) + room;
	const span = high - low || 1;
	const start = high === low ? (from + to) / 2 : from;
	return {
		at: (value) => start + (Math.log10(value) - low) / span * (to - from),
		low,
		high
	};
}
function ticksOf({ low, high }) {
	const steps = high - low > 1.6 ? [1] : [
		1,
		2,
		5
	];
	const ticks = [];
	for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) for (const step of steps) {
		const exponent = Math.log10(step) + power;
		if (exponent >= low - 1e-9 && exponent <= high + 1e-9) ticks.push(step * 10 ** power);
	}
	return ticks;
}
function tickText(value, by) {
	if (by === "latency") return seconds(value * 1e3);
	if (by === "tokens") return compact(value);
	if (value >= 1) return `$${compact(value)}`;
	return `$${value.toFixed(Math.max(2, -Math.floor(Math.log10(value) + 1e-9)))}`;
}

// reports/page/view/state.ts
const units = {
	run: "one run",
	tenant: "a tenant’s month",
	all: "a month, all tenants"
};
function startState({ workload } = {}) {
	return {
		unit: "run",
		...workload ?? {
			runs: 1e3,
			tenants: 20
		},
		filter: { text: "" }
	};
}
function scaleOf({ unit, runs, tenants }) {
	return {
		run: 1,
		tenant: runs,
		all: runs * tenants
	}[unit];
}
function shown(value, by, state) {
	return amount(value * scaleOf(state), by);
}
function workflowAddress(id) {
	return `#workflow/${encodeURIComponent(id)}`;
}
function traceAddress(id, keys = [], at) {
	return `#trace/${[...[id, ...keys].map(encodeURIComponent), ...at ? [at.side + 1, at.index + 1] : []].join("/")}`;
}

// reports/page/view/dumbbell.ts
const order = [
	"code",
	"either",
	"classic",
	"neither",
	"insufficient",
	"outstanding"
];
function inOrder(workflows) {
	const factor = (workflow) => dearer(workflow)?.factor ?? 0;
	return [...workflows].sort((a, b) => order.indexOf(a.advice) - order.indexOf(b.advice) || factor(b) - factor(a));
}
function dearer({ sides: { classic, code } }) {
	const [left, right] = [classic?.value, code?.value];
	if (!left || !right) return void 0;
	return left >= right ? {
		side: "classic",
		factor: left / right
	} : {
		side: "code",
		factor: right / left
	};
}
function standing(workflow, by) {
	const { advice, margin, sides } = workflow;
	const failed = ["classic", "code"].filter((side) => sides[side]?.failed);
	if (failed.length === 1) return `${failed[0]} ${sides[failed[0]]?.hypothetical ? "gave no answer" : "is not right"}`;
	if (advice === "either") return `within ${percent(margin)}`;
	const found = dearer(workflow);
	return found ? `${found.side} ${verbs[by].takes} ${times(found.factor)}×` : "";
}
function drawDumbbell(data, state, width) {
	const { by } = data;
	const isNarrow = width < 680;
	const [left, right] = isNarrow ? [4, 4] : width < 860 ? [160, 142] : [width < 1e3 ? 200 : 240, 166];
	const pad = isNarrow ? 70 : 72;
	const values = data.workflows.flatMap(({ sides }) => [sides.classic, sides.code].flatMap((side) => side?.value ? [
		side.value,
		side.low ?? side.value,
		side.high ?? side.value
	] : []));
	if (values.length === 0) return html`<p class="sub">Nothing was measured that could be drawn.</p>`;
	const scale = scaleOf(state);
	const axis = logScale(values, [left + pad, width - right - pad]);
	const rowHeight = isNarrow ? 56 : 34;
	let y = 30;
	const rows = [];
	for (const [advice, workflows] of Map.groupBy(inOrder(data.workflows), (workflow) => workflow.advice)) {
		rows.push(html`<text class="gh" x="0" y="${y + 17}">${adviceWords[advice]}<tspan class="dim" dx="6">${workflows.length}</tspan></text><line class="rule" x1="0" x2="${width}" y1="${y + 25}" y2="${y + 25}"/>`);
		y += 28;
		for (const workflow of workflows) {
			rows.push(drawRow(workflow, {
				data,
				state,
				width,
				isNarrow,
				y,
				rowHeight,
				left,
				at: axis.at
			}));
			y += rowHeight;
		}
		y += 10;
	}
	const grid = ticksOf(logScale(values.map((value) => value * scale), [axis.at(10 ** axis.low), axis.at(10 ** axis.high)])).map((value) => {
		const at = px(axis.at(value / scale));
		return html`<line class="grid" x1="${at}" x2="${at}" y1="${24}" y2="${y - 6}"/><text class="ax" x="${at}" y="${16}" text-anchor="middle">${tickText(value, by)}</text>`;
	});
	return html`<svg class="chart" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="group" aria-label="What each workflow takes with both patterns, on one logarithmic axis">${grid}${rows}</svg>`;
}
function drawRow(workflow, { data, state, width, isNarrow, y, rowHeight, left, at }) {
	const { advice, id, name, sides } = workflow;
	const { by } = data;
	const middle = isNarrow ? y + 38 : y + rowHeight / 2;
	const { classic, code } = sides;
	const places = {
		classic: classic?.value ? at(classic.value) : void 0,
		code: code?.value ? at(code.value) : void 0
	};
	const end = (key) => {
		const [side, x] = [sides[key], places[key]];
		if (!side || x === void 0) return "";
		const whisker = side.low !== void 0 && side.high !== void 0 && html`<line class="whisker" x1="${px(at(side.low))}" x2="${px(at(side.high))}" y1="${middle}" y2="${middle}"/>`;
		return html`${whisker}${side.failed ? cross(x, middle) : mark(key, x, middle, advice === key)}`;
	};
	const value = (key) => {
		const [side, x] = [sides[key], places[key]];
		if (!side?.value || x === void 0) return "";
		const other = places[key === "classic" ? "code" : "classic"];
		const isLeft = other === void 0 || x < other || x === other && key === "classic";
		return html`<text class="val" x="${px(x + (isLeft ? -13 : 13))}" y="${middle + 4}" text-anchor="${isLeft ? "end" : "start"}">${shown(side.value, by, state)}</text>`;
	};
	const isHypothetical = classic?.hypothetical || code?.hypothetical;
	const bar = places.classic !== void 0 && places.code !== void 0 && html`<line class="bar${isHypothetical && " hyp"}" x1="${px(Math.min(places.classic, places.code))}" x2="${px(Math.max(places.classic, places.code))}" y1="${middle}" y2="${middle}"/>`;
	const ends = ["classic", "code"].map(end);
	if (advice === "classic") ends.reverse();
	const textY = isNarrow ? y + 20 : middle + 4.5;
	const most = Math.floor((isNarrow ? width * .6 : left - 8) / 7.1);
	return html`<a href="${workflowAddress(id)}" class="drow"><title>${name}</title><rect class="hit" x="0" y="${y}" width="${width}" height="${rowHeight}"/><text class="name" x="0" y="${textY}">${shorten(name, most)}</text><text class="by" x="${width}" y="${textY}" text-anchor="end">${standing(workflow, by)}</text>${bar}<g class="${advice === "either" && "both"}">${ends}</g>${value("classic")}${value("code")}</a>`;
}

// reports/page/view/table.ts
const headings = [
	{
		key: "name",
		label: "Workflow"
	},
	{
		key: "advice",
		label: "Use"
	},
	{
		key: "classic",
		label: "Classic",
		isNumber: true
	},
	{
		key: "code",
		label: "Code",
		isNumber: true
	},
	{
		key: "ratio",
		label: "The other",
		isNumber: true
	},
	{
		key: "right",
		label: "Right?"
	},
	{ label: "What would change it" }
];
const sortBy = {
	name: ({ name }) => name,
	advice: ({ advice }) => adviceNames[advice],
	classic: ({ sides }) => sides.classic?.value ?? -1,
	code: ({ sides }) => sides.code?.value ?? -1,
	ratio: (workflow) => dearer(workflow)?.factor ?? 0,
	right: ({ sides }) => (sides.classic?.right ?? 0) + (sides.code?.right ?? 0)
};
function chosenWorkflows({ workflows }, { sort, filter }) {
	const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
	const text = ({ name, params, verdict, why, sides }) => [
		name,
		...params,
		verdict,
		why,
		sides.classic?.variant,
		sides.code?.variant
	].join(" ").toLowerCase();
	const found = inOrder(workflows).filter((workflow) => (filter.advice === void 0 || workflow.advice === filter.advice) && words.every((word) => text(workflow).includes(word)));
	if (!sort) return found;
	const by = sortBy[sort.key];
	return found.sort((a, b) => {
		const [left, right] = [by(a), by(b)];
		return (left < right ? -1 : left > right ? 1 : 0) * sort.direction;
	});
}
function drawTable(data, state) {
	const { sort } = state;
	const head = headings.map(({ key, label, isNumber }) => {
		if (!key) return html`<th scope="col">${label}</th>`;
		const isSorted = sort?.key === key;
		const direction = isSorted ? sort.direction > 0 ? "ascending" : "descending" : "none";
		const arrow = isSorted ? sort.direction > 0 ? "↑" : "↓" : "";
		const text = key === "ratio" ? `The other ${verbs[data.by].takes}` : label;
		return html`<th scope="col" class="${isNumber && "num"}" aria-sort="${direction}"><button data-sort="${key}">${text}<span class="arrow" aria-hidden="true">${arrow}</span></button></th>`;
	});
	const found = chosenWorkflows(data, state);
	const rows = found.map((workflow) => html`<tr><th scope="row"><a href="${workflowAddress(workflow.id)}">${workflow.name}</a>${workflow.params.length > 0 && html`<small>${workflow.params.join(" · ")}</small>`}</th>
<td data-label="Use"><span class="use">${glyph(workflow.advice)} ${adviceNames[workflow.advice]}</span>${recommended(workflow)}</td>
<td class="num" data-label="Classic">${value(workflow.sides.classic, data, state)}</td><td class="num" data-label="Code">${value(workflow.sides.code, data, state)}</td>
<td class="num" data-label="The other ${verbs[data.by].takes}">${factor(workflow)}</td><td data-label="Right?">${whoWasRight(workflow)}</td>
<td class="change" data-label="What would change it">${change(workflow)}</td></tr>`);
	return html`<table class="verdicts"><caption class="vh">Verdict for each workflow</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>${found.length === 0 && html`<p class="sub">No workflow matches.</p>`}`;
}
function recommended({ advice, sides }) {
	const side = advice === "classic" || advice === "code" ? sides[advice] : void 0;
	return side && side.variant !== side.pattern && html`<small>${side.variant}</small>`;
}
function value(side, { by }, state) {
	if (!side) return html`<span class="dim">not run</span>`;
	if (side.right === null) return html`<span class="none">not measured</span>`;
	if (side.value === null) return html`<span class="dim">unpriced</span>`;
	const text = shown(side.value, by, state);
	return side.hypothetical ? html`<span class="none">no answer</span><small>would be ${text}</small>` : text;
}
function factor(workflow) {
	const { dearerBy, advice, sides } = workflow;
	if (!dearerBy || sides.classic?.failed && advice !== "neither" || sides.code?.failed) return html`<span class="dim">–</span>`;
	return html`${times(dearerBy.value)}×<small>${bound(dearerBy.low)} to ${bound(dearerBy.high)}</small>`;
}
function whoWasRight({ sides }) {
	const both = ["classic", "code"].flatMap((side) => sides[side] ? [{
		side,
		...sides[side]
	}] : []);
	if (both.length === 0) return html`<span class="dim">–</span>`;
	if (both.every(({ right }) => right === 1)) return html`<span class="fine">${tick(true)} ${both.length === 2 ? "both" : both[0]?.side}</span>`;
	if (both.every(({ trials }) => trials === 1)) {
		const right = both.filter((each) => each.right === 1);
		return html`<span class="wrong">${tick(false)} ${right.length === 0 ? "neither" : `${right[0]?.side} only`}</span>`;
	}
	return both.map(({ side, right, failed }) => html`<span class="${failed ? "wrong" : "fine"} line">${tick(!failed)} ${side} ${right === null ? "not measured" : percent(right)}</span>`);
}
function change({ advice, changes }) {
	if (advice === "outstanding" || advice === "insufficient") return "Too little is known";
	const [first] = changes;
	return first === void 0 ? "Nothing that was tried" : capital(first);
}

// reports/page/view/overview.ts
const numerals = "no one two three four five six seven eight nine ten eleven twelve".split(" ");
const inWords = (count) => numerals[count] ?? number(count);
function describeAll({ workflows, trials }) {
	const of = (advice) => workflows.filter((workflow) => workflow.advice === advice);
	const most = of("code").length >= of("classic").length ? "code" : "classic";
	const [own, all] = [of(most).length, workflows.length];
	const noun = all === 1 ? "workflow" : "workflows";
	const first = all === 0 ? "Nothing has been run yet." : own === 0 ? `No pattern is recommended for ${all === 1 ? "this" : `these ${inWords(all)}`} ${noun}.` : own === all ? `Use ${most} for ${all === 1 ? workflows[0]?.name ?? "" : `all ${inWords(all)} ${noun}`}.` : `Use ${most} for ${inWords(own)} of ${inWords(all)} ${noun}.`;
	const name = (found) => found.length > 3 ? inWords(found.length) : found.map((workflow) => workflow.name).join(", ");
	return {
		first,
		rest: [...[
			"classic",
			"code",
			"either",
			"neither",
			"insufficient",
			"outstanding"
		].flatMap((advice) => {
			const found = of(advice);
			return advice === most || found.length === 0 ? [] : [`${adviceWords[advice]}: ${name(found)}.`];
		}), `${trials}.`].join(" ")
	};
}
function drawOverview(data, state, width) {
	const { first, rest } = describeAll(data);
	const { by, method, partial, more, workflows } = data;
	return html`<section class="wrap overview">
<h1>${first}</h1><p class="lead">${rest}</p>
${partial !== void 0 && html`<p class="notice">${partial}</p>`}
<div class="bar-tools"><p class="key">${glyph("classic", false)} <b>classic</b>: the model calls each tool ${glyph("code", false)} <b>code</b>: the model writes a program. <b>Filled: use this one.</b></p>
<div class="seg" role="group" aria-label="Amounts for">${Object.entries(units).map(([unit, words]) => html`<button data-unit="${unit}" aria-pressed="${String(unit === state.unit)}">${words}</button>`)}</div></div>
<figure data-chart="dumbbell">${drawDumbbell(data, state, width)}<figcaption>${captions[by]} The axis is logarithmic: equal distances are equal ratios. A cross gave no right answer; what it would have taken is dashed.</figcaption></figure>
${workflows.length > 1 && drawFilter(data, state)}
<div data-table>${drawTable(data, state)}</div>
<section class="trust"><h2>Cost in a month</h2>
<p class="sub"><label>Runs of each workflow, per tenant: <input id="runs" type="number" min="1" step="1" value="${state.runs}"></label> <label>Tenants: <input id="tenants" type="number" min="1" step="1" value="${state.tenants}"></label></p>
<div data-workload>${drawWorkload(data, state)}</div><p class="fn">Each run begins with a cold cache. <code>patternbench report --runs</code> also reckons with a warm one.</p></section>
${faults(data)}
<section class="trust"><h2>Before you rely on this</h2>${htmlList(method)}</section>
${new Markup(more)}
</section>`;
}
const captions = {
	cost: "Cost in dollars, with prompt caching where that is cheaper.",
	tokens: "Billed tokens of all requests.",
	latency: "The model’s time, modelled."
};
function drawFilter({ workflows }, { filter }) {
	const advices = [...new Set(workflows.map(({ advice }) => advice))];
	const button = (advice, words) => html`<button data-advice="${advice ?? ""}" aria-pressed="${String(filter.advice === advice)}">${words}</button>`;
	return html`<div class="bar-tools filter"><label class="find"><span class="vh">Filter workflows</span><input id="filter" type="search" placeholder="Filter workflows" autocomplete="off" spellcheck="false" value="${filter.text}"></label>
<div class="seg" role="group" aria-label="Show">${button(void 0, "All")}${advices.map((advice) => button(advice, adviceWords[advice]))}</div></div>`;
}
function faults({ workflows }) {
	const found = workflows.flatMap(({ id, name, sides }) => ["classic", "code"].flatMap((key, at) => {
		const side = sides[key];
		if (side?.fault === void 0) return [];
		const keys = [sides.classic, sides.code].map((each) => each?.variant ?? "");
		return [{
			name,
			place: traceAddress(id, keys, {
				side: at,
				index: (side.faultAt ?? 1) - 1
			}),
			variant: side.variant,
			fault: side.fault
		}];
	}));
	if (found.length === 0) return html`<section class="note"><h2>Not right</h2><p>No variant that a verdict compares gave a wrong answer.</p></section>`;
	return html`<section class="note bad"><h2>Not right <span class="count">${found.length}</span></h2>${found.map(({ name, place, variant, fault }) => html`<p><a href="${place}">${name}, ${variant}</a><br>${fault}</p>`)}</section>`;
}
function mixesOf({ workflows }) {
	return [
		mix("As recommended here", workflows, recommendedSide),
		mix("Classic for all", workflows, ({ sides }) => sides.classic),
		mix("Code for all", workflows, ({ sides }) => sides.code)
	];
}
function monthsOf({ usd: amount }, { runs, tenants }) {
	return [runs, runs * tenants].map((factor) => amount === null ? "not possible" : usd(amount * factor));
}
function drawWorkload(data, state) {
	return html`<table class="figures"><caption class="vh">Cost of all workflows in a month</caption><thead><tr><th><span class="vh">Pattern</span></th><th scope="col" class="num">A tenant and month</th><th scope="col" class="num">All tenants, a month</th></tr></thead><tbody>${mixesOf(data).map((each) => html`<tr><th scope="row">${each.name}${each.note !== "" && html`<small>${each.note}</small>`}</th>${monthsOf(each, state).map((text) => html`<td class="num">${text}</td>`)}</tr>`)}</tbody></table>`;
}
function recommendedSide({ advice, sides }) {
	if (advice === "classic" || advice === "code") return sides[advice];
	if (advice === "neither") return void 0;
	return [sides.classic, sides.code].flatMap((side) => side && !side.failed && side.usd !== null ? [side] : []).sort((a, b) => (a.usd ?? 0) - (b.usd ?? 0))[0];
}
function mix(name, workflows, choose) {
	const costs = workflows.map((workflow) => {
		const side = choose(workflow);
		return side && !side.failed ? side.usd : null;
	});
	const missing = costs.filter((cost) => cost === null).length;
	if (missing === 0) return {
		name,
		usd: costs.reduce((sum, cost) => sum + (cost ?? 0), 0),
		note: ""
	};
	return {
		name,
		usd: null,
		note: `${missing === 1 ? "one workflow has" : `${missing} workflows have`} no right answer or no price that way`
	};
}

// reports/page/view/sizes.ts
function drawSizes({ sides, sizes }, { by }, state, width) {
	const height = 264;
	const box = {
		left: 62,
		right: width < 560 ? 8 : 104,
		top: 40,
		bottom: 36
	};
	const { param, now, tried, lines } = sizes;
	const names = "names" in sizes ? sizes.names : void 0;
	const labelOf = (value) => names?.[value - 1] ?? number(value);
	const say = (value) => names ? labelOf(value) : `${param} ${labelOf(value)}`;
	const factor = scaleOf(state);
	const all = lines.flatMap(({ points }) => points);
	const xs = [.../* @__PURE__ */ new Set([...tried.map(({ at }) => at), ...all.map(({ at }) => at)])].sort((a, b) => a - b);
	if (xs.length === 0 || all.length === 0) return html`<p class="sub">No other size was measured.</p>`;
	const [first = 0, last = 0] = [xs[0], xs.at(-1)];
	const isLog = !names && first > 0 && last / first > 15;
	const [from, to] = [box.left + 10, width - box.right - 10];
	const log = logScale(isLog ? xs : [1, 10], [from, to]);
	const x = (value) => isLog ? log.at(value) : from + (value - first) / (last - first || 1) * (to - from);
	const yAxis = logScale(all.map(({ value }) => value * factor), [height - box.bottom, box.top], .06);
	const y = (value) => yAxis.at(value * factor);
	const compared = new Set(names ? lines.map(({ variant }) => variant) : [sides.classic?.variant, sides.code?.variant]);
	const ticks = ticksOf(yAxis).map((value) => html`<line class="grid" x1="${box.left}" x2="${width - box.right}" y1="${px(yAxis.at(value))}" y2="${px(yAxis.at(value))}"/><text class="ax" x="${box.left - 8}" y="${px(yAxis.at(value) + 4)}" text-anchor="end">${tickText(value, by)}</text>`);
	const drawn = [...lines].sort((a, b) => Number(compared.has(a.variant)) - Number(compared.has(b.variant))).map(({ variant, pattern, points }) => {
		const isCompared = compared.has(variant);
		const path = points.map(({ at, value }) => `${px(x(at))} ${px(y(value))}`).join("L");
		const dots = points.map(({ at, value, ok }) => {
			const title = html`<title>${variant}, ${say(at)}: ${amount(value * factor, by)}${!ok && (names ? ", right too seldom" : ", no right answer")}</title>`;
			return html`<g>${title}${ok ? mark(pattern, x(at), y(value), isCompared, isCompared ? 4 : 2.5) : cross(x(at), y(value), 4)}</g>`;
		});
		return html`<path class="ln ${pattern}${!isCompared && " other"}" d="M${path}"/>${dots}`;
	});
	const spans = stretches(tried).map((stretch) => ({
		...stretch,
		left: x(stretch.start) - 3,
		right: x(stretch.end) + 3
	}));
	const words = stripLabels(spans, width);
	const strip = spans.map((span) => {
		const { advice, start, end, left, right } = span;
		const label = words.get(span);
		return html`<rect class="strip ${advice}" x="${px(left)}" y="14" width="${px(right - left)}" height="7" rx="2"><title>${adviceWords[advice]}, ${say(start)} to ${labelOf(end)}</title></rect>${label && html`<text class="ax" x="${px(label.at)}" y="9" text-anchor="middle">${label.text}</text>`}`;
	});
	const labels = xLabels([now, ...xs], x, labelOf, width);
	const described = lines.filter(({ variant }) => compared.has(variant)).map(({ variant, points }) => `${variant}: ${points.map(({ at, value }) => `${labelOf(at)} ${amount(value * factor, by)}`).join(", ")}`);
	const nowX = x(now);
	const isRight = nowX > width / 2;
	return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${names ? "Run by run" : `By number of ${param}`}. ${described.join("; ")}">${ticks}${strip}<line class="now" x1="${px(nowX)}" x2="${px(nowX)}" y1="26" y2="${height - box.bottom}"/><text class="ax" x="${px(nowX + (isRight ? -5 : 5))}" y="35" text-anchor="${isRight ? "end" : "start"}">${names ? "this run" : "now"}</text>${drawn}${width >= 560 && endLabels(lines, y, width - box.right + 8)}${labels.map(({ at, value }) => html`<text class="ax${value === now && " strong"}" x="${px(at)}" y="${height - box.bottom + 17}" text-anchor="middle">${labelOf(value)}</text>`)}<text class="ax" x="${width - box.right}" y="${260}" text-anchor="end">${names ? "begun, UTC" : param}${isLog && ", log scale"}</text></svg>`;
}
function stretches(tried) {
	const found = [];
	for (const { at, advice } of tried) {
		const last = found.at(-1);
		if (last?.advice === advice) last.end = at;
		else found.push({
			advice,
			start: at,
			end: at
		});
	}
	return found;
}
function stripLabels(spans, width) {
	const placed = /* @__PURE__ */ new Map();
	const room = (text) => text.length * 6.4 + 8;
	for (const span of [...spans].sort((a, b) => b.right - b.left - (a.right - a.left))) for (const text of [adviceWords[span.advice], span.advice]) {
		const half = room(text) / 2;
		const at = Math.min(Math.max((span.left + span.right) / 2, half), width - half);
		if (![...placed.values()].every((other) => Math.abs(other.at - at) > half + room(other.text) / 2)) continue;
		placed.set(span, {
			text,
			at
		});
		break;
	}
	return placed;
}
function xLabels(values, x, label, width) {
	const room = (value) => label(value).length * 7 + 12;
	const placed = [];
	for (const value of values) {
		const at = Math.min(Math.max(x(value), room(value) / 2), width - room(value) / 2);
		if (placed.every((other) => Math.abs(other.at - at) > (room(value) + room(other.value)) / 2)) placed.push({
			at,
			value
		});
	}
	return placed;
}
function endLabels(lines, y, x) {
	const ends = lines.flatMap(({ variant, points }) => {
		const last = points.at(-1);
		return last ? [{
			variant,
			at: y(last.value)
		}] : [];
	}).sort((a, b) => a.at - b.at);
	let above = 0;
	return ends.map(({ variant, at }) => {
		above = Math.max(at + 4, above + 15);
		return html`<text class="val" x="${x}" y="${px(above)}">${variant}</text>`;
	});
}

// reports/page/view/workflow.ts
function drawWorkflow(workflow, data, state, width) {
	const { id, name, params, advice, verdict, why, sizes, trend, task, changes, holds, details, month } = workflow;
	const first = width >= 900 ? Math.round(width * .56) : width;
	const sequence = inOrder(data.workflows);
	const at = sequence.indexOf(workflow);
	return html`<section class="wrap workflow">
<p class="eyebrow">${name} <span>${params.join(" · ")}</span></p>
<h1>${glyph(advice)} ${verdict}</h1>${why !== "" && html`<p class="lead">${why}</p>`}
${drawSince(workflow, data)}
<div class="two" style="--a:${first}px">
<figure><h2>What decides</h2>${waterfall(workflow, data, state, first)}</figure>
<section><h2>Key figures</h2>${keyFigures(workflow, data, state)}${month !== void 0 && html`<p class="sub">A month: ${month}.</p>`}
<p class="acts"><a class="btn" href="${traceAddress(id)}">See every request</a></p></section>
</div>
<div class="two" style="--a:${first}px">
<figure><h2>Under other assumptions</h2><p class="sub">Ratio of code to classic, with its interval. In the shaded band a difference does not count.</p><div>${drawBand(workflow, first)}</div></figure>
<section><h2>What would change it</h2>${changes.length > 0 ? htmlList(changes.map(capital)) : html`<p class="sub">Nothing that was tried.</p>`}${holds.length > 0 && html`<details class="task"><summary>It holds under ${number(holds.length)} ${holds.length === 1 ? "change" : "changes"}</summary>${htmlList(holds.map(capital))}</details>`}${slackTable(workflow, data)}</section>
</div>
${sizes && html`<figure class="sizes"><h2>From how many ${sizes.param} on?</h2><p class="sub">What ${units[state.unit]} takes. Marks are sizes that were run; the strip above says what is recommended there. It is ${number(sizes.now)} now.</p><div>${drawSizes({
		...workflow,
		sizes
	}, data, state, width)}</div></figure>`}
${trend && html`<figure class="trend"><h2>Over ${number(trend.names.length)} runs</h2><p class="sub">What ${units[state.unit]} takes with the best variant of each pattern. The strip above says what was recommended. A cross was right too seldom.${trend.leftOut > 0 && ` ${counted(trend.leftOut, "stored run")} of another model, measure, size or kind of evidence ${trend.leftOut === 1 ? "is" : "are"} left out.`}</p><div>${drawSizes({
		...workflow,
		sizes: trend
	}, data, state, width)}</div></figure>`}
${task !== void 0 && task !== "" && html`<details class="task"><summary>The task, as the model reads it</summary><blockquote>${task}</blockquote></details>`}
<details class="all"><summary>All figures</summary>${new Markup(details)}</details>
<nav class="pn" aria-label="Other workflows">${neighbour(sequence[at - 1], "← ", "")}${neighbour(sequence[at + 1], "", " →")}</nav>
</section>`;
}
function neighbour(workflow, before, after) {
	return workflow ? html`<a href="${workflowAddress(workflow.id)}">${before}${workflow.name}${after}</a>` : html`<a href="#">${before}Overview${after}</a>`;
}
function waterfall(workflow, data, state, width) {
	if (!workflow.causes) return html`<p class="sub">Without a bill of both sides there is nothing to compare.</p>`;
	const hypothetical = workflow.sides.classic?.hypothetical || workflow.sides.code?.hypothetical;
	return html`<p class="sub">${describeCauses(workflow, data, state)}</p><div>${drawWaterfall(workflow, data, state, width)}</div><figcaption>◂ code takes less, ▸ code takes more; amounts for ${units[state.unit]}.${hypothetical && " What did not fit its window is shown as if there were none."}</figcaption>`;
}
function keyFigures({ id, advice, sides }, data, state) {
	const columns = ["classic", "code"].flatMap((key) => sides[key] ? [{
		key,
		side: sides[key]
	}] : []);
	const row = (name, cell) => html`<tr><th scope="row">${name}</th>${columns.map(({ side }) => html`<td class="num">${side.right === null ? "–" : cell(side)}${side.hypothetical && side.right !== null && "*"}</td>`)}</tr>`;
	const names = {
		cost: "Cost",
		tokens: "Billed",
		latency: "Model time"
	};
	const isHypothetical = columns.some(({ side }) => side.hypothetical);
	return html`<table class="figures"><thead><tr><th><span class="vh">Figure</span></th>${columns.map(({ key, side }) => html`<th scope="col" class="num">${glyph(key, advice === key)} ${capital(side.variant)}</th>`)}</tr></thead><tbody>
${row(`${names[data.by]}, ${units[state.unit]}`, ({ value }) => value === null ? "unpriced" : shown(value, data.by, state))}
<tr><th scope="row">Answer</th>${columns.map(({ side }) => html`<td class="num">${tick(!side.failed && side.right !== null)} ${rightWords(side)}</td>`)}</tr>
${data.by !== "latency" && row("Model time, modelled", (side) => seconds(side.seconds * 1e3))}
${row("Round trips", ({ roundTrips }) => html`<a href="${traceAddress(id)}">${number(roundTrips)}</a>`)}
${row("Tool calls", ({ toolCalls }) => number(toolCalls))}
${data.by !== "tokens" && row("Tokens billed", ({ billed }) => whole(billed))}
${row("Largest request, of window", ({ largest }) => share(largest / data.window))}</tbody></table>${isHypothetical && html`<p class="fn">* Hypothetical: had there been no window.</p>`}`;
}
function slackTable({ slack, advice, sides }, { by }) {
	if (slack.length === 0) return false;
	const kinds = [...new Set(slack.map(({ words }) => words))];
	const columns = ["classic", "code"].filter((side) => slack.some((each) => each.side === side));
	const cell = (words, side) => {
		const found = slack.find((each) => each.side === side && each.words === words);
		if (!found) return html`<td class="num dim">–</td>`;
		const { most, each, isLeast, variant } = found;
		const may = most === null ? "any number" : most === void 0 ? "" : most === 0 && !isLeast ? "none" : `up to ${number(most)}${isLeast ? " or more" : ""}`;
		return html`<td class="num">${may !== "" && html`<b>${may}</b><br>`}<span class="dim">${amount(each, by)} each${variant !== void 0 && `, of ${variant}`}</span></td>`;
	};
	return html`<h2 class="slack">How much may go wrong</h2><p class="sub">${slack.some(({ most }) => most !== void 0) ? `Of each kind alone, before ${advice === "either" ? "it is no longer a tie" : `${advice} is no longer recommended`}.` : "What one mistake takes."}</p>
<table class="figures"><thead><tr><th><span class="vh">Mistake</span></th>${columns.map((side) => html`<th scope="col" class="num">${capital(sides[side]?.variant ?? side)}</th>`)}</tr></thead><tbody>${kinds.map((words) => html`<tr><th scope="row">${capital(words)}</th>${columns.map((side) => cell(words, side))}</tr>`)}</tbody></table>`;
}
function drawSince({ id, since, traces }, { held }) {
	if (since === void 0 || !held) return false;
	const pairs = traces.filter(({ key, blocks }) => blocks && traces.some((entry) => entry.key === `before:${key}` && entry.blocks));
	return html`<section class="since"><h2>Since ${held.run}</h2>${htmlList(held.notes)}${new Markup(since)}${pairs.length > 0 && html`<p class="acts">${pairs.map(({ key }) => html`<a class="btn" href="${traceAddress(id, [`before:${key}`, key])}">${key}, before and after</a>`)}</p>`}</section>`;
}
function drawBand(workflow, width) {
	const { margin, advice } = workflow;
	const own = advice === "outstanding" ? [] : [{
		words: "as it was run",
		advice,
		ratio: workflow.ratio
	}];
	const rows = [...own, ...workflow.turns].flatMap((turn) => turn.ratio && turn.ratio.value > 0 ? [{
		...turn,
		ratio: turn.ratio
	}] : []);
	if (rows.length === 0) return html`<p class="sub">Without a ratio there is nothing to draw.</p>`;
	const isNarrow = width < 560;
	const [left, right, rowHeight, top] = isNarrow ? [
		8,
		8,
		42,
		26
	] : [
		250,
		84,
		26,
		26
	];
	const [low, high] = [1 / (1 + margin), 1 + margin];
	const values = rows.flatMap(({ ratio }) => [
		ratio.low,
		ratio.value,
		ratio.high
	].filter((value) => value > 0));
	const axis = logScale([
		...values,
		low / 1.25,
		high * 1.25
	], [left, width - right]);
	const height = top + rows.length * rowHeight + 24;
	const ticks = ticksOf(axis).filter((value, index, all) => all.length < 9 || index % Math.ceil(all.length / 8) === 0 || value === 1).map((value) => html`<line class="grid" x1="${px(axis.at(value))}" x2="${px(axis.at(value))}" y1="${top - 6}" y2="${height - 22}"/><text class="ax" x="${px(axis.at(value))}" y="${height - 6}" text-anchor="middle">${bound(value)}</text>`);
	const drawn = rows.map(({ words, advice: then, ratio }, index) => {
		const y = top + index * rowHeight + (isNarrow ? 30 : 13);
		const turns = then !== workflow.advice;
		const at = axis.at(ratio.value);
		const interval = html`<line class="whisker" x1="${px(axis.at(Math.max(ratio.low, 10 ** axis.low)))}" x2="${px(axis.at(ratio.high))}" y1="${y}" y2="${y}"/>`;
		const label = turns ? thenUse(then) : "holds";
		return html`<text class="lab${turns && " strong"}" x="0" y="${isNarrow ? y - 14 : y + 4.5}">${shorten(capital(words), isNarrow ? 46 : 36)}<title>${words}</title></text>${interval}${pointOf(then, at, y)}<text class="val${turns && " strong"}" x="${width}" y="${isNarrow ? y - 14 : y + 4.5}" text-anchor="end">${index === 0 && own.length > 0 ? "" : label}</text>`;
	});
	const words = rows.map(({ words: assumption, advice: then, ratio }) => `${assumption}: code to classic ${bound(ratio.value)}, ${thenUse(then)}`).join("; ");
	return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The verdict under each assumption. ${words}"><rect class="tie" x="${px(axis.at(low))}" width="${px(axis.at(high) - axis.at(low))}" y="${top - 6}" height="${height - 16 - top}"/>${ticks}<text class="ax" x="${px(Math.max(axis.at(1) - 8, left))}" y="12" text-anchor="${axis.at(1) - left > 110 ? "end" : "start"}">${axis.at(1) - left > 110 && "← code takes less"}</text>${width - right - axis.at(1) > 120 && html`<text class="ax" x="${px(axis.at(1) + 8)}" y="12">classic takes less →</text>`}${drawn}</svg>`;
}
function pointOf(advice, x, y) {
	if (advice === "classic" || advice === "code") return mark(advice, x, y, true, 4);
	return html`<rect class="open" x="${px(x - 4)}" y="${y - 4}" width="8" height="8"/>`;
}
function stepsOf({ causes = [] }) {
	return causes.map(({ name, classic, code }) => ({
		name,
		by: code - classic
	})).filter(({ by }) => Math.abs(by) > 1e-12).sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
}
function describeCauses(workflow, { by }, state) {
	const steps = stepsOf(workflow);
	const total = steps.reduce((sum, step) => sum + step.by, 0);
	const main = steps.filter((step) => Math.sign(step.by) === Math.sign(total)).slice(0, 2).filter((step, index) => index === 0 || Math.abs(step.by) > .1 * Math.abs(total));
	if (main.length === 0) return "Both take the same.";
	const words = main.map(({ name, by: size }) => `${lower(name)} (${amount(Math.abs(size) * scaleOf(state), by)})`);
	return `What code ${total < 0 ? "saves" : "adds"} is mostly ${words.join(" and ")}.`;
}
function drawWaterfall(workflow, { by }, state, width) {
	const isNarrow = width < 560;
	const [rowHeight, left, right] = isNarrow ? [
		44,
		0,
		0
	] : [
		32,
		178,
		92
	];
	const factor = scaleOf(state);
	const write = (size) => amount(size, by);
	const total = (pattern) => {
		const { variant = pattern, value } = workflow.sides[pattern] ?? {};
		const to = (value ?? 0) * factor;
		return {
			name: capital(variant),
			from: 0,
			to,
			text: write(to),
			kind: `total ${pattern}`
		};
	};
	const first = total("classic");
	if (workflow.sides.classic?.hypothetical) first.name = "Classic, no window";
	let at = first.to;
	const rows = [
		first,
		...stepsOf(workflow).map((step) => {
			const size = step.by * factor;
			const from = at;
			at += size;
			return {
				name: step.name,
				from,
				to: at,
				text: signed(size, write),
				kind: size < 0 ? "saves" : "adds"
			};
		}),
		total("code")
	];
	const most = Math.max(...rows.flatMap(({ from, to }) => [from, to]));
	const x = (value) => left + Math.max(0, value) / (most || 1) * (width - left - right - 4);
	const height = rows.length * rowHeight + 4;
	const bars = rows.map(({ name, from, to, text, kind }, index) => {
		const y = index * rowHeight + (isNarrow ? 20 : 6);
		const [begin, stop] = [x(Math.min(from, to)), x(Math.max(from, to))];
		const size = Math.max(stop - begin, 2);
		const isTotal = kind.startsWith("total");
		const textY = isNarrow ? y - 6 : y + 13.5;
		const arrow = !isTotal && size > 14 && html`<path class="arr" d="${to < from ? `M${px(begin + 9)} ${y + 5}l-5 4l5 4` : `M${px(stop - 9)} ${y + 5}l5 4l-5 4`}"/>`;
		const link = index < rows.length - 1 && !isNarrow && html`<line class="conn" x1="${px(x(to))}" x2="${px(x(to))}" y1="${y + 18}" y2="${y + rowHeight}"/>`;
		return html`<text class="${isTotal ? "name" : "lab"}" x="0" y="${textY}">${name}</text><text class="val${isTotal && " strong"}" x="${width}" y="${textY}" text-anchor="end">${text}</text><rect class="w ${kind}" x="${px(begin)}" y="${y}" width="${px(size)}" height="18" rx="1.5"/>${arrow}${link}`;
	});
	const words = rows.map(({ name, text }) => `${name} ${text}`).join(", ");
	return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="From classic to code, by cause: ${words}"><line class="rule" x1="${left}" x2="${left}" y1="0" y2="${height}"/>${bars}</svg>`;
}
function lower(text) {
	return text.charAt(0).toLowerCase() + text.slice(1);
}

// reports/page/data.ts
const parts = [
	"definitions",
	"framing",
	"discovery",
	"written",
	"results",
	"rest"
];
const partNames = {
	definitions: "tool definitions",
	framing: "task and framing",
	discovery: "looking tools up",
	written: "calls and programs",
	results: "results",
	rest: "not explained by the estimate"
};
function blocksOf(messages) {
	return messages.flatMap(({ content }) => typeof content === "string" ? [{
		type: "text",
		text: content
	}] : content);
}
function resultsOf(messages) {
	return blocksOf(messages).filter(({ type }) => type === "tool_result");
}
function usesOf({ wrote }) {
	return wrote.filter(({ type }) => type === "tool_use");
}
function isProgram({ type, name }) {
	return type === "tool_use" && name === "run_code";
}
function directCalls(calls) {
	return calls.filter(({ program }) => program === void 0);
}
function callsInside({ sha256 }, calls) {
	return calls.filter(({ program }) => program !== void 0 && sha256.startsWith(program));
}
const sharedMark = "\0";
function unpackTrace(blocks) {
	const texts = new Map(blocks.flatMap(({ first, texts: own }) => own.map((text, at) => [first + at, text])));
	return mapStrings(blocks.at(-1)?.trace, (text) => text.startsWith("\0") ? texts.get(Number(text.slice(1))) ?? "" : text);
}
function mapStrings(value, map) {
	if (typeof value === "string") return map(value);
	if (Array.isArray(value)) return value.map((each) => mapStrings(each, map));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapStrings(each, map)]));
}

// reports/page/browser/dom.ts
function find(selector, within = document) {
	const found = within.querySelector(selector);
	if (!found) throw new Error(`The page has no ${selector}.`);
	return found;
}
function findAll(selector, within = document) {
	return [...within.querySelectorAll(selector)];
}
function around(event, selector) {
	return event.target instanceof Element ? event.target.closest(selector) : null;
}
function loadData() {
	return inflate("data");
}
const blocks = /* @__PURE__ */ new Map();
const traces = /* @__PURE__ */ new Map();
async function loadTrace(workflow, entry) {
	const { blocks: indexes } = entry;
	if (!indexes) return void 0;
	const key = `${workflow}/${entry.key}`;
	const known = traces.get(key) ?? Promise.all(indexes.map(loadBlock)).then(unpackTrace);
	traces.set(key, known);
	return known;
}
function loadBlock(index) {
	const known = blocks.get(index) ?? inflate(`block-${index}`);
	blocks.set(index, known);
	return known;
}
async function inflate(id) {
	const text = atob(find(`#${id}`).textContent ?? "");
	const bytes = new Uint8Array(text.length);
	for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
	return await new Response(stream).json();
}

// reports/page/browser/story.ts
function tell(trace) {
	const calls = Map.groupBy(trace.calls, ({ trip }) => trip);
	let seconds = 0;
	const scenes = trace.trips.map((trip, index) => {
		const before = trace.trips[index - 1];
		const own = calls.get(index) ?? [];
		const start = seconds;
		seconds += trip.seconds;
		return {
			index,
			trip,
			start,
			grown: trip.bill.input - (before?.bill.input ?? 0),
			calls: own,
			came: describeInput(trace, trip, before),
			went: describeOutput(trip, own)
		};
	});
	const largest = Math.max(1, ...trace.trips.map(({ bill }) => bill.input), trace.overflow?.inputTokens ?? 0);
	return {
		trace,
		scenes,
		seconds,
		largest
	};
}
const isLookUp = (name = "") => name === "browse_tools" || name === "search_tools";
function shortName(name) {
	return name.replace(/^[^_]+__/, "").replace(/^[^.]+\./, "");
}
function describeInput(trace, trip, before) {
	if (!before) return `Task and ${counted(trace.head.tools.length, "tool definition")}`;
	const asked = usesOf(before);
	const results = resultsOf(trip.added);
	const errors = results.filter(({ is_error: isError }) => isError).length;
	const mark = errors > 0 ? `, ${counted(errors, "error")}` : "";
	if (asked.some(isProgram)) return `What the program returned${mark}`;
	if (asked.length > 0 && asked.every(({ name }) => isLookUp(name))) return `Description of ${asked.map(({ input }) => String(input?.path ?? input?.query ?? "tools")).join(", ")}${mark}`;
	if (results.length === 0) return "A message";
	return results.length === 1 ? `Result of ${shortName(asked[0]?.name ?? "a call")}${mark}` : `${number(results.length)} results${mark}`;
}
function describeOutput(trip, calls) {
	const uses = usesOf(trip);
	const program = uses.find(isProgram);
	if (program) {
		const lines = String(program.input?.code ?? "").split("\n").length;
		const failed = trip.programs.find(({ status }) => status !== "ok");
		const ended = failed ? ` (${failed.status.replaceAll("_", " ")})` : "";
		return `wrote a program of ${counted(lines, "line")}: ${counted(calls.filter((call) => call.program).length, "call")} inside${ended}`;
	}
	if (uses.length === 0) return trip.wrote.length > 0 ? "answered" : "gave no response";
	if (uses.every(({ name }) => isLookUp(name))) return `looked up ${uses.map(({ input }) => String(input?.path ?? input?.query ?? "")).join(", ")}`;
	return `asked for ${[...Map.groupBy(uses, ({ name = "" }) => shortName(name))].map(([name, own]) => own.length > 1 ? `${name} ×${number(own.length)}` : name).join(", ")}`;
}
function requestOf({ head, trips }, index) {
	const messages = [];
	for (const [at, trip] of trips.slice(0, index + 1).entries()) {
		const before = trips[at - 1];
		if (trip.echoes && before) messages.push({
			role: "assistant",
			content: before.wrote
		});
		messages.push(...trip.added);
	}
	const marks = new Set(trips[index]?.marks);
	const { model, maxTokens, system, tools, thinking } = head;
	return {
		model,
		max_tokens: maxTokens,
		thinking,
		system,
		tools,
		messages: messages.map((message, at) => marks.has(at) ? withBreakpoint(message) : message)
	};
}
function withBreakpoint(message) {
	if (typeof message.content === "string") return message;
	const last = message.content.length - 1;
	const content = message.content.map((block, at) => at === last ? {
		...block,
		cache_control: { type: "ephemeral" }
	} : block);
	return {
		...message,
		content
	};
}

// reports/page/browser/detail.ts
const callsAtFirst = 20;
function drawDetail({ trace, scenes }, scene, entry) {
	const { trip, index, calls, grown } = scene;
	const before = scenes[index - 1]?.trip;
	const asked = new Map((before ? usesOf(before) : []).map((use) => [use.id, use]));
	return html`${drawBill(scene)}
<ul class="inctx">${parts.map((part, at) => trip.prompt[at] ? html`<li><i class="seg-${part}"></i>${partNames[part]} <b>${number(trip.prompt[at] ?? 0)}</b></li>` : "")}</ul>
${trip.retries.map((retry) => html`<p class="err">Sent again after a failure. ${retry}</p>`)}
<h2>Entered the context <span>${grown < 0 ? "−" : "+"}${number(Math.abs(grown))} tokens, ${number(trip.bill.input)} in all</span></h2>
${index === 0 && drawHead(trace.head)}
${trip.added.map((message) => drawMessage(message, asked, entry))}
<h2>The model wrote <span>${number(trip.bill.output)} tokens</span></h2>
${trip.wrote.map((block) => drawWritten(block, trip.stop))}
${drawUses(usesOf(trip).filter((use) => !isProgram(use)), calls)}
${trip.programs.map((program) => drawProgram(program, callsInside(program, calls), index))}
${index === scenes.length - 1 && drawEnd(trace)}
<p class="acts"><button class="btn" data-exact="${index}">Exact request</button><a class="btn" data-link="${index}" href="#">Link to this round trip</a></p><div class="exact"></div>`;
}
function drawBill({ trip: { bill, usd: cost, seconds: time } }) {
	const cells = [
		["Fresh", bill.fresh],
		["Cache written", bill.cacheWrite],
		["Cache read", bill.cacheRead],
		["Output", bill.output]
	];
	return html`<table class="bill"><caption class="vh">Bill of this request</caption><thead><tr>${cells.map(([name]) => html`<th scope="col">${name}</th>`)}<th scope="col">Cost</th></tr></thead><tbody><tr>${cells.map(([, tokens]) => html`<td>${number(tokens)}</td>`)}<td><b>${cost === null ? "unpriced" : usd(cost)}</b><small>in ${seconds(time * 1e3)}</small></td></tr></tbody></table>`;
}
function drawHead({ system, tools }) {
	const text = Array.isArray(system) ? system.map(({ text: part }) => part ?? "").join("\n") : String(system ?? "");
	const nameOf = (tool) => String(tool.name ?? "");
	return html`${text !== "" && html`<details class="msg"><summary>System prompt</summary>${preformatted(text)}</details>`}<details class="msg"><summary>${counted(tools.length, "tool definition")}</summary>${tools.map((tool) => html`<details class="msg in"><summary>${nameOf(tool)}</summary>${preformatted(JSON.stringify(tool, null, 1))}</details>`)}</details>`;
}
function drawMessage(message, asked, entry) {
	return blocksOf([message]).map((block) => {
		if (block.type !== "tool_result") return html`<section class="msg"><h3>${message.role === "user" ? "Task" : capital(message.role)}</h3>${drawText(block, entry)}</section>`;
		const use = asked.get(block.tool_use_id);
		const of = use && isProgram(use) ? "The program returned" : shortName(use?.name ?? "result");
		const given = use && !isProgram(use) ? JSON.stringify(use.input) : "";
		const content = typeof block.content === "string" ? [{
			type: "text",
			text: block.content
		}] : block.content ?? [];
		return html`<details class="msg"${asked.size <= 3 && OPEN}><summary>${of} <code>${given.length > 90 ? `${given.slice(0, 90).toWellFormed()}…` : given}</code>${block.is_error && html` <em>error</em>`}</summary>${content.map((part) => drawText(part, entry))}</details>`;
	});
}
const OPEN = html` open`;
function drawText(block, { file }) {
	const note = block.cutFrom !== void 0 && html`<span class="cutnote">Cut here. The message has ${number(block.cutFrom)} characters; it stands in full in ${file}.</span>`;
	return preformatted(block.text === void 0 ? JSON.stringify(block, null, 1) : indented(block.text), note);
}
function drawWritten(block, stop) {
	if (isProgram(block)) return html`<section class="msg"><h3>Program</h3><pre class="prog" tabindex="0">${highlightProgram(String(block.input?.code ?? ""))}</pre></section>`;
	if (block.type === "text") return html`<section class="msg"><h3>${stop === "end_turn" ? "Answer" : "Text"}</h3>${preformatted(indented(block.text ?? ""))}</section>`;
	if (block.type === "thinking") return html`<details class="msg"><summary>Reasoning</summary>${preformatted(block.thinking ?? "")}</details>`;
	if (block.type === "tool_use") return "";
	return html`<section class="msg"><h3>${block.type}</h3>${preformatted(JSON.stringify(block, null, 1))}</section>`;
}
function drawUses(uses, calls) {
	if (uses.length === 0) return "";
	const direct = directCalls(calls);
	const isEach = direct.length === uses.length;
	return html`<ol class="calls">${uses.map((use, at) => html`<li><b>${shortName(use.name ?? "")}</b> <code>${JSON.stringify(use.input)}</code>${isEach && html` <span>${describeCall(direct[at])}</span>`}</li>`)}</ol>`;
}
function drawProgram(program, calls, index) {
	const tools = [...Map.groupBy(calls, ({ tool }) => tool)].map(([tool, own]) => {
		const errors = own.filter(({ isError, refused }) => isError || refused).length;
		const size = own.reduce((sum, call) => sum + (call.bytes ?? 0), 0);
		return html`<li><b>${shortName(tool)}</b> ×${number(own.length)} <span>${bytes(size)}${errors > 0 && `, ${counted(errors, "error")}`}</span></li>`;
	});
	const ended = program.status === "ok" ? `ran ${number(program.ms)} ms (measured)` : program.status.replaceAll("_", " ");
	return html`<section class="nested" data-program="${program.sha256}"><h3>${counted(calls.length, "call")} made inside the program <span>It ${program.status === "ok" ? ended : html`<em>ended: ${ended}</em>`} and showed the model ${bytes(program.valueBytes + program.logBytes)}. No result of these calls reached the model.</span></h3>
${program.error !== void 0 && html`<p class="err">${program.error}</p>`}
${tools.length > 0 && html`<ul class="tools">${tools}</ul>`}<ol class="calls">${drawCalls(calls, 0, 20)}</ol>${calls.length > 20 && html`<button class="more" data-calls="${index}" data-from="${20}">Show more of ${number(calls.length)} calls</button>`}</section>`;
}
function drawCalls(calls, from, to) {
	return calls.slice(from, to).map((call, at) => html`<li value="${from + at + 1}"><b>${shortName(call.tool)}</b> <code>${JSON.stringify(call.arguments)}</code> <span>${describeCall(call)}</span></li>`);
}
function describeCall(call) {
	if (!call) return "";
	if (call.refused) return html`<em>refused: ${call.refused.replaceAll("_", " ")}</em>`;
	if (call.bytes === void 0) return html`<em>no result</em>`;
	return html`${bytes(call.bytes)}${call.ms !== void 0 && `, ${number(call.ms)} ms`}${call.attempts !== void 0 && `, sent ${counted(call.attempts, "time")}`}${call.isError && html`, <em>error</em>`}`;
}
function drawEnd({ ending, grades, leftOut }) {
	return html`<h2>How it ended</h2>${ending !== void 0 && html`<p class="err">${ending}</p>`}<ul>${grades.map(({ grader, correct, reason }) => html`<li>${grader}: ${correct ? "right" : html`<em>not right</em>`}. ${reason}</li>`)}</ul>${leftOut !== void 0 && html`<p class="err">The trace was full: ${number(leftOut)} events are not in it.</p>`}`;
}
const token = /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(?<keyword>const|let|var|function|return|await|async|for|of|in|if|else|while|do|new|throw|try|catch|typeof|type|import|export|default|null|true|false|undefined|break|continue|def|None|True|False|lambda|not|and|or|elif|pass|with|as)\b|\b(?<call>mcp(?:\.\w+)+)|\b(?<number>\d[\d_.]*)\b/g;
function highlightProgram(code) {
	const parts = [];
	let end = 0;
	for (const match of code.matchAll(token)) {
		const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== void 0)?.[0] ?? "";
		parts.push(code.slice(end, match.index), html`<span class="p-${kind}">${match[0]}</span>`);
		end = match.index + match[0].length;
	}
	parts.push(code.slice(end));
	return parts;
}
const atFirst = 3e3;
const more = 1e5;
const texts = [];
function preformatted(text, note) {
	if (text.length <= atFirst) return html`<pre tabindex="0">${text}${note}</pre>`;
	const id = texts.push(text) - 1;
	return html`<pre tabindex="0" data-long="${id}">${text.slice(0, atFirst)}${moreButton(id, atFirst)}${note}</pre>`;
}
function moreButton(id, from) {
	const left = (texts[id]?.length ?? 0) - from;
	if (left <= 0) return false;
	const words = left > more ? `${number(more)} of ${number(left)} more characters` : `the other ${number(left)} characters`;
	return html`<button class="more" data-more="${id}" data-from="${from}">Show ${words}</button>`;
}
function showMore(button) {
	const [id, from] = [Number(button.dataset.more), Number(button.dataset.from)];
	const shownNow = html`${(texts[id] ?? "").slice(from, from + more)}${moreButton(id, from + more)}`;
	button.insertAdjacentHTML("beforebegin", shownNow.text);
	button.remove();
}
function showAround(element, wanted) {
	const id = Number(element.dataset.long);
	const text = texts[id] ?? "";
	if (element.textContent.toLowerCase().includes(wanted)) return;
	const at = text.toLowerCase().indexOf(wanted);
	if (at < 0) return;
	const from = Math.max(0, at - 400);
	element.innerHTML = html`<span class="skipped">${number(from)} characters before this</span>${text.slice(from, at + 2e3)}${moreButton(id, at + 2e3)}`.text;
}
function indented(text) {
	if (!/^\s*[[{]/.test(text)) return text;
	try {
		return JSON.stringify(JSON.parse(text), null, 1);
	} catch {
		return text;
	}
}

// reports/page/browser/pane.ts
const rowHeight = 84;
const beyond = 300;
const mostOfRequest = 3e5;
var Pane = class {
	story;
	entry;
	root;
	active = 0;
	open = -1;
	hits;
	#host;
	#data;
	#scroller;
	#spacer;
	#rows = /* @__PURE__ */ new Map();
	#sizes;
	#own;
	#openHeight = 0;
	#frame = 0;
	#texts;
	constructor(root, host, data, entry, story) {
		this.root = root;
		this.#host = host;
		this.#data = data;
		this.entry = entry;
		this.story = story;
		this.#scroller = find(".scroller", root);
		this.#spacer = find(".spacer", root);
		this.#scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
		this.#scroller.addEventListener("click", (event) => this.#click(event));
		this.#sizes = new ResizeObserver(() => {
			const height = this.#spacer.querySelector(".detail")?.offsetHeight ?? 0;
			if (height === this.#openHeight) return;
			this.#openHeight = height;
			this.draw();
		});
		this.#own = new ResizeObserver(() => this.draw());
		this.#own.observe(this.#scroller);
	}
	close() {
		this.#sizes.disconnect();
		this.#own.disconnect();
		cancelAnimationFrame(this.#frame);
	}
	get scene() {
		return this.story.scenes[this.active];
	}
	#top(index) {
		return index * rowHeight + (this.open >= 0 && index > this.open ? this.#openHeight : 0);
	}
	#indexAt(y) {
		const last = this.story.scenes.length - 1;
		const flat = this.open >= 0 && y > this.#top(this.open) + rowHeight ? Math.max(y - this.#openHeight, this.#top(this.open)) : y;
		return Math.max(0, Math.min(last, Math.floor(flat / rowHeight)));
	}
	#soon() {
		this.#frame ||= requestAnimationFrame(() => {
			this.#frame = 0;
			this.draw();
		});
	}
	draw() {
		const count = this.story.scenes.length;
		this.#spacer.style.height = `${count * rowHeight + (this.open >= 0 ? this.#openHeight : 0)}px`;
		if (count === 0) return;
		const { scrollTop, clientHeight } = this.#scroller;
		const wanted = /* @__PURE__ */ new Set([this.active, ...this.open >= 0 ? [this.open] : []]);
		const last = this.#indexAt(scrollTop + clientHeight + beyond);
		for (let index = this.#indexAt(scrollTop - beyond); index <= last; index += 1) wanted.add(index);
		for (const [index, element] of this.#rows) {
			if (wanted.has(index)) continue;
			element.remove();
			this.#rows.delete(index);
		}
		for (const index of [...wanted].sort((a, b) => a - b)) this.#place(index);
	}
	redraw() {
		for (const element of this.#rows.values()) element.remove();
		this.#rows.clear();
		this.draw();
	}
	#place(index) {
		const element = this.#rows.get(index) ?? this.#add(index);
		element.style.transform = `translateY(${this.#top(index)}px)`;
		element.classList.toggle("on", index === this.active);
		element.classList.toggle("dimmed", this.hits !== void 0 && !this.hits.has(index));
		const button = find(".rowb", element);
		button.tabIndex = index === this.active ? 0 : -1;
		button.setAttribute("aria-expanded", String(index === this.open));
		const hits = this.hits?.get(index) ?? 0;
		find(".hitn", element).textContent = hits > 0 ? counted(hits, "hit") : "";
	}
	#add(index) {
		const element = document.createElement("div");
		element.className = "row";
		element.setAttribute("role", "listitem");
		element.setAttribute("aria-setsize", String(this.story.scenes.length));
		element.setAttribute("aria-posinset", String(index + 1));
		element.dataset.index = String(index);
		element.innerHTML = this.#row(this.story.scenes[index]).text;
		const after = [...this.#rows.keys()].filter((key) => key > index).sort((a, b) => a - b)[0];
		this.#rows.set(index, element);
		this.#spacer.insertBefore(element, after === void 0 ? null : this.#rows.get(after) ?? null);
		if (index === this.open) this.#fill(element, index);
		return element;
	}
	#row({ trip, index, came, went, grown, start }) {
		const scale = this.#host.scale();
		const { window } = this.#data;
		const isOver = this.story.trace.overflow?.roundTrip === index + 1;
		const bar = parts.map((part, at) => {
			const tokens = trip.prompt[at] ?? 0;
			return tokens > 0 ? html`<span class="seg-${part}" style="width:${(tokens / scale * 100).toFixed(3)}%"></span>` : "";
		});
		const listed = parts.flatMap((part, at) => trip.prompt[at] ? [`${partNames[part]} ${number(trip.prompt[at] ?? 0)}`] : []);
		return html`<button class="rowb${trip.hypothetical && " hyp"}" tabindex="-1" aria-expanded="false">
<span class="n">${index + 1}</span><span class="came"><b>${came}</b> <i>${grown < 0 ? "−" : "+"}${number(Math.abs(grown))}</i></span><span class="cost">${trip.usd === null ? "unpriced" : usd(trip.usd)}</span>
<span class="gauge" title="${listed.join(" · ")}"><span class="track">${bar}${window < scale && html`<span class="limit" style="left:${(window / scale * 100).toFixed(2)}%"></span>`}</span></span><span class="full">${trip.bill.input < 1e4 ? number(trip.bill.input) : compact(trip.bill.input)} <i>${share(trip.bill.input / window)}</i></span>
<span class="went"><span>${isOver ? html`<em>does not fit the window${trip.hypothetical && "; from here on hypothetical"}</em>` : `${trip.hypothetical ? "would have " : ""}${went}`}</span><span class="hitn"></span></span><span class="at">${seconds(start * 1e3)}</span></button>`;
	}
	#fill(element, index) {
		const detail = document.createElement("div");
		detail.className = "detail";
		detail.innerHTML = drawDetail(this.story, this.story.scenes[index], this.entry).text;
		find("[data-link]", detail).href = this.#host.linkTo(index);
		element.append(detail);
		this.#sizes.disconnect();
		this.#sizes.observe(detail);
		this.#openHeight = detail.offsetHeight;
		this.#host.drawn();
	}
	go(to, { focus = true } = {}) {
		this.active = Math.max(0, Math.min(this.story.scenes.length - 1, to));
		const y = this.#top(this.active);
		const { scrollTop, clientHeight } = this.#scroller;
		if (y < scrollTop) this.#scroller.scrollTop = y;
		else if (y + rowHeight > scrollTop + clientHeight) this.#scroller.scrollTop = y + rowHeight - clientHeight + 8;
		this.draw();
		if (focus) this.#rows.get(this.active)?.querySelector(".rowb")?.focus({ preventScroll: true });
		this.#host.chosen();
	}
	toggle(index, isWanted = this.open !== index) {
		this.#rows.get(this.open)?.querySelector(".detail")?.remove();
		this.#openHeight = 0;
		this.open = isWanted ? index : -1;
		this.draw();
		if (!isWanted) return;
		const element = this.#rows.get(index);
		if (element && !element.querySelector(".detail")) this.#fill(element, index);
		this.draw();
		const top = this.#top(index);
		const { scrollTop, clientHeight } = this.#scroller;
		const isCut = top + rowHeight + Math.min(this.#openHeight, 300) > scrollTop + clientHeight;
		if (top < scrollTop || isCut) this.#scroller.scrollTop = top;
		this.draw();
	}
	search(wanted) {
		this.hits = void 0;
		if (wanted !== "") {
			const needle = JSON.stringify(wanted.toLowerCase()).slice(1, -1);
			this.#texts ??= this.story.scenes.map((scene) => searchable(this.story, scene));
			this.hits = new Map(this.#texts.flatMap((text, index) => {
				const count = countOf(text, needle);
				return count > 0 ? [[index, count]] : [];
			}));
		}
		this.draw();
	}
	reveal(range) {
		const element = range.startContainer.parentElement;
		for (let folded = element?.closest("details:not([open])"); folded;) {
			folded.open = true;
			folded = folded.parentElement?.closest("details:not([open])") ?? null;
		}
		const text = element?.closest("pre");
		if (text) text.scrollTop += range.getBoundingClientRect().top - text.getBoundingClientRect().top - 80;
		const place = range.getBoundingClientRect();
		const box = this.#scroller.getBoundingClientRect();
		if (place.top > box.bottom - 60 || place.top < box.top) this.#scroller.scrollTop += place.top - box.top - 140;
	}
	#click(event) {
		const button = around(event, "button, [data-link]");
		if (!button) return;
		const { more, calls, exact, link } = button.dataset;
		if (button.classList.contains("rowb")) {
			const index = Number(button.parentElement?.dataset.index);
			this.go(index, { focus: false });
			this.toggle(index);
		} else if (more !== void 0) {
			showMore(button);
			this.#host.drawn();
		} else if (calls !== void 0) this.#showCalls(button);
		else if (exact !== void 0) this.#showRequest(Number(exact));
		else if (link !== void 0) navigator.clipboard?.writeText(button.href).catch(() => {});
	}
	#showCalls(button) {
		const section = button.closest("[data-program]");
		if (!section) return;
		const from = Number(button.dataset.from);
		const { calls = [] } = this.story.scenes[Number(button.dataset.calls)] ?? {};
		const all = callsInside({ sha256: section.dataset.program ?? "" }, calls);
		const next = Math.max(from, 20) + 200;
		find(".calls", section).insertAdjacentHTML("beforeend", html`${drawCalls(all, from, next)}`.text);
		if (next >= all.length) button.remove();
		else button.dataset.from = String(next);
	}
	#showRequest(index) {
		const box = find(".exact", this.#spacer);
		if (box.innerHTML !== "") {
			box.innerHTML = "";
			return;
		}
		const json = JSON.stringify(requestOf(this.story.trace, index), null, 1);
		const isCut = json.length > mostOfRequest;
		box.innerHTML = html`<p class="fn">${number(json.length)} characters. Everything sent before is part of it.${isCut && ` The first ${number(mostOfRequest)} are shown.`}</p>${preformatted(json.slice(0, mostOfRequest))}`.text;
	}
};
function searchable({ trace }, { trip, index, calls }) {
	const nested = calls.filter(({ program }) => program !== void 0).map(({ tool, arguments: given }) => [tool, given]);
	const head = index === 0 ? [trace.head.system, trace.head.tools] : [];
	return JSON.stringify([
		trip.added,
		trip.wrote,
		nested,
		head,
		trip.programs.map(({ error }) => error ?? "")
	]).toLowerCase();
}
function countOf(text, needle) {
	let count = 0;
	for (let at = text.indexOf(needle); at >= 0 && count < 999; at = text.indexOf(needle, at + needle.length)) count += 1;
	return count;
}

// reports/page/browser/timeline.ts
const [left, right, laneHeight, gap] = [
	64,
	78,
	34,
	8
];
var Timeline = class {
	#box;
	#panes;
	#labels;
	#x = () => 0;
	constructor(box, panes, labels) {
		this.#box = box;
		this.#panes = panes;
		this.#labels = labels;
	}
	draw(largest, window) {
		const width = this.#box.clientWidth;
		const longest = Math.max(...this.#panes.map(({ story }) => story.seconds), .001);
		this.#x = (time) => left + time / longest * (width - left - right);
		const lanes = this.#panes.map((pane, lane) => this.#lane(pane, lane, largest, window, longest));
		const height = gap / 2 + this.#panes.length * (laneHeight + gap);
		const words = this.#panes.map(({ story }, lane) => `${this.#labels[lane]} ${seconds(story.seconds * 1e3)}`).join(", ");
		this.#box.innerHTML = html`<svg class="chart" width="${width}" height="${height}" role="img" aria-label="One time line of modelled model time: ${words}. Height is the size of the request.">${lanes}</svg>`.text;
	}
	#lane({ story, entry }, lane, largest, window, longest) {
		const x = this.#x;
		const bottom = this.#bottom(lane);
		const heightOf = (tokens) => Math.max(3, Math.min(1, tokens / largest) * laneHeight);
		const path = (isHypothetical) => {
			const space = story.scenes.length > 150 ? 0 : 1.5;
			return story.scenes.filter(({ trip }) => (trip.hypothetical ?? false) === isHypothetical).map(({ trip, start }) => {
				const from = px(x(start));
				const size = px(Math.max(1.2, x(start + trip.seconds) - x(start) - space));
				return `M${from} ${bottom}v${-px(heightOf(trip.bill.input))}h${size}V${bottom}`;
			}).join("");
		};
		const limit = px(bottom - window / largest * laneHeight);
		return html`<text class="lab" x="0" y="${bottom - 4}">${this.#labels[lane]}</text><line class="rule" x1="${left}" x2="${px(x(longest))}" y1="${bottom + .5}" y2="${bottom + .5}"/><g class="lane ${entry.pattern}" data-lane="${lane}"><rect class="hit" x="${left}" y="${bottom - laneHeight}" width="${px(Math.max(4, x(story.seconds) - left))}" height="${laneHeight}"/><path class="t" d="${path(false)}"/><path class="t hyp" d="${path(true)}"/></g><text class="val" x="${px(Math.max(x(story.seconds), left + 4) + 6)}" y="${bottom - 4}">${seconds(story.seconds * 1e3)}</text>${window < largest && html`<line class="limit" x1="${left}" x2="${px(x(longest))}" y1="${limit}" y2="${limit}"/>`}<g data-marks="${lane}"></g>`;
	}
	#bottom(lane) {
		return gap / 2 + lane * (laneHeight + gap) + laneHeight;
	}
	mark(active) {
		for (const [lane, { story, hits, scene }] of this.#panes.entries()) {
			const group = this.#box.querySelector(`[data-marks="${lane}"]`);
			if (!group) continue;
			const top = this.#bottom(lane) - laneHeight;
			const dots = [...new Set([...hits?.keys() ?? []].map((index) => px(this.#x(story.scenes[index]?.start ?? 0) + 2)))];
			const current = lane === active && scene && html`<rect class="cur" x="${px(this.#x(scene.start) - 1)}" y="${top - 2}" width="${px(Math.max(4, this.#x(scene.start + scene.trip.seconds) - this.#x(scene.start) + .5))}" height="${laneHeight + 4}" rx="2"/>`;
			group.innerHTML = html`${dots.map((x) => html`<circle class="hitdot" cx="${x}" cy="${top}" r="2"/>`)}${current}`.text;
		}
	}
	at(event) {
		const group = event.target instanceof Element ? event.target.closest("[data-lane]") : null;
		if (!group) return void 0;
		const lane = Number(group.dataset.lane);
		const x = event.clientX - this.#box.getBoundingClientRect().left;
		const index = (this.#panes[lane]?.story.scenes ?? []).findLastIndex(({ start }) => this.#x(start) <= x + .5);
		return index < 0 ? void 0 : {
			lane,
			index
		};
	}
};

// reports/page/browser/viewer.ts
const mostHighlighted = 500;
var Viewer = class {
	workflow;
	lanes;
	lane = 0;
	#data;
	#main;
	#panes;
	#timeline;
	#stop = new AbortController();
	#against = "largest";
	#wanted = "";
	#waiting;
	#hit;
	constructor(main, data, workflow, lanes) {
		this.#main = main;
		this.#data = data;
		this.workflow = workflow;
		this.lanes = lanes;
		main.innerHTML = this.#frame().text;
		const roots = findAll(".pane", main);
		this.#panes = lanes.map(({ entry, story }, lane) => new Pane(roots[lane], {
			scale: () => this.#scale(),
			chosen: () => this.#choose(lane),
			drawn: () => this.#highlight(),
			linkTo: (index) => this.#address(lane, index)
		}, data, entry, story));
		this.#timeline = new Timeline(find(".strip", main), this.#panes, nameLanes(lanes));
		this.#listen();
		this.#drawTimeline();
	}
	#listen() {
		const { signal } = this.#stop;
		const box = find("#q", this.#main);
		box.addEventListener("input", () => {
			clearTimeout(this.#waiting);
			this.#waiting = setTimeout(() => this.#search(box.value.trim()), 120);
		});
		box.addEventListener("keydown", (event) => {
			if (event.key !== "Enter") return;
			event.preventDefault();
			clearTimeout(this.#waiting);
			if (box.value.trim() !== this.#wanted) this.#search(box.value.trim());
			this.#nextHit(event.shiftKey ? -1 : 1);
		});
		this.#main.addEventListener("change", (event) => {
			if (event.target instanceof HTMLSelectElement) this.#pick(event.target);
		}, { signal });
		this.#main.addEventListener("click", (event) => this.#click(event), { signal });
		addEventListener("resize", () => this.#drawTimeline(), { signal });
	}
	close() {
		this.#stop.abort();
		clearTimeout(this.#waiting);
		for (const pane of this.#panes) pane.close();
	}
	#address(lane, index) {
		const keys = this.lanes.map(({ entry }) => entry.key);
		return traceAddress(this.workflow.id, keys, {
			side: lane,
			index
		});
	}
	#scale() {
		return this.#against === "window" ? this.#data.window : Math.max(...this.lanes.map(({ story }) => story.largest));
	}
	get #pane() {
		return this.#panes[this.lane];
	}
	#pick(select) {
		if (select.id === "pick") {
			location.hash = traceAddress(select.value);
			return;
		}
		const changed = Number(select.dataset.pick);
		const keys = this.lanes.map(({ entry }, lane) => lane === changed ? select.value : entry.key);
		location.hash = traceAddress(this.workflow.id, keys, {
			side: changed,
			index: 0
		});
	}
	#click(event) {
		const against = around(event, "[data-against]")?.dataset.against;
		if (against === "largest" || against === "window") {
			this.#against = against;
			for (const button of findAll("[data-against]", this.#main)) button.setAttribute("aria-pressed", String(button.dataset.against === against));
			for (const pane of this.#panes) pane.redraw();
			this.#drawTimeline();
		}
		const tab = around(event, "[data-tab]")?.dataset.tab;
		if (tab !== void 0) this.show(Number(tab));
		const found = this.#timeline.at(event);
		if (found) this.go(found.lane, found.index, { focus: false });
	}
	#drawTimeline() {
		const scale = this.#scale();
		this.#timeline.draw(scale, this.#data.window);
		find(".legend .lim", this.#main).hidden = !(this.#data.window < scale);
		this.#timeline.mark(this.lane);
	}
	#choose(lane) {
		if (lane !== this.lane) this.show(lane);
		history.replaceState(null, "", this.#address(lane, this.#pane.active));
		this.#timeline.mark(this.lane);
	}
	show(lane) {
		this.lane = lane;
		for (const [at, { root }] of this.#panes.entries()) root.classList.toggle("here", at === lane);
		for (const button of findAll("[data-tab]", this.#main)) button.setAttribute("aria-pressed", String(Number(button.dataset.tab) === lane));
		this.#pane.draw();
		this.#timeline.mark(lane);
	}
	go(lane, index, { focus = true, open = false } = {}) {
		this.show(lane);
		this.#pane.go(index, { focus });
		if (open) this.#pane.toggle(this.#pane.active, true);
	}
	#search(wanted) {
		this.#wanted = wanted;
		this.#hit = void 0;
		for (const pane of this.#panes) pane.search(wanted);
		const found = this.#panes.map(({ hits }, lane) => `${counted(hits?.size ?? 0, "round trip")} of ${this.lanes[lane]?.entry.variant}`);
		find("#found", this.#main).textContent = wanted === "" ? "" : found.join(", ");
		this.#timeline.mark(this.lane);
		this.#highlight();
	}
	#nextHit(direction) {
		const all = this.#panes.flatMap(({ hits }, lane) => [...hits?.keys() ?? []].sort((a, b) => a - b).map((index) => [lane, index]));
		if (all.length === 0) return;
		const last = this.#hit ?? (direction > 0 ? [-1, -1] : [0, 0]);
		const next = all[(all.findIndex(([lane, index]) => lane === last[0] && index === last[1]) + direction + all.length) % all.length];
		this.#hit = next;
		const isSearching = document.activeElement?.id === "q";
		this.go(...next, {
			focus: !isSearching,
			open: true
		});
		const first = this.#highlight().find((range) => this.#pane.root.contains(range.startContainer));
		if (first) this.#pane.reveal(first);
	}
	#highlight() {
		const ranges = [];
		const wanted = this.#wanted.toLowerCase();
		if (wanted !== "") for (const detail of findAll(".detail", this.#main)) {
			for (const text of findAll("pre[data-long]", detail)) showAround(text, wanted);
			const walker = document.createTreeWalker(detail, NodeFilter.SHOW_TEXT);
			for (let node = walker.nextNode(); node && ranges.length < mostHighlighted; node = walker.nextNode()) {
				const text = (node.textContent ?? "").toLowerCase();
				for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
					const range = new Range();
					range.setStart(node, at);
					range.setEnd(node, at + wanted.length);
					ranges.push(range);
				}
			}
		}
		if (typeof Highlight !== "undefined") CSS.highlights.set("found", new Highlight(...ranges));
		return ranges;
	}
	press(key) {
		const pane = this.#pane;
		const step = {
			j: 1,
			ArrowDown: 1,
			k: -1,
			ArrowUp: -1,
			PageDown: 10,
			PageUp: -10,
			Home: Number.NEGATIVE_INFINITY,
			End: Number.POSITIVE_INFINITY
		}[key];
		if (step !== void 0) pane.go(pane.active + step);
		else if (key === "h" || key === "ArrowLeft") this.go(0, this.#panes[0]?.active ?? 0);
		else if (key === "l" || key === "ArrowRight") this.go(1, this.#panes[1]?.active ?? 0);
		else if (key === "n" || key === "N") this.#nextHit(key === "N" ? -1 : 1);
		else if (key === "/") find("#q", this.#main).focus();
		else if (key === "Enter" && document.activeElement?.matches("body, main, .scroller")) {
			pane.go(pane.active);
			pane.toggle(pane.active);
		} else if (key === "Escape") this.#escape(pane);
		else return false;
		return true;
	}
	#escape(pane) {
		const box = find("#q", this.#main);
		if (document.activeElement === box || this.#wanted !== "") {
			box.value = "";
			this.#search("");
			pane.go(pane.active);
		} else if (pane.open >= 0) pane.toggle(pane.open, false);
		else location.hash = workflowAddress(this.workflow.id);
	}
	#frame() {
		const { name, id } = this.workflow;
		const { workflows, window } = this.#data;
		return html`<section class="trace"><h1 class="vh">Every request of ${name}</h1>
<div class="tools"><label class="vh" for="pick">Workflow</label><select id="pick">${workflows.map((workflow) => html`<option value="${workflow.id}"${workflow.id === id && html` selected`}>${workflow.name}</option>`)}</select>
<div class="find"><label class="vh" for="q">Search inside messages</label><input id="q" type="search" placeholder="Search inside messages" autocomplete="off" spellcheck="false"><kbd>/</kbd></div><output id="found" aria-live="polite"></output>
<div class="seg scale" role="group" aria-label="Bars against"><button data-against="largest" aria-pressed="true">largest request</button><button data-against="window" aria-pressed="false">window ${compact(window)}</button></div>
<div class="seg tabs" role="group" aria-label="Side">${this.lanes.map(({ entry }, lane) => html`<button data-tab="${lane}" aria-pressed="${String(lane === 0)}">${entry.variant}</button>`)}</div></div>
<div class="strip"></div>
<ul class="legend">${parts.flatMap((part, at) => this.#occurs(at) ? [html`<li><i class="seg-${part}"></i>${partNames[part]}</li>`] : [])}<li class="lim"><i class="limit"></i>the window, ${compact(window)}</li></ul>
<div class="panes">${this.lanes.map(({ entry }, lane) => html`<section class="pane" data-pattern="${entry.pattern}" aria-label="${lane === 0 ? "Left" : "Right"}: ${entry.variant}">${this.#head(entry, lane)}<div class="scroller" tabindex="-1"><div class="spacer" role="list"></div></div></section>`)}</div>
<p class="keys"><span><kbd>j</kbd><kbd>k</kbd> next, previous</span><span><kbd>h</kbd><kbd>l</kbd> left, right</span><span><kbd>Enter</kbd> open</span><span><kbd>/</kbd> search</span><span><kbd>n</kbd> next hit</span><span><kbd>Esc</kbd> close, back</span></p></section>`;
	}
	#occurs(at) {
		return this.lanes.some(({ story }) => story.scenes.some(({ trip }) => (trip.prompt[at] ?? 0) > 0));
	}
	#head(entry, lane) {
		const { traces, sides, advice } = this.workflow;
		const isUsed = (advice === "classic" || advice === "code") && sides[advice]?.variant === entry.variant;
		const isHypothetical = this.lanes[lane]?.story.scenes.some(({ trip }) => trip.hypothetical);
		const options = traces.filter(({ blocks }) => blocks).map((each) => html`<option value="${each.key}"${each.key === entry.key && html` selected`}>${nameOf(each)}</option>`);
		const answer = entry.right === null ? "not measured" : html`${tick(entry.right)} ${entry.right ? "right" : isHypothetical ? "no answer" : "not right"}`;
		return html`<header>${glyph(entry.pattern, isUsed)} <label><span class="vh">${lane === 0 ? "Left" : "Right"} trial</span><select data-pick="${lane}">${options}</select></label> <span>${counted(entry.roundTrips, "round trip")}, ${entry.usd === null ? "unpriced" : usd(entry.usd)}${isHypothetical && " hypothetical"}</span> <span class="ans">${answer}</span></header>`;
	}
};
function nameOf({ variant, repeat, isBefore }) {
	return `${variant}${repeat === 1 ? "" : `, trial ${number(repeat)}`}${isBefore ? ", before" : ""}`;
}
function nameLanes(lanes) {
	const [first, second] = lanes.map(({ entry }) => entry);
	if (first?.pattern !== second?.pattern) return lanes.map(({ entry }) => entry.pattern);
	if (first?.isBefore !== second?.isBefore) return lanes.map(({ entry }) => entry.isBefore ? "before" : "after");
	return ["left", "right"];
}

// reports/page/browser/main.ts
const data = await loadData();
const state = startState(data);
const main = find("#main");
let viewer;
let drawnWidth = 0;
let asked = 0;
function widthNow() {
	const gutters = 2 * (innerWidth < 761 ? 18 : 32);
	return Math.max(280, Math.min(main.clientWidth, 1120) - gutters);
}
function whereTo() {
	const [kind = "", id = "", ...rest] = location.hash.slice(1).split("/").map(decode);
	return {
		kind,
		workflow: data.workflows.find((workflow) => workflow.id === id),
		rest
	};
}
function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
async function follow(how = {}) {
	const { hash } = location;
	await show(how);
	document.documentElement.dataset.place = hash;
}
async function show({ isFirst = false }) {
	asked += 1;
	const mine = asked;
	const { kind, workflow, rest } = whereTo();
	const isTrace = kind === "trace" && workflow !== void 0;
	if (isTrace && viewer?.workflow === workflow && isShown(viewer, rest)) {
		moveTo(viewer, rest);
		return;
	}
	const lanes = isTrace ? await openLanes(workflow, rest) : void 0;
	if (mine !== asked) return;
	viewer?.close();
	viewer = void 0;
	document.body.classList.toggle("is-trace", lanes !== void 0);
	drawCrumbs(kind, workflow);
	if (lanes && workflow) {
		viewer = new Viewer(main, data, workflow, lanes);
		moveTo(viewer, rest, { focus: !isFirst });
		return;
	}
	if (isTrace) main.innerHTML = html`<section class="wrap"><h1>No request can be shown.</h1><p class="lead">The page holds no trace of ${workflow.name}. The run’s own files may: ${listFiles(workflow.traces)}</p></section>`.text;
	else paint();
	if (isFirst) return;
	scrollTo(0, 0);
	main.focus({ preventScroll: true });
}
function listFiles(traces) {
	return traces.length === 0 ? "it kept none." : `${traces.map(({ file }) => file).join(", ")}.`;
}
function chooseEntries({ traces, sides }, [left, right]) {
	const held = traces.filter(({ blocks }) => blocks);
	const named = (key) => held.find((entry) => entry.key === key);
	const first = named(left) ?? named(sides.classic?.variant) ?? held.find(({ pattern }) => pattern === "classic") ?? held[0];
	const second = named(right) ?? named(sides.code?.variant) ?? held.find(({ pattern }) => pattern !== first?.pattern) ?? first;
	return first && second ? [first, second] : [];
}
async function openLanes(workflow, rest) {
	const entries = chooseEntries(workflow, rest);
	const lanes = await Promise.all(entries.map(async (entry) => {
		const trace = await loadTrace(workflow.id, entry);
		return trace && {
			entry,
			story: tell(trace)
		};
	}));
	return lanes.length > 0 && lanes.every((lane) => lane !== void 0) ? lanes : void 0;
}
function isShown({ workflow, lanes }, rest) {
	const entries = chooseEntries(workflow, rest);
	return lanes.every(({ entry }, at) => entry === entries[at]);
}
function moveTo(to, [, , side, number], { focus = true } = {}) {
	const lane = side === "2" && to.lanes.length > 1 ? 1 : 0;
	const index = (Number(number) || 1) - 1;
	to.go(lane, index, {
		focus: focus || index > 0,
		open: Number(number) > 0
	});
}
function drawCrumbs(kind, workflow) {
	const here = (is) => is && html` aria-current="page"`;
	const crumbs = [html`<a href="#"${here(!workflow)}>Overview</a>`];
	if (workflow) {
		crumbs.push(html`<a href="${workflowAddress(workflow.id)}"${here(kind !== "trace")}>${workflow.name}</a>`);
		if (kind === "trace") crumbs.push(html`<a class="last" href="${traceAddress(workflow.id)}" aria-current="page">Every request</a>`);
	}
	find("#crumbs").innerHTML = html`${crumbs}`.text;
	document.title = workflow ? `${workflow.name}: ${workflow.verdict}` : `${describeAll(data).first} patternbench`;
}
function paint() {
	const { kind, workflow } = whereTo();
	drawnWidth = widthNow();
	const drawn = workflow && kind === "workflow" ? drawWorkflow(workflow, data, state, drawnWidth) : drawOverview(data, state, drawnWidth);
	main.innerHTML = drawn.text;
}
function drawTableAgain() {
	find("[data-table]").innerHTML = drawTable(data, state).text;
}
document.addEventListener("click", (event) => {
	const key = around(event, "[data-sort]")?.dataset.sort;
	if (key !== void 0) {
		const { sort } = state;
		if (sort?.key !== key) state.sort = {
			key,
			direction: 1
		};
		else if (sort.direction > 0) state.sort = {
			key,
			direction: -1
		};
		else delete state.sort;
		drawTableAgain();
		find(`[data-sort="${key}"]`).focus();
	}
	const unit = around(event, "[data-unit]")?.dataset.unit;
	if (unit !== void 0) {
		state.unit = unit;
		paint();
		find(`[data-unit="${unit}"]`).focus();
	}
	const advice = around(event, "[data-advice]")?.dataset.advice;
	if (advice !== void 0) {
		if (advice === "") delete state.filter.advice;
		else state.filter.advice = advice;
		for (const button of findAll("[data-advice]")) button.setAttribute("aria-pressed", String(button.dataset.advice === advice));
		drawTableAgain();
	}
});
document.addEventListener("input", (event) => {
	if (!(event.target instanceof HTMLInputElement)) return;
	const { id, value } = event.target;
	if (id === "filter") {
		state.filter.text = value;
		drawTableAgain();
	}
	if (id === "runs" || id === "tenants") {
		state[id] = Math.max(1, Math.round(Number(value)) || 1);
		find("[data-workload]").innerHTML = drawWorkload(data, state).text;
	}
});
document.addEventListener("change", (event) => {
	if (!(event.target instanceof HTMLInputElement)) return;
	const { id } = event.target;
	if ((id === "runs" || id === "tenants") && state.unit !== "run") paint();
});
const ofOthers = "select, input, textarea";
const ofViewer = ".rowb, body, main, .scroller";
document.addEventListener("keydown", (event) => {
	if (!viewer || event.metaKey || event.ctrlKey || event.altKey) return;
	const active = document.activeElement;
	if (active?.matches(ofOthers) && !(event.key === "Escape" && active.id === "q")) return;
	if (/^(Arrow|Page|Home$|End$)/.test(event.key) && active && !active.matches(ofViewer)) return;
	if (viewer.press(event.key)) event.preventDefault();
});
addEventListener("resize", () => {
	if (!viewer && whereTo().kind !== "trace" && widthNow() !== drawnWidth) paint();
});
let paper;
addEventListener("beforeprint", () => {
	paper = document.createElement("div");
	paper.className = "paper";
	paper.innerHTML = html`${drawOverview(data, state, 680)}${data.workflows.map((workflow) => drawWorkflow(workflow, data, state, 830))}`.text;
	document.body.append(paper);
});
addEventListener("afterprint", () => paper?.remove());
addEventListener("hashchange", () => void follow());
await follow({ isFirst: true });

