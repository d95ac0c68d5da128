import { createRandom, type Random, weighted } from '../../random.ts';
import { DAY_MS, NOW_MS, timestamp } from '../../values.ts';
import { idOf } from '../ids.ts';
import { type Company, INDUSTRIES, type Segment, type User } from '../schemas.ts';
import { COUNTRIES, INDUSTRY_WORDS, LAST_NAMES } from './vocabulary.ts';

/** Average number of contacts of a company. */
const CONTACTS_PER_COMPANY = 12;

const drawCountry = weighted(COUNTRIES.map((country) => [country, country[2]] as const));
const drawIndustry = weighted(INDUSTRIES.map((industry) => [industry, INDUSTRY_WORDS[industry][0]] as const));

/** Companies with a `contactCount` of 0 and the present as `createdAt`: both follow from the contacts. */
export function makeCompanies(contacts: number, users: readonly User[], seed: number): Company[] {
  const random = createRandom(seed, 'companies');
  const active = users.filter((user) => user.active);
  const domains = new Set<string>();
  return Array.from({ length: Math.ceil(contacts / CONTACTS_PER_COMPANY) }, (_, index) => {
    const industry = drawIndustry(random);
    const { name, domain } = drawName(random, INDUSTRY_WORDS[industry][1], domains);
    const [country, , , cities] = drawCountry(random);
    const employees = Math.max(2, Math.round(Math.exp(4.6 + 1.7 * random.normal())));
    return {
      id: idOf.company(index + 1),
      name,
      domain,
      industry,
      segment: segmentOf(employees, random),
      employees,
      city: random.pick(cities),
      country,
      ownerId: random.pick(active).id,
      contactCount: 0,
      createdAt: timestamp(NOW_MS),
    };
  });
}

/**
 * The index of a company for each contact: every company gets one contact, the rest spread by a Zipf–Mandelbrot law
 * (weight 1 / (rank + 3)), which gives the largest company about 5 % of 5,000 contacts.
 */
export function assignCompanies(contacts: number, companies: number, seed: number): number[] {
  const random = createRandom(seed, 'employment');
  const ranked = shuffled(
    Array.from({ length: companies }, (_, index) => index),
    random,
  );
  const assignment = [...ranked];
  if (contacts > companies) {
    const drawCompany = weighted(ranked.map((company, rank) => [company, 1 / (rank + 4)] as const));
    while (assignment.length < contacts) assignment.push(drawCompany(random));
  }
  return shuffled(assignment, random);
}

/** When a company was created whose first contact was created at `firstContactMs`, in milliseconds since 1970. */
export function companyCreatedMs(firstContactMs: number, random: Random): number {
  return firstContactMs - random.integer(0, 30 * DAY_MS);
}

/** Sales rules of thumb: size decides, except that some small companies are startups. */
function segmentOf(employees: number, random: Random): Segment {
  if (employees >= 1_000) return 'enterprise';
  if (employees >= 150) return 'mid_market';
  return random.chance(0.25) ? 'startup' : 'small_business';
}

/** A company name whose domain is not taken yet. All domains are under .example, which RFC 2606 reserves. */
function drawName(
  random: Random,
  words: readonly string[],
  domains: Set<string>,
): { name: string; domain: string } {
  for (;;) {
    const partner = random.chance(0.2) ? ` & ${random.pick(LAST_NAMES)}` : '';
    const name = `${random.pick(LAST_NAMES)}${partner} ${random.pick(words)}`;
    const domain = `${name
      .toLowerCase()
      .replaceAll("'", '')
      .replaceAll(/[^a-z]+/g, '-')}.example`;
    if (domains.has(domain)) continue;
    domains.add(domain);
    return { name, domain };
  }
}

/** Fisher–Yates on a copy. */
function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.integer(0, index);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
