import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** A fenced block: its language, what stands behind it (`file=PATH`, `exit=1`, `skip=key`), and the line its text begins on. */
export type Block = {
  document: string;
  line: number;
  language: string;
  marks: Readonly<Record<string, string>>;
  text: string;
};

/** All Markdown files of docs/, as paths from the root of the repository. */
export function documents(): string[] {
  return readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') || name.endsWith('.txt'))
    .map((name) => relative(root, join(root, 'docs', name)).replaceAll('\\', '/'))
    .sort();
}

export function readDocument(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

/** Where the links of a Markdown text lead that are no addresses, without places inside a file. */
export function linksOf(text: string): string[] {
  const links = [
    ...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g),
    ...text.matchAll(/^\[[^\]]+\]: (?!https?:)(\S+)$/gm),
  ];
  return links.map(([, path = '']) => path);
}

/** The fenced blocks of a document, in order. Those of lists may be indented. */
export function blocksOf(document: string): Block[] {
  const text = readDocument(document);
  return [...text.matchAll(/^( *)```(\w+)(.*)\n([\s\S]*?)^ *```$/gm)].map((found) => {
    const [, indent = '', language = '', info = '', body = ''] = found;
    const marks = info.trim().split(/\s+/).filter(Boolean);
    return {
      document,
      line: text.slice(0, found.index).split('\n').length + 1,
      language,
      marks: Object.fromEntries(marks.map((mark) => mark.split('=') as [string, string])),
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
}

/** The commands of a shell block, each as its words: quotes are taken off, comments left out. One command a line. */
export function commandsOf({ text }: Block): string[][] {
  return text
    .split('\n')
    .map((line) =>
      [...line.matchAll(/#.*$|'([^']*)'|"([^"]*)"|([^\s'"#]+)/g)]
        .filter(([whole]) => !whole.startsWith('#'))
        .map(([, single, double, bare]) => single ?? double ?? bare ?? ''),
    )
    .filter((words) => words.length > 0);
}
