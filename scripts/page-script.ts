import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

const folder = resolve(import.meta.dirname, '../reports/page');
export const scriptFile = resolve(folder, 'script.js');

/** The first lines of the script, in each page too. */
const heading = `// Made from reports/page/browser/main.ts and all that it imports by \`npm run page\`: change those, not this file.
// It is long because it is the whole script of a page, left readable. A page loads nothing, and no bundler is needed to make one.
`;

/**
 * The page's script as one file, from the modules in `reports/page/browser/`: `npm run page`. It is checked in, so that a report is
 * made without a bundler.
 */
export async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: resolve(folder, 'browser/main.ts'),
    platform: 'browser',
    tsconfig: resolve(folder, 'browser/tsconfig.json'),
    // The page may not be left by what stands in it.
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: false, comments: false });
  await bundle.close();
  return `${heading}${output[0].code.replaceAll('</script', '<\\/script')}\n`;
}

if (import.meta.main) writeFileSync(scriptFile, await bundlePage());
