import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemas, schemasFolder } from './json-schemas.ts';

test.each(Object.entries(jsonSchemas()))(
  'the checked-in %s is what the code says (npm run schemas writes it)',
  (name, text) => {
    expect(readFileSync(join(schemasFolder, name), 'utf8')).toBe(text);
  },
);
