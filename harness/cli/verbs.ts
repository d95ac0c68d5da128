import { type Command, InvalidArgumentError, Option } from 'commander';
import { listMockServers } from '../../mock-servers/names.ts';
import { isSecure } from '../addresses.ts';
import { LEVELS } from '../results/codes.ts';
import { mergeParameters, parameters, wholeNumber } from './parsers.ts';

// The command line of every verb, without the options that verbs share: those are in options.ts. It is loaded whole, so that help and
// wrong usage are shown at once. What a verb does is loaded only where it is done: a server is started for every trial.

/** What a verb does with its arguments, what it was asked for (see `Asked`) and the process. Returns the exit code. */
type Work = (...read: Parameters<Parameters<Command['action']>[0]>) => number | Promise<number>;

/** What commander's `argument` and `option` take: as it is written, help, and a default or how it is read. */
type Argument = [written: string, help: string, preset?: string];
type OwnOption = [written: string, help: string, read?: (text: string) => unknown];

export type VerbEntry = {
  /** What the list of verbs says of it. */
  says: string;
  /** What its own help says, where that is something else. */
  about?: string;
  args?: Argument[];
  /** The options that are its own. */
  options?: OwnOption[];
  /** Adds what needs more words. */
  adds?: (command: Command) => unknown;
  load?: () => Promise<Work>;
  /** Verbs below it. */
  verbs?: Record<string, VerbEntry>;
};

const runExamples = `
Examples:
  patternbench run                              the bundled core, no key needed
  patternbench run ./my-workflow --details      one of your own, with its bill
  patternbench run crm-top-customers --param contacts=10..5000
  patternbench run ./mine --model anthropic:claude-sonnet-5 --max-cost 5
`;

const gateHelp = `
Exit codes: 0 passed, 1 stopped, 2 wrong usage, 3 the run is incomplete.
It stops at a figure that rose, an answer that became wrong, and a changed
recommendation. docs/ci.md says by how much, also of live trials.

A policy is a JSON file, or gate.policy of the configuration. Levels are off,
warn and error, and all of it is optional:
  { "checks": { "cost": { "relative": 0.02 }, "toolCalls": "off" },
    "scenarios": { "mine": { "billedTokens": "warn" } }, "new": "warn" }

Examples:
  patternbench gate --update --run run       make a run the baseline
  patternbench gate --github --md gate.md    run it again, and judge
`;

const asJson: OwnOption = ['--json', 'print it as JSON'];
const toMarkdown: OwnOption = ['--md <file>', 'write Markdown; - is standard output'];

