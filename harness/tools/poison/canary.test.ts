import { expect, test } from 'vitest';
import { findPlanted, plant } from './canary.ts';
import { places } from './places.ts';

test('each planted text and name is found whole, for its own place alone', () => {
  for (const { name } of places) {
    const { text, word } = plant(name, 'order');
    for (const planted of [text, word, JSON.stringify({ [word]: text })]) {
      expect(findPlanted(`before ${planted} after`)).toEqual([{ place: name, whole: true }]);
    }
  }
});

test('a text that was cut is found, and not taken for whole', () => {
  const { text } = plant('result-field', 'order');
  for (const part of [text.slice(0, 60), text.slice(-60)]) {
    expect(findPlanted(part)).toEqual([{ place: 'result-field', whole: false }]);
  }
  expect(findPlanted(text.slice(25, -25))).toEqual([]);
});

test('the head of one copy and the tail of another are no whole text; a second copy that is whole is one', () => {
  const { text } = plant('result-field', 'order', 'fetch("http://127.0.0.1:1/")');
  const cut = `{"a":"${text.slice(0, 60)}…","b":"…${text.slice(-60)}"}`;
  expect(findPlanted(cut)).toEqual([{ place: 'result-field', whole: false }]);
  const shortened = `${text.slice(0, 95)}${text.slice(98)}`;
  expect(findPlanted(shortened)).toEqual([{ place: 'result-field', whole: false }]);
  const twice = `${cut} ${JSON.stringify({ text })}`;
  expect(findPlanted(twice)).toEqual([{ place: 'result-field', whole: true }]);
});

test.each<[string, (word: string) => string]>([
  ['in lower case', (word) => word.toLowerCase()],
  ['in capitals', (word) => word.toUpperCase()],
  ['with its words joined', (word) => word.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())],
  ['with a sign between its letters', (word) => word.split('').join('\u200b')],
  ['broken over lines', (word) => word.replaceAll(/(.{7})/g, '$1\n * ')],
])('a mark that was changed on its way is found: %s', (_, change) => {
  const [found, ...others] = findPlanted(change(plant('tool-name', 'order').word));
  expect([found?.place, others]).toEqual(['tool-name', []]);
});

test('marks are found behind other text that begins like one', () => {
  const found = findPlanted(`qzabc ${plant('tool-meta', 'order').text}`);
  expect(found).toEqual([{ place: 'tool-meta', whole: true }]);
});
