/*
 * The process that holds one isolate and serves one program, then is killed. Fully synchronous: it blocks on standard input,
 * resumes the isolate, and writes what happened; an event loop would only add thread hand-offs. It imports nothing of this
 * project, so that it starts fast and needs to read only itself and the addon.
 */
import { readSync, writeSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import type IsolatedVm from 'isolated-vm';
import type { Boot, ChildEnd, Ready, Reply, Start } from './protocol.ts';

type Ivm = typeof IsolatedVm;
type Bridge = {
  isolate: IsolatedVm.Isolate;
  start: IsolatedVm.Reference;
  settle: IsolatedVm.Reference;
  take: IsolatedVm.Reference;
  reset: IsolatedVm.Reference;
};

const WRAP_BEFORE = 'async function program() {\n';
const WRAP_AFTER = '\n}';

function readFully(target: Buffer, length: number): void {
  for (let got = 0; got < length; ) {
    const count = readSync(0, target, got, length - got, null);
    // The parent is gone, or wants nothing more.
    if (count === 0) die();
    got += count;
  }
}

/** `process.exit` can hang while an isolate is alive. */
function die(): never {
  for (;;) process.kill(process.pid, 'SIGKILL');
}

const header = Buffer.alloc(4);
const scratch = Buffer.allocUnsafe(64 * 1024);

function readRequest(): string {
  readFully(header, 4);
  const length = header.readUInt32LE(0);
  if (length > scratch.length) {
    const large = Buffer.allocUnsafe(length);
    readFully(large, length);
    return large.toString('utf8');
  }
  readFully(scratch, length);
  return scratch.toString('utf8', 0, length);
}

function encodeReply(json: string, cpuMicros: number): { frame: Buffer; length: number } {
  const bytes = Buffer.byteLength(json);
  const length = bytes + 8;
  const frame = length > scratch.length ? Buffer.allocUnsafe(length) : scratch;
  frame.writeUInt32LE(bytes, 0);
  frame.writeUInt32LE(Math.min(cpuMicros, 0xffffffff), 4);
  frame.write(json, 8, 'utf8');
  return { frame, length };
}

function writeReply(json: string, cpuMicros: number): void {
  const { frame, length } = encodeReply(json, cpuMicros);
  for (let sent = 0; sent < length; ) sent += writeSync(1, frame, sent, length - sent);
}

function loadIvm(boot: Boot): { ivm: Ivm; version: string } {
  const require = createRequire(import.meta.url);
  const { version } = require(`${boot.ivmDir}/package.json`) as { version: string };
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  // Up to 7.0.0 a guest can corrupt the child's memory (GHSA-864f-rcv7-6rh4).
  if (major < 7 || (major === 7 && minor === 0 && patch < 1)) {
    throw new Error(`isolated-vm ${version} has a known memory-corruption flaw; 7.0.1 or later is needed.`);
  }
  return { ivm: (require(boot.ivmBinding) as { ivm: Ivm }).ivm, version };
}

function makeBridge(ivm: Ivm, boot: Boot, memoryMiB: number): Bridge {
  const isolate = new ivm.Isolate({ memoryLimit: memoryMiB });
  const context = isolate.createContextSync();
  const bridge = context.evalSync(boot.bootstrap, { filename: 'patternbench:bridge', reference: true });
  const get = (name: string) => bridge.getSync(name, { reference: true }) as IsolatedVm.Reference;
  return { isolate, start: get('start'), settle: get('settle'), take: get('take'), reset: get('reset') };
}

/** Line and column (from 1) out of the excerpt that Node puts before a parser's stack. */
function placeInExcerpt(stack: string): { line?: number; column?: number } {
  const lines = stack.split('\n', 12);
  const line = Number(/:(\d+)$/.exec(lines[0] ?? '')?.[1]) - 1;
  if (!(line > 0)) return {};
  const caret = lines.find((text) => /^\s*\^+\s*$/.test(text));
  return caret === undefined ? { line } : { line, column: caret.indexOf('^') + 1 };
}

function syntaxError(message: string, place: { line?: number; column?: number }): ChildEnd {
  return { status: 'syntax_error', error: { name: 'SyntaxError', message, ...place } };
}

/** The type stripper is WebAssembly; without that (`node --jitless`) programs are taken as the JavaScript they have to be. */
const canStrip = 'WebAssembly' in globalThis;

/** The program as JavaScript, character for character where it was, or why it is none. */
function strip(source: string): { body: string } | { end: ChildEnd } {
  if (!canStrip) return { body: source };
  try {
    const wrapped = stripTypeScriptTypes(WRAP_BEFORE + source + WRAP_AFTER);
    return { body: wrapped.slice(WRAP_BEFORE.length, -WRAP_AFTER.length) };
  } catch (error) {
    const { message, stack = '', code } = error as Error & { code?: string };
    const known = code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
    if (!known) return { end: syntaxError('The program is nested too deeply to be parsed.', {}) };
    return { end: syntaxError(message, placeInExcerpt(stack)) };
  }
}

/**
 * The engine's own opinion of what the type stripper let pass, with the place. Parsed as a module's function, as TypeScript is
 * meant (strict, no HTML comments), and never run: that something like `}); …` parses here is of no consequence.
 */
function earlyError(isolate: IsolatedVm.Isolate, body: string): ChildEnd | undefined {
  try {
    isolate.compileModuleSync(`async function program() {\n${body}\n}`, { filename: 'program.ts' }).release();
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    const [, text = message, line, column] = /^([\s\S]*) \[program\.ts:(\d+):(\d+)\]$/.exec(message) ?? [];
    return syntaxError(text, line === undefined ? {} : { line: Number(line) - 1, column: Number(column) });
  }
}

/** One program in one isolate. */
type Session = { bridge: Bridge; start: Start; cpuBefore: bigint; wallEnd: number };

function openSession(bridge: Bridge, start: Start): Session {
  return { bridge, start, cpuBefore: bridge.isolate.cpuTime, wallEnd: performance.now() + start.wallMs };
}

function cpuMicros({ bridge, cpuBefore }: Session): number {
  try {
    return Number((bridge.isolate.cpuTime - cpuBefore) / 1000n);
  } catch {
    return 0;
  }
}

/**
 * What has happened since the last time, as JSON; `end` is the end that the isolate cannot tell itself. Where the program has
 * `settled`, nothing of it is left to run, and a clock, which costs a thread hand-off, is not needed.
 */
function take({ bridge, start }: Session, end?: ChildEnd, settled = false): string {
  try {
    const stopped = end === undefined ? '' : JSON.stringify(end);
    const clock = settled ? {} : { timeout: end === undefined ? 1000 : 200 };
    return bridge.take.applySync(undefined, [stopped], clock) as string;
  } catch {
    return JSON.stringify({ calls: [], logs: '', logBytes: 0, end: end ?? memoryEnd(start) } satisfies Reply);
  }
}

/** What came of resuming the isolate: text, an end, or, where the program has nothing left to run for now, `settled`. */
type Resumed = { text: string; end?: ChildEnd; settled?: true };

/** Resumes the isolate within what is left of its time. */
function resume(session: Session, entry: IsolatedVm.Reference, texts: string[]): Resumed {
  const { start } = session;
  const cpuLeft = start.cpuMs - cpuMicros(session) / 1000;
  const began = performance.now();
  const wallLeft = session.wallEnd - began;
  if (cpuLeft <= 0) return { text: '', end: cpuEnd(start) };
  const timeout = Math.max(1, Math.ceil(Math.min(cpuLeft, wallLeft)));
  try {
    const text = entry.applySync(undefined, texts, { timeout }) as string | undefined;
    return { text: text ?? '', settled: true };
  } catch {
    if (session.bridge.isolate.isDisposed) return { text: '', end: memoryEnd(start) };
    // Rejections that the guest left unhandled arrive here too, with a message of its choice: only the clock is believed.
    if (performance.now() - began < timeout - 1) return { text: '' };
    return { text: '', end: cpuLeft < wallLeft ? cpuEnd(start) : wallEndOf(start) };
  }
}

function beginProgram(session: Session): string {
  const { source, ...settings } = session.start;
  const stripped = strip(source);
  if ('end' in stripped) return take(session, stripped.end);
  const wrong = earlyError(session.bridge.isolate, stripped.body);
  if (wrong !== undefined) return take(session, wrong);
  const body = `"use strict";\n${stripped.body}\n//# sourceURL=program.ts\n`;
  const { end, text: refusal } = resume(session, session.bridge.start, [body, JSON.stringify(settings)]);
  const notOne = `The program is not the body of one function: ${refusal}.`;
  return take(session, end ?? (refusal === '' ? undefined : syntaxError(notOne, {})));
}

function continueProgram(session: Session, batch: string): string {
  const { end, settled } = resume(session, session.bridge.settle, [batch]);
  return take(session, end, settled);
}

function serve(boot: Boot, ivm: Ivm, prepared: Bridge): never {
  const start = JSON.parse(readRequest()) as Start;
  let bridge = prepared;
  if (start.memoryMiB !== boot.memoryMiB) {
    prepared.isolate.dispose();
    bridge = makeBridge(ivm, boot, start.memoryMiB);
  }
  const session = openSession(bridge, start);
  writeReply(beginProgram(session), cpuMicros(session));
  for (;;) writeReply(continueProgram(session, readRequest()), cpuMicros(session));
}

/**
 * Makes some calls of its own before there is a program, so that the engine has compiled what every call goes through:
 * the first few hundred calls of a program would otherwise take twice as long as the rest.
 */
function rehearse(bridge: Bridge, start: Start): void {
  const session = openSession(bridge, start);
  let reply = beginProgram(session);
  for (let id = 1; !reply.includes('"end":'); id++) {
    reply = continueProgram(session, `[{"id":${id},"v":{"id":${id},"name":"name"}}]`);
    encodeReply(reply, cpuMicros(session));
  }
  bridge.reset.applySync(undefined, []);
}

function cpuEnd(start: Start): ChildEnd {
  const message = `The program used its ${start.cpuMs} ms of CPU time. Look for a loop that does not end.`;
  return { status: 'timeout_cpu', error: { name: 'CpuTimeout', message } };
}

function wallEndOf(start: Start): ChildEnd {
  const message = `The program was still running after ${start.wallMs} ms.`;
  return { status: 'timeout_wall', error: { name: 'WallTimeout', message } };
}

function memoryEnd(start: Start): ChildEnd {
  const message = `The program used more than ${start.memoryMiB} MiB of memory. Keep less at once.`;
  return { status: 'oom', error: { name: 'OutOfMemory', message } };
}

/** From here on nothing needs to be read or loaded any more, so whoever takes this process over cannot either. */
function dropPermissions(): void {
  const permission = process.permission as unknown as { drop?: (scope: string) => void } | undefined;
  for (const scope of ['fs', 'addon']) permission?.drop?.(scope);
}

function main(): void {
  let ready: Ready;
  let prepared: Bridge | undefined;
  let ivm: Ivm | undefined;
  const boot = JSON.parse(readRequest()) as Boot;
  try {
    const loaded = loadIvm(boot);
    ivm = loaded.ivm;
    prepared = makeBridge(ivm, boot, boot.memoryMiB);
    // The first use compiles the parser (about 40 ms), so it happens before there is a program.
    strip('let ready: true;');
    if (boot.rehearsal !== undefined) rehearse(prepared, boot.rehearsal);
    const { permission } = process;
    const netDenied = permission !== undefined && !permission.has('net');
    dropPermissions();
    ready = { ok: true, ivm: loaded.version, node: process.versions.node, netDenied };
  } catch (error) {
    ready = { ok: false, error: (error as Error).message };
  }
  writeReply(JSON.stringify(ready), 0);
  if (!ready.ok || ivm === undefined || prepared === undefined) die();
  serve(boot, ivm, prepared);
}

process.removeAllListeners('warning');
main();
