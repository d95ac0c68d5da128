import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { readJson, replaceFile } from '../files.ts';
import { canonicalJson } from '../json.ts';
import {
  allScopes,
  type OutsideReset,
  type Reset,
  serverSpec,
  type WrittenServer,
} from '../tools/mcp/server-spec.ts';
import type { PinTarget } from '../tools/pin/check.ts';
import { showUntrusted } from '../visible.ts';
import { isBundled } from './find.ts';
import type { Scenario } from './scenario.ts';

export const trustFormat = 'patternbench.trust/v1';
export const trustFileName = 'patternbench.trust.json';

const acceptedServer = z.strictObject({
  /** The scenario's folder, relative to the folder of this file. */
  scenario: z.string(),
  server: z.string(),
  /** SHA-256 over folder, server, and command or address as written, with the values of variables and headers. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** `patternbench.trust.json`: the servers of scenarios that the user lets be started. */
export const trustSchema = z.strictObject({
  format: z.literal(trustFormat),
  accepted: z.array(acceptedServer),
});

/** A command as it is written. */
type Command = Pick<Extract<WrittenServer, { command: string }>, 'command' | 'args' | 'env' | 'cwd'>;

type Accepted = z.infer<typeof acceptedServer>;

/** A server that came with a scenario, and that the user has not accepted. */
export class UntrustedServer extends UsageError {
  override name = 'UntrustedServer';
}

/** What the user accepted of the servers that scenarios bring. */
export type Trust = ReturnType<typeof openTrust>;

/**
 * What was accepted in `folder`, which is the one that the user starts in: a file that came with a scenario would vouch for
 * the scenario. `accept` is `--trust`. `admit` throws a `UsageError` for a file that this version does not read.
 */
export function openTrust(options: {
  folder: string;
  accept: boolean;
  onAccepted: (message: string) => void;
}) {
  const file = resolve(options.folder, trustFileName);
  return {
    /**
     * Throws an `UntrustedServer` for servers that came with a scenario and were never accepted; it shows all of them. With
     * `--trust`, records them instead. A scenario is a module that runs in this process: this protects from a command that
     * was overlooked or has changed, not from hostile code in the scenario itself.
     */
    admit(scenarios: readonly { scenario: Scenario; targets: readonly PinTarget[] }[]): void {
      const before = readTrust(file);
      const known = new Set(before.map(keyOf));
      const fresh = new Map<string, { entry: Accepted; shown: string }>();
      for (const { scenario, targets } of scenarios) {
        // Who runs patternbench has accepted what is part of it.
        if (isBundled(scenario.folder)) continue;
        const folder = relative(dirname(file), scenario.folder).split(sep).join('/') || '.';
        for (const target of targets) {
          const brought = broughtBy(target);
          if (!brought) continue;
          const { server } = target;
          const entry = { scenario: folder, server, hash: hashBrought(folder, server, brought) };
          const shown = `  ${scenario.name}: server "${server}" is ${describeBrought(brought)}`;
          if (!known.has(keyOf(entry))) fresh.set(keyOf(entry), { entry, shown });
        }
      }
      if (fresh.size === 0) return;
      const added = [...fresh.values()];
      const list = added.map(({ shown }) => shown).join('\n');
      if (!options.accept) {
        throw new UntrustedServer(
          `Servers that came with a scenario were not started, because you have not accepted them:\n${list}\nIf you trust them, add --trust once: it records them in ${file}. Or name them in your own .mcp.json and use { configured: … }.`,
        );
      }
      const accepted = [...before, ...added.map(({ entry }) => entry)];
      accepted.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      replaceFile(file, `${JSON.stringify({ format: trustFormat, accepted }, null, 2)}\n`, UsageError);
      options.onAccepted(`Accepted and recorded in ${file}:\n${list}`);
    },
  };
}

/** What came with a scenario: the server, or only how it is reset. */
type Brought = WrittenServer | { reset: OutsideReset };

/** Undefined where nothing did. What does not parse is never started, and refused elsewhere with the name of its field. */
function broughtBy({ origin, written, reset }: PinTarget): Brought | undefined {
  if (origin === 'user') return reset && { reset };
  return serverSpec.safeParse(written).success ? written : undefined;
}

function keyOf({ scenario, server, hash: sha256 }: Accepted): string {
  return JSON.stringify([scenario, server, sha256]);
}

function hashBrought(scenario: string, server: string, brought: Brought): string {
  return hash('sha256', canonicalJson({ scenario, server, brought }));
}

function readTrust(file: string): Accepted[] {
  if (!existsSync(file)) return [];
  const advice = 'Remove it and accept the servers again with --trust.';
  return readJson(file, trustSchema, 'a file of accepted servers', advice).accepted;
}

/** A command or address as it is written, and what else decides what it does. Values that may be secrets are left out. */
function describeBrought(brought: Brought): string {
  const { reset } = brought as { reset?: OutsideReset | Reset };
  const byReset =
    reset && reset.kind !== 'tool'
      ? `reset by ${reset.kind === 'command' ? describeCommand(reset) : describeUrl(reset.url)}`
      : '';
  const own =
    'url' in brought ? describeRemote(brought) : 'command' in brought ? describeCommand(brought) : '';
  return [own, byReset].filter(Boolean).join(', ');
}

/** An address, and what a login of the user would be used for. */
function describeRemote({ url, oauth }: Extract<WrittenServer, { url: string }>): string {
  const scopes = allScopes(oauth);
  return `${describeUrl(url)}${scopes.length > 0 ? ` with your login, for ${showUntrusted(scopes.join(', '))}` : ''}`;
}

function describeUrl(url: string): string {
  return showUntrusted(withoutValues(url));
}

function describeCommand({ command, args = [], env = {}, cwd }: Command): string {
  const line = [command, ...args].map((word) => JSON.stringify(word)).join(' ');
  const names = Object.keys(env);
  return showUntrusted(
    [
      line,
      cwd === undefined ? '' : `in ${JSON.stringify(cwd)}`,
      names.length > 0 ? `with its own ${names.join(', ')}` : '',
    ]
      .filter(Boolean)
      .join(' '),
  );
}

/** An address without password and values of its query, unless they are written as variables. */
function withoutValues(address: string): string {
  return address
    .replace(/^(\w+:\/\/)[^/?#@]*@/, '$1…@')
    .replaceAll(/([?&][^=&#]*=)([^&#]*)/g, (whole, name: string, value: string) =>
      /^\$\{\w+\}$/.test(value) ? whole : `${name}…`,
    );
}
