import { type PackedBlock, type PageData, type Trace, type TraceEntry, unpackTrace } from '../data.ts';

/** The first element that matches. Throws where the page has none: its markup and its scripts are made together. */
export function find<E extends Element = HTMLElement>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

export function findAll<E extends Element = HTMLElement>(
  selector: string,
  within: ParentNode = document,
): E[] {
  return [...within.querySelectorAll<E>(selector)];
}

/** Where an event happened: the nearest element around it that matches. */
export function around(event: Event, selector: string): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
}

/** What the page holds of the run. */
export function loadData(): Promise<PageData> {
  return inflate<PageData>('data');
}

const blocks = new Map<number, Promise<PackedBlock>>();
const traces = new Map<string, Promise<Trace>>();

/** A trace of the page, read when it is first looked at. Undefined where the page has no room for it. */
export async function loadTrace(workflow: string, entry: TraceEntry): Promise<Trace | undefined> {
  const { blocks: indexes } = entry;
  if (!indexes) return undefined;
  const key = `${workflow}/${entry.key}`;
  const known = traces.get(key) ?? Promise.all(indexes.map(loadBlock)).then(unpackTrace);
  traces.set(key, known);
  return known;
}

function loadBlock(index: number): Promise<PackedBlock> {
  const known = blocks.get(index) ?? inflate<PackedBlock>(`block-${index}`);
  blocks.set(index, known);
  return known;
}

/** JSON that stands deflated in the page. */
async function inflate<T>(id: string): Promise<T> {
  const text = atob(find(`#${id}`).textContent ?? '');
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return (await new Response(stream).json()) as T;
}
