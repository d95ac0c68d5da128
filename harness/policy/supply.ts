import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import type { PinTarget } from '../pin/targets.ts';

const shells = new Set(
  'sh bash zsh dash ash ksh csh tcsh fish cmd powershell pwsh busybox env sudo su xargs eval'.split(' '),
);
/** Programs that fetch what they then run. */
const installers = new Set(
  'npx pnpx bunx uvx pipx docker podman nerdctl curl wget pip pip3 gem cargo go brew apt apt-get'.split(' '),
);
/** Of programs that do more than that, the first argument that makes them fetch and run. */
const installing: Record<string, Set<string>> = {
  npm: new Set(['exec', 'x', 'install', 'i', 'ci', 'create', 'init']),
  pnpm: new Set(['dlx', 'exec', 'install', 'i', 'add', 'create']),
  yarn: new Set(['dlx', 'exec', 'install', 'add', 'create']),
  bun: new Set(['x', 'install', 'add', 'create']),
  uv: new Set(['run', 'tool', 'pip', 'sync']),
  deno: new Set(['install']),
};
/** Options by which an interpreter runs a text instead of a file. */
const inlineCode: Record<string, RegExp> = {
  node: /^(?:-e|-p|-pe|--eval|--print)(?:=|$)|^(?:--import=)?data:/,
  bun: /^(?:-e|--eval|-p|--print)(?:=|$)/,
  deno: /^eval$|^https?:/,
  python: /^-[a-zA-Z]*c/,
  python3: /^-[a-zA-Z]*c/,
  perl: /^-[a-zA-Z]*[eE]/,
  ruby: /^-[a-zA-Z]*e/,
  php: /^-r/,
};

/**
 * Why a server's command should not be run on somebody else's word: it fetches code, goes through a shell, or has text in
 * it that a shell would act on. Undefined for a plain program.
 */
export function explainRisk(command: string, args: readonly string[]): string | undefined {
  const program = basename(command.replaceAll('\\', '/'))
    .toLowerCase()
    .replace(/\.(?:exe|cmd|bat|ps1)$/, '');
  if (/[;&|`$<>(){}*?!"'\n\r\0]/.test(command)) return 'its command has characters that a shell would act on';
  if (shells.has(program)) return `${program} runs whatever its arguments say`;
  if (installers.has(program)) return `${program} fetches the code that it runs`;
  const first = args.find((argument) => !argument.startsWith('-')) ?? '';
  if (installing[program]?.has(first)) return `${program} ${first} fetches the code that it runs`;
  if (args.some((argument) => inlineCode[program]?.test(argument))) {
    return `${program} is told to run code that is in its arguments`;
  }
  if (args.some((argument) => /[;&|`<>\n\r\0]|\$\(/.test(argument))) {
    return 'its arguments have characters that a shell would act on';
  }
  return undefined;
}

/**
 * Refuses to start servers whose command came with a scenario and is more than a plain program. What the user's own
 * `.mcp.json` says is the user's word, and so is `--allow-command <server>`, whose names are `allowed`. A scenario is a
 * module that runs in this process, so this protects from carelessness, not from a hostile scenario.
 */
export function refuseRiskyCommands(
  scenario: string,
  targets: readonly PinTarget[],
  allowed: ReadonlySet<string>,
): void {
  for (const { server, origin, written } of targets) {
    if (origin === 'user' || !('command' in written) || allowed.has(server)) continue;
    const risk = explainRisk(written.command, written.args ?? []);
    if (risk === undefined) continue;
    const line = [written.command, ...(written.args ?? [])].map((word) => JSON.stringify(word)).join(' ');
    throw new UsageError(
      `${scenario}: server "${server}" would be started by ${line.slice(0, 300)}, which came with the scenario: ${risk}.\nIf you trust it, say so with --allow-command ${server}, or write the server into a .mcp.json of your own and use { configured: "${server}" }.`,
    );
  }
}
