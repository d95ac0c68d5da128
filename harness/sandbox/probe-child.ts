/*
 * Stands in for child.ts when walls are tried: the same start, the same addon, the same permissions given up, but then it
 * plays a sandbox process that has been taken over, and attempts what such a process would. Only probe.ts starts it.
 */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { fstatSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import inspector from 'node:inspector';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { ProbeTargets, WallProbe } from './probe.ts';
import type { Boot } from './protocol.ts';

const ATTEMPT_MS = 1500;

/** As in child.ts. */
const CHANNEL = 3;

type Attempt = (targets: ProbeTargets, boot: Boot) => unknown;

/** Each returns or resolves where the attempt got through, and throws where it was refused. */
const ATTEMPTS: Record<string, Attempt> = {
  'read a file': ({ file }) => readFileSync(file, 'utf8'),
  'read /etc/passwd': () => readFileSync('/etc/passwd', 'utf8').length,
  'read /proc/self/environ': () => readFileSync('/proc/self/environ', 'utf8').length,
  'read its own program': (_targets, boot) => readFileSync(boot.ivmBinding).length,
  'list a directory': () => readdirSync('/etc').length,
  'write a file': ({ writable }) => {
    writeFileSync(writable, 'x');
    return 'written';
  },
  'TCP connection': ({ tcpPort }) => connected(connect(tcpPort, '127.0.0.1')),
  'unix socket': ({ socketPath }) => connected(connect(socketPath)),
  'UDP datagram': ({ udpPort }) =>
    new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.on('error', reject);
      socket.send('probe', udpPort, '127.0.0.1', (error) => (error ? reject(error) : resolve('sent')));
    }),
  'DNS query': async ({ udpPort }) => {
    const resolver = new Resolver({ timeout: 300, tries: 1 });
    resolver.setServers([`127.0.0.1:${udpPort}`]);
    try {
      return await resolver.resolve4('probe.invalid');
    } catch (error) {
      // No answer means that the question went out.
      if ((error as { code?: string }).code === 'ETIMEOUT') return 'asked';
      throw error;
    }
  },
  'start a program': () => {
    const { error, status } = spawnSync('/bin/true');
    if (error) throw error;
    return status;
  },
  'start a worker': () =>
    new Promise((resolve, reject) => {
      const worker = new Worker('', { eval: true });
      worker.on('online', () => resolve('online'));
      worker.on('error', reject);
    }),
  'load an addon': () => {
    try {
      process.dlopen({ exports: {} } as NodeJS.Module, '/nonexistent/addon.node');
    } catch (error) {
      // The loader was asked, and missed only the file.
      if ((error as { code?: string }).code === 'ERR_DLOPEN_FAILED') return 'the loader was asked';
      throw error;
    }
  },
  'open an inspector': () => {
    inspector.open(0, '127.0.0.1');
    const url = inspector.url();
    if (url === undefined) throw new Error('no port was opened');
    return url;
  },
  'see environment variables': () => {
    // bubblewrap sets PWD, even where it is told not to.
    const names = Object.keys(process.env).filter((name) => name !== 'PWD');
    if (names.length === 0) throw new Error('the environment is empty');
    return names.length;
  },
  'see secrets in its arguments': ({ secret }) => {
    if (![...process.argv, ...process.execArgv].some((text) => text.includes(secret)))
      throw new Error('none');
    return 'found';
  },
  'use an inherited descriptor': ({ inode }) => {
    for (let fd = 3; fd < 256; fd++) {
      try {
        if (fstatSync(fd).ino === inode) return fd;
      } catch {
        // Not open.
      }
    }
    throw new Error('none of the parent’s descriptors is open');
  },
  'signal its parent': ({ parentPid }) => process.kill(parentPid, 0),
};

function connected(socket: ReturnType<typeof connect>): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.on('connect', () => resolve('connected'));
    socket.on('error', reject);
  });
}

function read(): string {
  const take = (length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    for (let got = 0; got < length; ) {
      const count = readSync(CHANNEL, bytes, got, length - got, null);
      if (count === 0) process.exit(0);
      got += count;
    }
    return bytes;
  };
  return take(take(8).readUInt32LE(0)).toString('utf8');
}

function write(value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  const header = Buffer.alloc(8);
  header.writeUInt32LE(body.length, 0);
  writeSync(CHANNEL, Buffer.concat([header, body]));
}

const boot = JSON.parse(read()) as Boot;
createRequire(import.meta.url)(boot.ivmBinding);
const permission = process.permission as unknown as
  | { has(scope: string): boolean; drop?: (scope: string) => void }
  | undefined;
const netDenied = permission !== undefined && !permission.has('net');
for (const scope of ['fs', 'addon']) permission?.drop?.(scope);
write({ ok: true, netDenied });

const targets = JSON.parse(read()) as ProbeTargets;
const outcomes: WallProbe[] = [];
for (const [wall, run] of Object.entries(ATTEMPTS)) {
  try {
    const late = new Promise((_, reject) =>
      setTimeout(() => reject(new Error('no answer')), ATTEMPT_MS).unref(),
    );
    const got = String(await Promise.race([run(targets, boot), late]));
    outcomes.push({ wall, held: false, detail: got.slice(0, 80) });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    outcomes.push({ wall, held: true, detail: (code ?? message).slice(0, 80) });
  }
}
write(outcomes);
read();
