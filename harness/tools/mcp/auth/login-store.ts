import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { explainFailure, InfrastructureError, messageOf, UsageError } from '../../../errors.ts';
import {
  findKey,
  findOrMakeKey,
  type KeyPlace,
  keyPlaces,
  openSystemStore,
  readPrivate,
  type SystemStore,
  writePrivate,
} from './store-key.ts';
import { oauthClient } from './token-request.ts';

/** An access token: what it may do, and from when on it is renewed (milliseconds since 1970), if that is known. */
const accessToken = z.strictObject({
  token: z.string(),
  scopes: z.array(z.string()),
  renewAt: z.number().nullable(),
});
export type AccessToken = z.infer<typeof accessToken>;

const login = z.strictObject({
  /** The server's address: its tokens are sent nowhere else. */
  url: z.string(),
  issuer: z.string(),
  /** Where the server's metadata are, where its refusal said so. */
  metadataUrl: z.string().optional(),
  client: oauthClient,
  /** All scopes that were granted at login. */
  granted: z.array(z.string()),
  refreshToken: z.string().optional(),
  /** By the scopes that were asked for, joined with spaces. */
  access: z.record(z.string(), accessToken),
});

/** What is kept of a login to one server. */
export type Login = z.infer<typeof login>;

/** Keeps logins, by the server's address. */
export type LoginStore = {
  read(url: string): Promise<Login | undefined>;
  write(login: Login): Promise<void>;
  /** Whether there was one. */
  remove(url: string): boolean;
  /** Does work while no one else does, in this process or another, under the same address. */
  locked<T>(url: string, work: () => Promise<T>): Promise<T>;
};

const sealedFormat = 'patternbench.login/v1';

const sealedFile = z.strictObject({
  format: z.literal(sealedFormat),
  key: z.enum(keyPlaces),
  nonce: z.base64(),
  sealed: z.base64(),
  tag: z.base64(),
});

const cipher = 'aes-256-gcm';

/** The folder of logins: that of a user's configuration, as the system has it. */
export function loginFolder(env: NodeJS.ProcessEnv): string {
  const own = process.platform === 'win32' ? env.APPDATA : env.XDG_CONFIG_HOME;
  return join(own || join(homedir(), '.config'), 'patternbench', 'logins');
}

/**
 * Logins in files of `folder`, each sealed with AES-256-GCM and readable by its owner alone. `onKeyFile` is told where the key
 * is when no store of the system holds it. Throws a `UsageError` where files cannot be used.
 */
export function openLoginStore(
  folder: string,
  {
    system = openSystemStore(),
    onKeyFile = () => undefined,
  }: { system?: SystemStore; onKeyFile?: (folder: string) => void } = {},
): LoginStore {
  const place = (url: string) => join(folder, hash('sha256', url).slice(0, 32));
  const keys = new Map<KeyPlace, Buffer>();
  const keyOf = async (where: KeyPlace) => {
    const key = keys.get(where) ?? (await findKey(folder, where, system));
    keys.set(where, key);
    return key;
  };
  return {
    async read(url) {
      const file = `${place(url)}.json`;
      const text = readPrivate(file);
      if (text === undefined) return undefined;
      try {
        const sealed = sealedFile.parse(JSON.parse(text));
        return login.parse(JSON.parse(unseal(sealed, url, await keyOf(sealed.key))));
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`${file} is no login that this key opens. Remove it and log in again.`);
      }
    },
    async write(entry) {
      makePrivateFolder(folder);
      // Two processes that make a key at once would shut each other out.
      const { key, place: where } = await withProcessLock(join(folder, 'key.lock'), () =>
        findOrMakeKey(folder, system),
      );
      keys.set(where, key);
      if (where === 'file') onKeyFile(folder);
      writePrivate(`${place(entry.url)}.json`, `${JSON.stringify(seal(entry, where, key))}\n`);
    },
    remove(url) {
      const file = `${place(url)}.json`;
      const isThere = existsSync(file);
      rmSync(file, { force: true });
      return isThere;
    },
    locked(url, work) {
      makePrivateFolder(folder);
      return withProcessLock(`${place(url)}.lock`, work);
    },
  };
}

/** Logins of this process alone: what machines get is not kept. */
export function createMemoryStore(): LoginStore {
  const logins = new Map<string, Login>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: async (url) => logins.get(url),
    write: async (entry) => void logins.set(entry.url, entry),
    remove: (url) => logins.delete(url),
    locked(_url, work) {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
  };
}

function makePrivateFolder(folder: string): void {
  explainFailure(UsageError, `${folder} cannot hold logins`, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  });
}

/** The address is sealed in as well: a file put in the place of another server's opens nothing. */
function seal(entry: Login, place: KeyPlace, key: Buffer): z.infer<typeof sealedFile> {
  const nonce = randomBytes(12);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(sealedFormat + entry.url));
  const sealed = Buffer.concat([sealing.update(JSON.stringify(entry), 'utf8'), sealing.final()]);
  return {
    format: sealedFormat,
    key: place,
    nonce: nonce.toString('base64'),
    sealed: sealed.toString('base64'),
    tag: sealing.getAuthTag().toString('base64'),
  };
}

function unseal({ nonce, sealed, tag }: z.infer<typeof sealedFile>, url: string, key: Buffer): string {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const opening = createDecipheriv(cipher, key, bytes(nonce), { authTagLength: 16 })
    .setAAD(Buffer.from(sealedFormat + url))
    .setAuthTag(bytes(tag));
  return Buffer.concat([opening.update(bytes(sealed)), opening.final()]).toString('utf8');
}

/** Milliseconds between two looks at a lock that another process holds. */
const pauseMs = 20;

/** SQLite's code for a database that another connection has locked. */
const busy = 5;

/**
 * Does work while no other process does any under the same file. The lock is SQLite's on an empty database: the system
 * releases it when its process dies, so that none is ever left behind. Rejects with an `InfrastructureError` after
 * `patienceMs` of waiting.
 */
export async function withProcessLock<T>(
  file: string,
  work: () => Promise<T>,
  { patienceMs = 90_000 } = {},
): Promise<T> {
  // Loaded only here: most runs have no login.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  const giveUpAt = performance.now() + patienceMs;
  try {
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE');
        break;
      } catch (error) {
        if ((error as { errcode?: number }).errcode !== busy)
          throw new InfrastructureError(`${file} cannot be locked: ${messageOf(error)}`, { cause: error });
        if (performance.now() > giveUpAt)
          throw new InfrastructureError(
            `Another process has held ${file} for ${patienceMs / 1000} seconds. Wait for it, or end it.`,
          );
        await delay(pauseMs);
      }
    }
    return await work();
  } finally {
    database.close();
  }
}
