// A file of its own, so that a configuration loads without the whole package (see `offerOwnName`).
import type { Configuration } from './configuration.ts';

/** Gives a `patternbench.config.ts` its types in an editor: `export default defineConfig({ … })`. Returns what it is given. */
export function defineConfig(configuration: Configuration): Configuration {
  return configuration;
}
