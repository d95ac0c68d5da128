import { Command, CommanderError } from 'commander';
import { InfrastructureError, UsageError } from '../errors.ts';
import { doctorCommand } from './doctor.ts';
import { inspectCommand } from './inspect.ts';
import { listCommand } from './list.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';

/** Exit codes: 0 done, 1 a check failed, 2 wrong usage or configuration, 3 incomplete or infrastructure. */
const program = new Command('patternbench')
  .description(
    'Measures, per workflow, whether an agent should call MCP tools one by one or write a program that calls them.',
  )
  .version('0.1.0')
  .showHelpAfterError('(--help shows the usage)')
  .exitOverride()
  .addCommand(runCommand())
  .addCommand(listCommand())
  .addCommand(inspectCommand())
  .addCommand(reportCommand())
  .addCommand(serveCommand())
  .addCommand(doctorCommand());
for (const command of program.commands) command.exitOverride().showHelpAfterError('(--help shows the usage)');

try {
  if (process.argv.length <= 2) {
    program.outputHelp();
  } else {
    await program.parseAsync();
  }
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    console.error(error.message);
    return 2;
  }
  if (error instanceof InfrastructureError) {
    console.error(error.message);
    return 3;
  }
  console.error(error);
  return 3;
}