/** The verbs, in the order of the help. */
export const verbs: Record<string, VerbEntry> = {
  run: {
    says: 'run workflows in both patterns, and say which one to use',
    args: [['[workflow...]', 'bundled ones by name, or folders (default: the core)']],
    adds: (command) => command.addHelpText('after', runExamples),
    load: async () => (await import('./run.ts')).run,
  },
  report: {
    says: 'show a run again, in any format',
    about: 'show a run again, in any format, or what its workflows would cost a month',
    args: [
      ['<dir>', 'the directory of a run'],
      ['[workflow...]', 'only these workflows of it'],
    ],
    load: async () => (await import('./report.ts')).report,
  },
  compare: {
    says: 'show what changed between two runs',
    about: 'show what changed between two runs, paired by scenario, parameters, variant and model',
    args: [
      ['<before>', 'the directory of a run'],
      ['<after>', 'the directory of another run'],
    ],
    options: [
      asJson,
      ['--pr', 'print it as a comment on a pull request: what changed, under 60 lines'],
      toMarkdown,
      ['--html <file>', 'write the second run as a page, with what changed and the requests of both'],
    ],
    load: async () => (await import('./compare.ts')).compareRuns,
  },
  gate: {
    says: 'hold a run against a baseline, for CI',
    about: 'hold a run against a baseline and fail if it costs more or is less often right',
    args: [['[scenario...]', "what to compare, by name or path (default: the baseline's scenarios)"]],
    adds: (command) => command.addHelpText('after', gateHelp),
    load: async () => (await import('./hold-run.ts')).holdRun,
  },
  check: {
    says: 'check that workflows measure what they say',
    about:
      'check scenarios: they load, their tools exist, their reference program is right in both patterns, and no negative control is',
    args: [['[scenario...]', 'names of bundled scenarios, or paths of folders (default: all bundled ones)']],
    load: async () => (await import('./check.ts')).check,
  },
  init: {
    says: 'write a first workflow over your servers',
    about: 'write a first workflow over your servers, which you then change into yours',
    args: [['[folder]', 'the folder to write', 'workflows/first']],
    options: [
      ['-y, --yes', 'ask nothing: take a tool that reads and needs no arguments'],
      ['--tool <server.tool>', 'the tool that the workflow calls'],
      ['--args <json>', 'its arguments'],
      [
        '--ci',
        'also write .github/workflows/patternbench.yml, which holds the figures on every pull request',
      ],
    ],
    load: async () => (await import('./init.ts')).init,
  },
  types: {
    says: "declare your servers' tools to the editor",
    about: "write mcp.d.ts into workflows: the types of their servers' functions",
    args: [
      [
        '[folder...]',
        'folders of workflows (default: those of the configuration, else those here and in workflows/)',
      ],
    ],
    load: async () => (await import('./init.ts')).types,
  },
  list: {
    says: 'list workflows, variants, mock servers and models',
    about: 'list scenarios with their parameters, variants, mock servers and models',
    options: [asJson],
    load: async () => (await import('./list.ts')).list,
  },
  tools: {
    says: "what servers' definitions cost; pin them",
    about: "count what servers' tool definitions cost up front and say what to trim, or pin them",
    args: [['[server...]', 'mock servers, or servers of the .mcp.json (default: all of the .mcp.json)']],
    load: async () => (await import('./tools.ts')).tools,
  },
  call: {
    says: 'call one tool, to see what a program gets',
    about: 'call one tool, and show the result as a program gets it',
    args: [
      ['<server>', 'a server of the .mcp.json, or a mock server'],
      ['<tool>', 'its tool'],
      ['[arguments]', `as JSON, such as '{"path":"."}'`, '{}'],
    ],
    load: async () => (await import('./call.ts')).call,
  },
  count: {
    says: 'count the tokens of texts',
    about: 'count the tokens of texts, or with --tools what tools add to a prompt',
    args: [['[file...]', 'files of text; - or none is standard input']],
    load: async () => (await import('./count.ts')).count,
  },
  merge: {
    says: 'join run directories into one',
    about: 'join run directories, such as the shards of a CI matrix, into one; refuses what differs',
    args: [['<dir...>', 'directories of runs']],
    adds: (command) => command.requiredOption('--out <dir>', 'where the joined run directory is written'),
    load: async () => (await import('./merge.ts')).mergeRuns,
  },
  audit: {
    says: 'verify or show the log of every call',
    about: 'verify or show the log of every call to a server',
    verbs: {
      verify: {
        says: 'check that the audit logs of a run are whole and unchanged; exits with 1 where it is not',
        args: [['<dir>', 'the directory of a run']],
        options: [['--head <hash>', 'the head that was kept elsewhere when the run ended'], asJson],
        load: async () => (await import('./audit.ts')).verify,
      },
      show: {
        says: 'print the calls of a run, each with who made it and what came of it',
        args: [['<dir>', 'the directory of a run']],
        options: [
          ['--scenario <name>', 'only calls of this scenario'],
          ['--variant <name>', 'only calls of this variant'],
          ['--json', 'print the records as JSON'],
          toMarkdown,
        ],
        load: async () => (await import('./audit.ts')).show,
      },
    },
  },
  expose: {
    says: 'where text of a server that lies reaches the model',
    about: 'plant a marked text in every place of what a server sends, and show where it reaches the model',
    args: [
      [
        '[scenario...]',
        'names of bundled scenarios, or paths of scenario folders (default: all bundled ones)',
      ],
    ],
    load: async () => (await import('./expose.ts')).exposeScenarios,
  },
  login: {
    says: 'log in to a server that wants OAuth tokens',
    about: 'log in to a server that wants OAuth tokens, in your browser',
    args: [['<server>', 'a server at a URL, of the .mcp.json or of the --scenario']],
    options: [
      ['--scenario <name>', 'ask only for the scopes that this scenario declares'],
      ['--no-browser', 'print the address, and open no browser'],
      ['--accept', 'let the authorization server be another than that of the login before'],
      ['--forget', 'remove the login from this machine'],
    ],
    load: async () => (await import('./login.ts')).login,
  },
  serve: {
    says: 'serve a mock server to any MCP client',
    about: 'serve a mock server over stdio, or over Streamable HTTP on loopback with --http',
    args: [['<server>', `one of ${listMockServers().join(', ')}`]],
    adds: (command) =>
      command.addOption(
        new Option(
          '--option <name=value>',
          'sets an option of the server, such as contacts=200; may be repeated',
        )
          .argParser((text, before: Record<string, string>) => mergeParameters(before, parameters.read(text)))
          .default({}, "the server's defaults"),
      ),
    options: [
      ['--http', 'serve Streamable HTTP on 127.0.0.1 instead of stdio'],
      ['--port <number>', 'port for --http (default: 3000)', wholeNumber(0, 65_535).read],
      [
        '--auth <issuer>',
        'with --http: demand OAuth tokens of this issuer, with a scope for reading and one for writing',
        issuerUrl,
      ],
    ],
    load: async () => (await import('./serve.ts')).serve,
  },
  doctor: {
    says: 'try the walls of the sandbox on this machine',
    about:
      'try every wall of the sandbox on this machine, as a program that has taken its process over would',
    adds: (command) =>
      command.addOption(
        new Option('--level <level>', 'the isolation level to try')
          .choices(['highest', ...LEVELS])
          .default('highest'),
      ),
    options: [asJson],
    load: async () => (await import('./doctor.ts')).doctor,
  },
};

/** The issuer as it is given, since tokens name it letter by letter. */
function issuerUrl(text: string): string {
  const url = URL.parse(text);
  if (url && isSecure(url)) return text;
  throw new InvalidArgumentError('It is an https address, or one of this machine.');
}
