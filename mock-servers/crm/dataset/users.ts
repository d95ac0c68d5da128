import { createRandom } from '../../random.ts';
import { idOf } from '../ids.ts';
import type { User } from '../schemas.ts';
import { FIRST_NAMES, LAST_NAMES, SALES_TEAMS } from './vocabulary.ts';

/** The account's own people: 4 for an empty account, 26 for 5,000 contacts, growing with the square root. */
export function makeUsers(contacts: number, seed: number): User[] {
  const random = createRandom(seed, 'users');
  const count = Math.min(60, 4 + Math.floor(Math.sqrt(contacts / 10)));
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    let first: string;
    let last: string;
    do {
      first = random.pick(FIRST_NAMES);
      last = random.pick(LAST_NAMES);
    } while (taken.has(last));
    taken.add(last);
    return {
      id: idOf.user(index + 1),
      name: `${first} ${last}`,
      email: `${first}.${last}@ourcompany.example`.toLowerCase().replaceAll(/[^a-z.@]/g, ''),
      role: index < 2 ? 'sales_manager' : random.chance(0.6) ? 'account_executive' : 'account_manager',
      team: random.pick(SALES_TEAMS),
      // The first people stay, so that there is always someone to give work to.
      active: index < 4 || random.chance(0.9),
    };
  });
}
