import module from 'node:module';

// `node start.js <server.ts> <arguments…>` runs a server of the tests. Node keeps what it compiled for the one before, types
// taken out: without that, a start takes 0.1 s of CPU time more. The entry of a process is never kept, hence this file.
module.enableCompileCache(`${import.meta.dirname}/../../node_modules/.cache/patternbench-tests`);
process.argv.splice(1, 1);
await import(process.argv[1] ?? '');
