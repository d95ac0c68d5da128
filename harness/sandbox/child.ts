/*
 * The process that holds one isolate and serves one program, then is killed, or is given the next trusted program and makes an
 * isolate for that. Fully synchronous: it blocks on its pipe, resumes the isolate, and writes what happened; an event loop would
 * only add thread hand-offs. It imports nothing of this project, so that it starts fast and needs to read only itself and the
 * addon.
 */
import { readSync, writeSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext, Script } from 'node:vm';
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

/** The protocol has a pipe of its own: the engine itself prints to standard output. */
const CHANNEL = 3;

/** After so many bytes in and out, what passed is given back: far less than a child may use, far more than most programs move. */
const COLLECT_EVERY_BYTES = 16 * 1024 * 1024;

function readFully(target: Buffer, length: number): void {
  for (let got = 0; got < length; ) {
    const count = readSync(CHANNEL, target, got, length - got, null);
    // The parent is gone, or wants nothing more.
    if (count === 0) die();
    got += count;
  }
}

/** `process.exit` can hang while an isolate is alive. */
function die(): never {
  for (;;) process.kill(process.pid, 'SIGKILL');
}

/** Every frame passes through this one, in and out: it grows to the largest of them. */
let frame = Buffer.allocUnsafeSlow(64 * 1024);

function makeRoom(length: number): void {
  if (length > frame.length) frame = Buffer.allocUnsafeSlow(Math.max(length, 2 * frame.length));
}

/** Takes the place of the garbage collection that comes with an event loop: this process never returns to one. */
const collectGarbage = exposeCollector();
let exchangedBytes = 0;

/** The engine's collector for this process's own isolate. Contexts that are made later, such as a guest's, have none. */
function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
}

/** Milliseconds that the program had left of its wall time when the last request was sent. */
let wallLeftMs = 0;

function readRequest(): string {
  readFully(frame, 8);
  const length = frame.readUInt32LE(0);
  wallLeftMs = frame.readUInt32LE(4);
  exchangedBytes += length;
  if (exchangedBytes > COLLECT_EVERY_BYTES) {
    exchangedBytes = 0;
    collectGarbage();
  }
  makeRoom(length);
  readFully(frame, length);
  return frame.toString('utf8', 0, length);
}

function encodeReply(json: string, cpuMicros: number): number {
  const bytes = Buffer.byteLength(json);
  makeRoom(bytes + 8);
  frame.writeUInt32LE(bytes, 0);
  frame.writeUInt32LE(Math.min(cpuMicros, 0xffffffff), 4);
  frame.write(json, 8, 'utf8');
  return bytes + 8;
}

function writeReply(json: string, cpuMicros: number): void {
  const length = encodeReply(json, cpuMicros);
  exchangedBytes += length;
  for (let sent = 0; sent < length; ) sent += writeSync(CHANNEL, frame, sent, length - sent);
}

