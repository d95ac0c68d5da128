import { EventEmitter } from 'node:events';
import { fstatSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { expect, test } from 'vitest';
import { InfrastructureError } from './errors.ts';
import { refuseWithoutDescriptors, refuseWithoutPipes } from './without-pipes.ts';

test('a process without streams is refused, and its later error ends nothing', () => {
  const child = new EventEmitter() as EventEmitter & { stdio: undefined };
  child.stdio = undefined;
  expect(() => refuseWithoutPipes(child as never)).toThrow(InfrastructureError);
  expect(() => child.emit('error', new Error('spawn EMFILE'))).not.toThrow();
});

test('a process with streams is taken', () => {
  expect(() => refuseWithoutPipes({ stdio: [] } as never)).not.toThrow();
});

test('too few descriptors for an event loop are refused, and those tried are closed', () => {
  const opened: number[] = [];
  const open = () => {
    if (opened.length === 3)
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const descriptor = openSync(devNull, 'r');
    opened.push(descriptor);
    return descriptor;
  };
  expect(() => refuseWithoutDescriptors(open)).toThrow(InfrastructureError);
  expect(opened).toHaveLength(3);
  for (const descriptor of opened) expect(() => fstatSync(descriptor)).toThrow('EBADF');
});

test('enough descriptors are no reason to refuse', () => {
  expect(() => refuseWithoutDescriptors()).not.toThrow();
});
