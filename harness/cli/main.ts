import { inspect } from 'node:util';
import { Command, CommanderError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { InfrastructureError, UsageError, VerificationError } from '../errors.ts';
import { showHidden, showMessage } from '../visible.ts';
import { addOptions, askedOf, refuseTwoOutputs, takesOptions } from './add-options.ts';
import { type Io, tell } from './io.ts';
import { type VerbEntry, verbs } from './verbs.ts';

/** Exit codes: 0 done, 1 a check failed, 2 wrong usage or configuration, 3 incomplete or infrastructure. */
const exitCodes = [
  [VerificationError, 1],
  [UsageError, 2],
  [InfrastructureError, 3],
] as const;

/** Runs a command and returns its exit code. `argv` begins with the verb. Errors are printed, never thrown. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  try {
    if (argv.length === 0) return await (await import('./tools.ts')).showStart(io);
    const program = createProgram(io);
    for (const [name, entry] of Object.entries(verbs)) {
      // The others are named in the help and in suggestions; nothing of them is needed for that.
      if (name !== argv[0]) program.command(name).description(entry.says);
      else
        addVerb(program, name, entry, io, (code) => {
          exitCode = code;
        });
    }
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, io);
  }
}

/** The program without its verbs, which take over how it prints and ends. */
function createProgram({ stdout, stderr }: Io): Command {
  return new Command('patternbench')
    .description(
      'Measures, per workflow, whether an agent should call MCP tools one by one or write a program that calls them.',
    )
    .version(manifest.version)
    .exitOverride()
    .showHelpAfterError('(--help shows the usage)')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(showMessage(text)),
    });
}

function addVerb(
  parent: Command,
  name: string,
  { says, about = says, args = [], options = [], adds, load, verbs: below = {} }: VerbEntry,
  io: Io,
  onEnd: (exitCode: number) => void,
): void {
  const command = parent.command(name).description(about).summary(says);
  for (const arg of args) command.argument(...arg);
  adds?.(command);
  for (const [written, help, read] of options) {
    const option = new Option(written, help);
    command.addOption(read ? option.argParser(read) : option);
  }
  if (takesOptions(name)) addOptions(command, name, io);
  for (const [each, entry] of Object.entries(below)) addVerb(command, each, entry, io, onEnd);
  if (!load) return;
  command.action(async () => {
    refuseTwoOutputs(command.opts());
    const work = await load();
    onEnd(await work(...command.processedArgs, askedOf(command), io));
  });
}

async function report(error: unknown, io: Io): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.code === 'commander.unknownOption') {
      const { hintAtSetting } = await import('./configuration.ts');
      const hint = hintAtSetting(error.message);
      if (hint !== undefined) tell(io, hint);
    }
    return error.exitCode === 0 ? 0 : 2;
  }
  for (const [kind, exitCode] of exitCodes) {
    if (!(error instanceof kind)) continue;
    tell(io, showMessage(error.message));
    return exitCode;
  }
  tell(io, showHidden(inspect(error)));
  return 3;
}