function loadIvm(boot: Boot): Ivm {
  const require = createRequire(import.meta.url);
  const { version } = require(`${boot.ivmDir}/package.json`) as { version: string };
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  // Up to 7.0.0 a guest can corrupt the child's memory (GHSA-864f-rcv7-6rh4).
  if (major < 7 || (major === 7 && minor === 0 && patch < 1)) {
    throw new Error(`isolated-vm ${version} has a known memory-corruption flaw; 7.0.1 or later is needed.`);
  }
  return (require(boot.ivmBinding) as { ivm: Ivm }).ivm;
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

/** The type stripper needs longer than any time for some short texts, and runs outside the isolate. */
const STRIP_MS = 5000;

const stripping = globalThis as { stripProgram?: () => string };
const stripScript = new Script('stripProgram()');

/** The first use compiles the stripper (about 70 ms), which is not the program's time. */
function loadStripper(): void {
  strip('let ready: true;', STRIP_MS);
}

/** The program as JavaScript, character for character where it was, or why it is none. */
function strip(source: string, cpuMs: number): { body: string } | { end: ChildEnd } {
  if (!canStrip) return { body: source };
  stripping.stripProgram = () => stripTypeScriptTypes(WRAP_BEFORE + source + WRAP_AFTER);
  // A limit of a few milliseconds is meant for the program, and would make reading it a matter of luck.
  const timeout = Math.min(STRIP_MS, Math.max(cpuMs, 300));
  try {
    const wrapped = stripScript.runInThisContext({ timeout, displayErrors: false }) as string;
    return { body: wrapped.slice(WRAP_BEFORE.length, -WRAP_AFTER.length) };
  } catch (error) {
    const { message, stack = '', code } = error as Error & { code?: string };
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { end: parseEnd(timeout) };
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

/** One program in one isolate, and the CPU time that it has had. */
type Session = { bridge: Bridge; start: Start; cpuMicros: number; wallEnd: number; turn: number };

function openSession(bridge: Bridge, start: Start): Session {
  return { bridge, start, cpuMicros: 0, wallEnd: performance.now() + start.wallMs, turn: 0 };
}

/**
 * Counts what `work` takes of a processor, which is less than what a clock shows when there are more threads than
 * processors. The isolate runs on this thread; its own `cpuTime` is a clock.
 */
function counted<T>(session: Session, work: () => T): T {
  const before = process.threadCpuUsage();
  try {
    return work();
  } finally {
    const { user, system } = process.threadCpuUsage(before);
    session.cpuMicros += user + system;
  }
}

/** A rejection that the guest left unhandled comes up in the middle of the next thing; reading it can cause one more. */
const TAKE_ATTEMPTS = 3;

/**
 * What has happened since the last time, as JSON; `given` is the end that the isolate cannot tell itself. Where the program has
 * `settled`, nothing of it is left to run, and a clock, which costs a thread hand-off, is not needed.
 */
function take(session: Session, given?: ChildEnd, settled = false): string {
  const { bridge, start } = session;
  let end = given;
  session.turn += 1;
  for (let attempt = 1; attempt <= TAKE_ATTEMPTS && !bridge.isolate.isDisposed; attempt++) {
    const stopped = end === undefined ? '' : JSON.stringify(end);
    const timeout = end === undefined ? 1000 : 200;
    const began = performance.now();
    try {
      const clock = settled && attempt === 1 ? {} : { timeout };
      return bridge.take.applySync(undefined, [stopped, session.turn], clock) as string;
    } catch {
      // What was to be taken is still there, unless the isolate is not.
      if (performance.now() - began >= timeout - 1) end ??= start.ends.cpu;
    }
  }
  end ??= bridge.isolate.isDisposed ? start.ends.memory : rejectionsEnd();
  return JSON.stringify({ calls: [], logs: '', logBytes: 0, end } satisfies Reply);
}

/** What came of resuming the isolate: text, an end, or, where the program has nothing left to run for now, `settled`. */
type Resumed = { text: string; end?: ChildEnd; settled?: true };

/** Resumes the isolate within what is left of its time. */
function resume(session: Session, entry: IsolatedVm.Reference, texts: string[]): Resumed {
  const { start } = session;
  const cpuLeft = start.cpuMs - session.cpuMicros / 1000;
  const began = performance.now();
  const cpuBefore = process.threadCpuUsage();
  const wallLeft = session.wallEnd - began;
  if (cpuLeft <= 0) return { text: '', end: start.ends.cpu };
  // The isolate's timer is a clock: the room is for what others take of the processor. With one to itself, a program must meet
  // this timer before the parent's watch on CPU time, which leaves more room and ends a program without its last words.
  const clockLeft = 1.1 * cpuLeft + 100;
  const timeout = Math.max(1, Math.ceil(Math.min(clockLeft, wallLeft)));
  try {
    const text = entry.applySync(undefined, texts, { timeout }) as string | undefined;
    return { text: text ?? '', settled: true };
  } catch {
    const { cpu, starved, wall, memory } = start.ends;
    if (session.bridge.isolate.isDisposed) return { text: '', end: memory };
    // Rejections that the guest left unhandled arrive here too, with a message of its choice: only the clock is believed.
    if (performance.now() - began < timeout - 1) return { text: '' };
    if (clockLeft >= wallLeft) return { text: '', end: wall };
    const { user, system } = process.threadCpuUsage(cpuBefore);
    return { text: '', end: (user + system) / 1000 < cpuLeft ? starved : cpu };
  }
}

function beginProgram(session: Session): string {
  const { source, hasTypes, ends: _, ...settings } = session.start;
  const stripped = hasTypes ? strip(source, session.start.cpuMs) : { body: source };
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
  let bridge = prepared;
  let isUsed = false;
  for (let request = readRequest(); ; ) {
    const start = JSON.parse(request) as Start;
    if (isUsed || start.memoryMiB !== boot.memoryMiB) {
      if (!bridge.isolate.isDisposed) bridge.isolate.dispose();
      bridge = makeBridge(ivm, boot, start.memoryMiB);
    }
    isUsed = true;
    request = runProgram(bridge, start);
  }
}

/** Serves one program, and returns the request that starts the next one. */
function runProgram(bridge: Bridge, start: Start): string {
  if (start.hasTypes) loadStripper();
  const session = openSession(bridge, start);
  let reply = counted(session, () => beginProgram(session));
  for (;;) {
    writeReply(reply, session.cpuMicros);
    const request = readRequest();
    // Results are an array, a program is an object.
    if (request.startsWith('{')) return request;
    session.wallEnd = performance.now() + wallLeftMs;
    reply = counted(session, () => continueProgram(session, request));
  }
}

/**
 * Makes some calls of its own before there is a program, so that the engine has compiled what every call goes through:
 * the first few hundred calls of a program would otherwise take twice as long as the rest.
 */
function warmUp(bridge: Bridge, start: Start): void {
  const session = openSession(bridge, start);
  let reply = beginProgram(session);
  for (let id = 1; !reply.includes('"end":'); id++) {
    reply = continueProgram(session, `[{"id":${id},"v":{"id":${id},"name":"name"}}]`);
    encodeReply(reply, session.cpuMicros);
  }
  bridge.reset.applySync(undefined, []);
}

function parseEnd(ms: number): ChildEnd {
  const message = `Reading the program took more than ${ms} ms; it has not run. Nest fewer conditional expressions and arrow functions.`;
  return { status: 'timeout_cpu', error: { name: 'ParseTimeout', message } };
}

function rejectionsEnd(): ChildEnd {
  const message =
    'The program keeps leaving rejected promises unhandled. Await every promise, and catch what it throws.';
  return { status: 'guest_error', error: { name: 'UnhandledRejections', message } };
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
    ivm = loadIvm(boot);
    // Only now: on the command line it would void Node's own code cache.
    setFlagsFromString('--no-validate-asm');
    prepared = makeBridge(ivm, boot, boot.memoryMiB);
    if (boot.warmUp !== undefined) warmUp(prepared, boot.warmUp);
    const netDenied = process.permission?.has('net') === false;
    dropPermissions();
    ready = { ok: true, netDenied };
  } catch (error) {
    ready = { ok: false, error: (error as Error).message };
  }
  writeReply(JSON.stringify(ready), 0);
  if (!ready.ok || ivm === undefined || prepared === undefined) die();
  serve(boot, ivm, prepared);
}

process.removeAllListeners('warning');
main();
