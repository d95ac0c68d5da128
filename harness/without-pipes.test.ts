import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { InfrastructureError } from './errors.ts';
import { refuseWithoutPipes } from './without-pipes.ts';

test('a process without streams is refused, and its later error ends nothing', () => {
  const child = new EventEmitter() as EventEmitter & { stdio: undefined };
  child.stdio = undefined;
  expect(() => refuseWithoutPipes(child as never)).toThrow(InfrastructureError);
  expect(() => child.emit('error', new Error('spawn EMFILE'))).not.toThrow();
});

test('a process with streams is taken', () => {
  expect(() => refuseWithoutPipes({ stdio: [] } as never)).not.toThrow();
});
