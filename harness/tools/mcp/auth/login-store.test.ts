import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Login, loginFolder, openLoginStore } from './login-store.ts';
import type { SystemStore } from './store-key.ts';

const none: SystemStore = {
  read: () => Promise.reject(new Error('there is no store')),
  write: () => Promise.reject(new Error('there is no store')),
};

function system(): SystemStore & { secret: string | undefined } {
  return {
    secret: undefined,
    async read() {
      return this.secret;
    },
    async write(secret) {
      this.secret = secret;
    },
  };
}

const url = 'https://crm.test/mcp';
const entry: Login = {
  url,
  issuer: 'https://issuer.test',
  client: { id: 'client' },
  granted: ['crm:read'],
  refreshToken: 'refresh-token-0123456789',
  access: { 'crm:read': { token: 'access-token-0123456789', scopes: ['crm:read'], renewAt: null } },
};

const makeFolder = () => join(mkdtempSync(join(tmpdir(), 'patternbench-logins-')), 'logins');

/** The sealed file of a folder that holds one login. */
function fileOf(folder: string): string {
  const [name = ''] = readdirSync(folder).filter((each) => each.endsWith('.json'));
  return join(folder, name);
}

describe.skipIf(process.platform === 'win32')('a login on disk', () => {
  test('is sealed, readable by its owner alone, and opened by the key beside it where there is no store', async () => {
    const folder = makeFolder();
    const told: string[] = [];
    await openLoginStore(folder, { system: none, onKeyFile: (place) => told.push(place) }).write(entry);
    expect(told).toEqual([folder]);
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (!name.endsWith('.lock')) expect(statSync(file).mode & 0o777, name).toBe(0o600);
      expect(readFileSync(file, 'utf8'), name).not.toMatch(/token|crm|issuer/);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await openLoginStore(folder, { system: none }).read(url)).toEqual(entry);
  });

  test('leaves no key on disk where the system has a store', async () => {
    const folder = makeFolder();
    const store = system();
    await openLoginStore(folder, { system: store }).write(entry);
    expect(readdirSync(folder)).not.toContain('key');
    expect(await openLoginStore(folder, { system: store }).read(url)).toEqual(entry);
  });

  test('is lost, not wrong, where the key is', async () => {
    const folder = makeFolder();
    await openLoginStore(folder, { system: system() }).write(entry);
    await expect(openLoginStore(folder, { system: none }).read(url)).rejects.toThrow(
      "a key in the system's store, which cannot be opened now: there is no store. Log in again",
    );
    await expect(openLoginStore(folder, { system: system() }).read(url)).rejects.toThrow(
      'which has it no more',
    );
    const other = makeFolder();
    await openLoginStore(other, { system: none }).write(entry);
    rmSync(join(other, 'key'));
    await expect(openLoginStore(other, { system: none }).read(url)).rejects.toThrow(
      'which is gone or no key',
    );
  });

  test.each<[string, (file: string) => void, string]>([
    ['changed', (file) => change(file), 'no login that this key opens'],
    ['readable by a group', (file) => chmodSync(file, 0o640), 'may be read by others'],
    ['a link', (file) => link(file), 'it is a link'],
    ['a folder', (file) => folderAt(file), 'is no file'],
    ['torn', (file) => writeFileSync(file, '{"format":'), 'no login that this key opens'],
  ])('is refused where its file is %s', async (_what, spoil, reason) => {
    const folder = makeFolder();
    await openLoginStore(folder, { system: none }).write(entry);
    spoil(fileOf(folder));
    await expect(openLoginStore(folder, { system: none }).read(url)).rejects.toThrow(reason);
  });

  test("of one server opens nothing in the place of another's", async () => {
    const folder = makeFolder();
    const store = openLoginStore(folder, { system: none });
    await store.write(entry);
    const own = fileOf(folder);
    const other = 'https://other.test/mcp';
    const text = readFileSync(own, 'utf8');
    store.remove(url);
    await store.write({ ...entry, url: other });
    writeFileSync(fileOf(folder), text);
    await expect(store.read(other)).rejects.toThrow('no login that this key opens');
  });
});

function change(file: string): void {
  const sealed = JSON.parse(readFileSync(file, 'utf8'));
  const bytes = Buffer.from(sealed.sealed, 'base64');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  writeFileSync(file, JSON.stringify({ ...sealed, sealed: bytes.toString('base64') }));
}

function link(file: string): void {
  writeFileSync(`${file}.elsewhere`, readFileSync(file), { mode: 0o600 });
  rmSync(file);
  symlinkSync(`${file}.elsewhere`, file);
}

function folderAt(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

test('is forgotten', async () => {
  const store = openLoginStore(makeFolder(), { system: none });
  await store.write(entry);
  expect([store.remove(url), store.remove(url)]).toEqual([true, false]);
  expect(await store.read(url)).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('is in the folder of the user’s configuration', () => {
  expect(loginFolder({ XDG_CONFIG_HOME: '/somewhere' })).toBe('/somewhere/patternbench/logins');
});
