import type { Decision } from '../harness/analysis/gate/gate.ts';
import type { Summary } from '../harness/results/summary.ts';
import type { Sweep } from '../harness/results/sweep.ts';
import { toDecisionMarkdown, toDecisionText, toGithub, toJunit } from './gate/decision.ts';
import { projectionCsv, projectionMarkdown, projectionText } from './projection.ts';
import { toBadge, toCsv, toHistory, toRunJunit } from './run/formats.ts';
import { toMarkdown } from './run/view.ts';
import { sweepMarkdown } from './sweep/markdown.ts';

/** Writes what was found in a format: the same text for the same findings. Who calls it decides where the text goes. */
type Exporter<T> = (found: T) => string;

/** Anything as indented JSON. */
export const toJson: Exporter<unknown> = (found) => `${JSON.stringify(found, null, 2)}\n`;

/** The formats of one kind of findings, by the name that options give them. */
type Formats<T> = Record<string, Exporter<T>>;

/**
 * Every format that is written of a summary alone, or of one document. Pages are not among them. That of a run is made of all its
 * files (page/page.ts). What draws the charts of a sweep takes a tenth of a second to load (sweep/page.ts).
 */
export const exporters = {
  run: {
    md: toMarkdown,
    csv: toCsv,
    json: toJson,
    junit: toRunJunit,
    badge: toBadge,
    history: toHistory,
  } satisfies Formats<Summary>,
  decision: {
    text: toDecisionText,
    md: toDecisionMarkdown,
    github: toGithub,
    junit: toJunit,
    json: toJson,
  } satisfies Formats<Decision>,
  projection: { text: projectionText, md: projectionMarkdown, json: toJson, csv: projectionCsv },
  sweep: { md: sweepMarkdown, json: toJson } satisfies Formats<Sweep>,
};
