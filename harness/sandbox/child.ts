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

function writeReply(json: string, cpuMicros: number): void {
  const bytes = Buffer.byteLength(json);
  const frame = bytes + 8 > scratch.length ? Buffer.allocUnsafe(bytes + 8) : scratch;
  frame.writeUInt32LE(bytes, 0);
  frame.writeUInt32LE(Math.min(cpuMicros, 0xffffffff), 4);
  frame.write(json, 8, 'utf8');
  for (let sent = 0; sent < bytes + 8; ) sent += writeSync(1, frame, sent, bytes + 8 - sent);
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
  return { isolate, start: get('start'), settle: get('settle'), take: get('take') };
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

/** The program as JavaScript, character for character where it was, or why it is none. */
function strip(source: string): { body: string } | { end: ChildEnd } {
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

function serve(boot: Boot, ivm: Ivm, prepared: Bridge): never {
  const start = JSON.parse(readRequest()) as Start;
  let bridge = prepared;
  if (start.memoryMiB !== boot.memoryMiB) {
    prepared.isolate.dispose();
    bridge = makeBridge(ivm, boot, start.memoryMiB);
  }
  const { isolate } = bridge;
  const cpuBefore = isolate.cpuTime;
  const cpuMicros = () => {
    try {
      return Number((isolate.cpuTime - cpuBefore) / 1000n);
    } catch {
      return 0;
    }
  };
  const wallEnd = performance.now() + start.wallMs;

  const answer = (end?: ChildEnd): void => {
    const used = cpuMicros();
    let reply: string;
    try {
      const stopped = end === undefined ? '' : JSON.stringify(end);
      reply = bridge.take.applySync(undefined, [stopped], {
        timeout: end === undefined ? 1000 : 200,
      }) as string;
    } catch {
      reply = JSON.stringify({
        calls: [],
        logs: '',
        logBytes: 0,
        end: end ?? memoryEnd(start),
      } satisfies Reply);
    }
    writeReply(reply, used);
  };

  /** Resumes the isolate; the end it met with, if it is one that the isolate cannot tell itself. */
  const resume = (run: (timeout: number) => unknown): ChildEnd | undefined => {
    const cpuLeft = start.cpuMs - cpuMicros() / 1000;
    const wallLeft = wallEnd - performance.now();
    if (cpuLeft <= 0) return cpuEnd(start);
    const timeout = Math.max(1, Math.ceil(Math.min(cpuLeft, wallLeft)));
    const began = performance.now();
    try {
      run(timeout);
      return undefined;
    } catch {
      if (isolate.isDisposed) return memoryEnd(start);
      // Rejections that the guest left unhandled arrive here too, with a message of its choice: only the clock is believed.
      if (performance.now() - began < timeout - 1) return undefined;
      return cpuLeft < wallLeft ? cpuEnd(start) : wallEndOf(start);
    }
  };

  const stripped = strip(start.source);
  const wrong = 'end' in stripped ? stripped.end : earlyError(isolate, stripped.body);
  if ('end' in stripped || wrong !== undefined) {
    answer(wrong);
  } else {
    const body = `"use strict";\n${stripped.body}\n//# sourceURL=program.ts\n`;
    const { source: _, ...settings } = start;
    let refused = '';
    const end = resume((timeout) => {
      refused = bridge.start.applySync(undefined, [body, JSON.stringify(settings)], { timeout }) as string;
    });
    answer(
      end ??
        (refused === ''
          ? undefined
          : syntaxError(`The program is not the body of one function: ${refused}.`, {})),
    );
  }
  for (;;) {
    const batch = readRequest();
    answer(resume((timeout) => bridge.settle.applySync(undefined, [batch], { timeout })));
  }
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
    stripTypeScriptTypes('let ready: true;');
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
