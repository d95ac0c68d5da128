import { describe, expect, test } from 'vitest';
import { patternbench } from '../testing/command-line.ts';

describe('patternbench doctor', () => {
  test('tries the walls of a level and finds those open that the level does not claim', async () => {
    const { code, stdout } = await patternbench(['doctor', '--level', 'L1', '--json']);
    expect(code).toBe(0);
    const { level, walls } = JSON.parse(stdout) as {
      level: string;
      walls: { wall: string; held: boolean }[];
    };
    expect(level).toBe('L1');
    const held = (wall: string) => walls.find((each) => each.wall === wall)?.held;
    expect(held('read a file')).toBe(false);
    expect(held('see environment variables')).toBe(true);
    expect(held('wall time')).toBe(true);
  });

  test('finds files, network and processes closed at the highest level of this machine', async () => {
    const { code, stdout } = await patternbench(['doctor']);
    expect(stdout).toMatch(/Isolation level L[23]\./);
    expect(stdout).toMatch(/^TCP connection\s+holds/m);
    expect(stdout).not.toContain('DOES NOT HOLD');
    expect(code).toBe(0);
  });
});
