import module from 'node:module';

/** Node keeps what it compiled for test runs before, types taken out: each worker loads all of the harness. */
module.enableCompileCache(`${import.meta.dirname}/../../node_modules/.cache/patternbench-tests`);
