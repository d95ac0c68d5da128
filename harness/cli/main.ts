import { Command, CommanderError } from 'commander';
import { showMessage } from '../directory/visible.ts';
import { InfrastructureError, UsageError, VerificationError } from '../errors.ts';
import { allowExit, guardProcess } from './guard.ts';

/** The verbs, in the order of the help. Each is loaded only when it is asked for: a server is started for every trial. */
const verbs: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  list: async () => (await import('./list.ts')).listCommand(),
  inspect: async () => (await import('./inspect.ts')).inspectCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  compare: async () => (await import('./compare.ts')).compareCommand(),
  baseline: async () => (await import('./baseline.ts')).baselineCommand(),
  gate: async () => (await import('./gate.ts')).gateCommand(),
  merge: async () => (await import('./merge.ts')).mergeCommand(),
  check: async () => (await import('./check.ts')).checkCommand(),
  audit: async () => (await import('./audit.ts')).auditCommand(),
  pin: async () => (await import('./pin.ts')).pinCommand(),
  sweep: async () => (await import('./sweep.ts')).sweepCommand(),
  project: async () => (await import('./project.ts')).projectCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
};

const program = new Command('patternbench')
  .description(
    'Measures, per workflow, whether an agent should call MCP tools one by one or write a program that calls them.',
  )
  .version('0.1.0');

/** Exit codes: 0 done, 1 a check failed, 2 wrong usage or configuration, 3 incomplete or infrastructure. */
const exitCodes = [
  [VerificationError, 1],
  [UsageError, 2],
  [InfrastructureError, 3],
] as const;

guardProcess();
try {
  const asked = Object.entries(verbs).filter(([verb]) => verb === process.argv[2]);
  for (const [, load] of asked.length > 0 ? asked : Object.entries(verbs)) program.addCommand(await load());
  for (const command of [program, ...program.commands]) {
    command.exitOverride().showHelpAfterError('(--help shows the usage)');
    for (const each of [command, ...command.commands]) {
      each.configureOutput({ writeErr: (text) => process.stderr.write(showMessage(text)) });
    }
  }
  if (process.argv.length <= 2) {
    program.outputHelp();
  } else {
    await program.parseAsync();
  }
} catch (error) {
  process.exitCode = report(error);
}
allowExit();

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  for (const [kind, exitCode] of exitCodes) {
    if (!(error instanceof kind)) continue;
    console.error(showMessage(error.message));
    return exitCode;
  }
  console.error(error);
  return 3;
}
