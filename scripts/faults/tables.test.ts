import { describe, expect, test } from 'vitest';
import { badArguments } from './inputs/arguments.ts';
import { badConfigs } from './inputs/configs.ts';
import { badPrograms } from './inputs/programs.ts';
import { badScenarios } from './inputs/scenarios.ts';
import { httpModes, stdioModes } from './modes.ts';

const inputs = [...badArguments, ...badConfigs, ...badScenarios, ...badPrograms];

describe('the tables of faults', () => {
  test('name every case once, in letters that a shell takes as they are', () => {
    const names = [...Object.keys(stdioModes), ...Object.keys(httpModes), ...inputs.map(({ name }) => name)];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9.-]+$/);
  });

  test('hold the numbers that the project speaks of', () => {
    expect(Object.keys(stdioModes).length).toBeGreaterThan(67);
    expect(Object.keys(httpModes).length).toBeGreaterThan(48);
    expect(inputs.length).toBeGreaterThan(350);
  });

  test('never take a failed check, exit code 1, for an answer to a hostile server', () => {
    for (const { exits } of [...Object.values(stdioModes), ...Object.values(httpModes)]) {
      expect(exits.length).toBeGreaterThan(0);
      for (const exit of exits) expect([0, 3]).toContain(exit);
    }
  });
});
