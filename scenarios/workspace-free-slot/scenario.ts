import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/workspace/dataset.ts';

const day = '2026-07-07';

export default defineScenario({
  title: 'Find the first hour at which four people are free',
  description:
    'Four independent reads of small results, then arithmetic on times that models get wrong in their heads and programs do not.',
  servers: ({ seed }) => ({ workspace: { mock: 'workspace', options: { contacts: 200, seed } } }),
  tools: { workspace: ['get_free_busy', 'list_events', 'create_event', 'list_people'] },
  given: ({ seed }) => ({ emails: emails(seed), day }),
  task: ({ seed }) =>
    `When can ${emails(seed).join(', ')} first meet for one hour on ${day}? The meeting begins on the hour or half hour, at 08:00 at the earliest, and ends by 17:00, and none of them may be busy. Answer with nothing but a JSON object {"start"}: a timestamp in UTC such as ${day}T08:00:00Z, null if there is none.`,
  stresses: ['discovery'],
  prediction: {
    pattern: 'either',
    because: 'one round of four small reads; discovery weighs as much as their results',
  },
  surprise:
    'A program with all declarations in its prompt costs a sixth less: four calendars are some forty lines of times, and one time leaves the program.',
  truth: ({ seed }) => {
    const { events } = readDataset({ contacts: 200, seed });
    const wanted = emails(seed);
    const taken = new Set<number>();
    for (const { attendees, start, end } of events) {
      if (!start.startsWith(day) || !attendees.some((email) => wanted.includes(email))) continue;
      for (let ms = Date.parse(start); ms < Date.parse(end); ms += 1_800_000) taken.add(ms);
    }
    const first = Date.parse(`${day}T08:00:00Z`);
    const starts = Array.from({ length: 17 }, (_, index) => first + index * 1_800_000);
    const found = starts.find((ms) => !taken.has(ms) && !taken.has(ms + 1_800_000));
    return { start: found === undefined ? null : `${new Date(found).toISOString().slice(0, 19)}Z` };
  },
});

function emails(seed: number): string[] {
  return readDataset({ contacts: 200, seed })
    .people.slice(0, 4)
    .map(({ email }) => email);
}
