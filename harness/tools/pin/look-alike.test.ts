import { describe, expect, it } from 'vitest';
import { isImitation, isLookAlike } from './look-alike.ts';

describe('a name', () => {
  it.each([
    ['githud', 'github'],
    ['g1thub', 'github'],
    ['githubb', 'github'],
    ['GitHub', 'github'],
    ['git-hub', 'github'],
    ['git_hub', 'github'],
    ['git.hub', 'github'],
    ['gıthub', 'github'],
    ['githuЬ', 'github'],
    ['gitһub', 'github'],
    ['ｇｉｔｈｕｂ', 'github'],
    ['git\u200bhub', 'github'],
    ['gíthub', 'github'],
    ['f1lesysten', 'filesystem'],
    ['filesytsem', 'filesystem'],
    ['crrn', 'crm'],
    ['CRM', 'crm'],
  ])('%j imitates %j', (name, other) => {
    expect(isImitation(name, other)).toBe(true);
    expect(isImitation(other, name)).toBe(true);
  });

  it.each([
    ['github', 'github'],
    ['github', 'gitlab'],
    ['crm', 'cms'],
    ['git', 'gut'],
    ['slack', 'stripe'],
    ['postgres', 'mysql'],
    ['search_files', 'search_notes'],
  ])('%j does not imitate %j', (name, other) => {
    expect(isImitation(name, other)).toBe(false);
  });

  it.each([
    ['get_issue', 'get_issues'],
    ['list_file', 'list_files'],
  ])('%j is close to %j, and does not look the same', (name, other) => {
    expect(isLookAlike(name, other)).toBe(false);
  });

  it('looks the same as one with a letter of another script, a digit for a letter or another separator', () => {
    for (const name of ['get_іssue', 'get_1ssue', 'get-issue', 'getIssue', 'GET_ISSUE', 'get_issuе']) {
      expect(isLookAlike(name, 'get_issue'), name).toBe(true);
    }
  });
});
