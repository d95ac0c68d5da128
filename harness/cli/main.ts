import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { InfrastructureError, UsageError, VerificationError } from '../errors.ts';
import { showHidden, showMessage } from '../visible.ts';
import { type Act, type Io, tell } from './io.ts';

type Define = (io: Io, act: Act) => Command;

/** The verbs, in the order of the help. Each is loaded only when it is asked for: a server is started for every trial. */
const verbs: Record<string, { says: string; load: () => Promise<Define> }> = {
  run: {
    says: 'run workflows in both patterns, and say which one to use',
    load: async () => (await import('./run.ts')).runCommand,
  },
  report: {
    says: 'show a run again, in any format',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  compare: {
    says: 'show what changed between two runs',
    load: async () => (await import('./compare.ts')).compareCommand,
  },
  gate: {
    says: 'hold a run against a baseline, for CI',
    load: async () => (await import('./gate.ts')).gateCommand,
  },
  check: {
    says: 'check that workflows measure what they say',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  init: {
    says: 'write a first workflow over your servers',
    load: async () => (await import('./init.ts')).initCommand,
  },
  types: {
    says: "declare your servers' tools to the editor",
    load: async () => (await import('./types.ts')).typesCommand,
  },
  list: {
    says: 'list workflows, variants, mock servers and models',
    load: async () => (await import('./list.ts')).listCommand,
  },
  tools: {
    says: "what servers' definitions cost; pin them",
    load: async () => (await import('./tools.ts')).toolsCommand,
  },
  call: {
    says: 'call one tool, to see what a program gets',
    load: async () => (await import('./call.ts')).callCommand,
  },
  count: {
    says: 'count the tokens of texts',
    load: async () => (await import('./count.ts')).countCommand,
  },
  merge: {
    says: 'join run directories into one',
    load: async () => (await import('./merge.ts')).mergeCommand,
  },
  audit: {
    says: 'verify or show the log of every call',
    load: async () => (await import('./audit.ts')).auditCommand,
  },
  expose: {
    says: 'where text of a server that lies reaches the model',
    load: async () => (await import('./expose.ts')).exposeCommand,
  },
  login: {
    says: 'log in to a server that wants OAuth tokens',
    load: async () => (await import('./login.ts')).loginCommand,
  },
  serve: {
    says: 'serve a mock server to any MCP client',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  doctor: {
    says: 'try the walls of the sandbox on this machine',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
};

/** Exit codes: 0 done, 1 a check failed, 2 wrong usage or configuration, 3 incomplete or infrastructure. */
const exitCodes = [
  [VerificationError, 1],
  [UsageError, 2],
  [InfrastructureError, 3],
] as const;

/** Runs a command and returns its exit code. `argv` begins with the verb. Errors are printed, never thrown. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const act: Act =
    (work) =>
    async (...args) => {
      exitCode = await work(...args);
    };
  try {
    if (argv.length === 0) return await (await import('./start.ts')).showStart(io);
    const program = await createProgram(argv[0], io, act);
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, io);
  }
}

async function createProgram(verb: string | undefined, io: Io, act: Act): Promise<Command> {
  const program = new Command('patternbench')
    .description(
      'Measures, per workflow, whether an agent should call MCP tools one by one or write a program that calls them.',
    )
    .version(manifest.version);
  for (const [name, { says, load }] of Object.entries(verbs)) {
    // The others are named in the help and in suggestions; nothing of them is needed for that.
    program.addCommand(
      name === verb ? (await load())(io, act).summary(says) : new Command(name).description(says),
    );
  }
  for (const command of [program, ...program.commands]) {
    for (const each of [command, ...command.commands]) {
      each.exitOverride().showHelpAfterError('(--help shows the usage)');
      each.configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(showMessage(text)),
      });
    }
  }
  return program;
}

async function report(error: unknown, io: Io): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.code === 'commander.unknownOption') {
      const { hintAtSetting } = await import('./settings.ts');
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
