import { faker } from '@faker-js/faker/locale/en';
import type { Company, Contact } from '../schemas.ts';

// Only faker's word lists are used, as plain data: no generator of its is called, so no state of its is involved.
const { person } = faker.definitions;

export const FIRST_NAMES: readonly string[] = [
  ...(person.first_name.female ?? []),
  ...(person.first_name.male ?? []),
];
export const LAST_NAMES: readonly string[] = person.last_name.generic ?? [];

export const JOB_RANKS = [
  'Head of',
  'Director of',
  'VP',
  'Senior Manager,',
  'Manager,',
  'Lead,',
  'Specialist,',
];
export const JOB_AREAS = [
  'Procurement',
  'Operations',
  'Finance',
  'Facilities',
  'IT',
  'Supply Chain',
  'Human Resources',
  'Marketing',
  'Sales',
  'Workplace',
  'Quality',
  'Maintenance',
];

/** Country code, calling code, share of companies, cities. */
export const COUNTRIES: readonly (readonly [string, string, number, readonly string[]])[] = [
  ['DE', '+49', 26, ['Berlin', 'Hamburg', 'Munich', 'Cologne', 'Leipzig', 'Stuttgart']],
  ['FR', '+33', 16, ['Paris', 'Lyon', 'Lille', 'Nantes', 'Toulouse']],
  ['GB', '+44', 13, ['London', 'Manchester', 'Leeds', 'Bristol', 'Glasgow']],
  ['NL', '+31', 10, ['Amsterdam', 'Rotterdam', 'Utrecht', 'Eindhoven']],
  ['ES', '+34', 8, ['Madrid', 'Barcelona', 'Valencia', 'Bilbao']],
  ['IT', '+39', 8, ['Milan', 'Turin', 'Bologna', 'Rome']],
  ['PL', '+48', 6, ['Warsaw', 'Kraków', 'Wrocław', 'Gdańsk']],
  ['AT', '+43', 4, ['Vienna', 'Graz', 'Linz']],
  ['BE', '+32', 3, ['Antwerp', 'Ghent', 'Brussels']],
  ['SE', '+46', 3, ['Stockholm', 'Gothenburg', 'Malmö']],
  ['DK', '+45', 2, ['Copenhagen', 'Aarhus']],
  ['CH', '+41', 1, ['Zurich', 'Basel']],
];

/** Share of companies, and the words that end their names, by industry. */
export const INDUSTRY_WORDS: Record<Company['industry'], readonly [number, readonly string[]]> = {
  manufacturing: [20, ['Works', 'Precision', 'Manufacturing', 'Castings', 'Tools']],
  retail: [15, ['Stores', 'Retail', 'Outfitters', 'Market', 'Trading']],
  logistics: [12, ['Logistics', 'Freight', 'Transport', 'Warehousing', 'Shipping']],
  healthcare: [11, ['Health', 'Clinics', 'Medical', 'Care', 'Diagnostics']],
  software: [11, ['Labs', 'Software', 'Systems', 'Digital', 'Cloud']],
  construction: [9, ['Construction', 'Builders', 'Engineering', 'Projects', 'Concrete']],
  professional_services: [8, ['Partners', 'Advisory', 'Consulting', 'Associates', 'Legal']],
  hospitality: [6, ['Hotels', 'Hospitality', 'Catering', 'Resorts', 'Kitchens']],
  education: [5, ['Academy', 'Institute', 'Learning', 'College', 'Education']],
  energy: [3, ['Energy', 'Power', 'Solar', 'Grid', 'Renewables']],
};

export const SALES_TEAMS = ['DACH', 'Benelux and Nordics', 'France and Iberia', 'UK and East'];

/** Tags with their share of contacts, in order of name. */
export const TAGS: readonly (readonly [string, number])[] = [
  ['beta-program', 0.03],
  ['decision-maker', 0.18],
  ['do-not-call', 0.03],
  ['key-account', 0.06],
  ['newsletter', 0.42],
  ['price-sensitive', 0.06],
  ['trade-fair-2025', 0.11],
  ['webinar', 0.1],
];

export const CONTACT_NOTES: readonly Contact['notes'][] = [
  'Prefers email over phone calls.',
  'Best reached in the morning.',
  'Asks for delivery on pallets.',
  'Budget is decided in the fourth quarter.',
  'Needs a purchase order number on every invoice.',
  'Met at the trade fair, interested in seating.',
  'Orders for several sites of the company.',
  'Wants to hear about framework agreements.',
  'Took over the account from a colleague.',
  'Compares prices with two other suppliers.',
];
