import { toDecisionMarkdown, toDecisionText, toGithub, toJunit } from './gate/decision.ts';
import { projectionCsv, projectionMarkdown, projectionText } from './projection.ts';
import { toBadge, toCsv, toHistory, toRunJunit } from './run/formats.ts';
import { toMarkdown } from './run/view.ts';
import { sweepMarkdown } from './sweep/markdown.ts';

/** Anything as indented JSON. */
export function toJson(found: unknown): string {
  return `${JSON.stringify(found, null, 2)}\n`;
}

/**
 * Every format that is written of a summary alone, or of one document, by the name that options give it: the same text for the same
 * findings. Who calls it decides where the text goes. Pages are not among them. That of a run is made of all its files
 * (page/page.ts). What draws the charts of a sweep takes a tenth of a second to load (sweep/page.ts).
 */
export const exporters = {
  run: { md: toMarkdown, csv: toCsv, json: toJson, junit: toRunJunit, badge: toBadge, history: toHistory },
  decision: {
    text: toDecisionText,
    md: toDecisionMarkdown,
    github: toGithub,
    junit: toJunit,
    json: toJson,
  },
  projection: { text: projectionText, md: projectionMarkdown, json: toJson, csv: projectionCsv },
  sweep: { md: sweepMarkdown, json: toJson },
};
