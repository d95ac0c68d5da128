import { allFakers, type Faker } from '@faker-js/faker';
import type { Document } from './recorded.ts';

/** Documents of each kind and locale. */
const each = 14;

type Make = (faker: Faker, rows: number) => string;

const record = (faker: Faker) => ({
  id: faker.string.uuid(),
  name: faker.person.fullName(),
  email: faker.internet.email(),
  city: faker.location.city(),
  amount: faker.number.float({ max: 5000, fractionDigits: 2 }),
  active: faker.datatype.boolean(),
  tags: faker.helpers.arrayElements(['vip', 'trial', 'churn-risk', 'newsletter', 'partner'], 2),
  createdAt: faker.date.past({ refDate: '2026-01-01' }).toISOString(),
  address: { street: faker.location.streetAddress(), zip: faker.location.zipCode() },
});

const order = (faker: Faker) => ({
  orderId: faker.number.int(99_999),
  customer_id: `cus_${faker.string.alphanumeric(14)}`,
  status: faker.helpers.arrayElement(['open', 'paid', 'shipped', 'cancelled']),
  total: faker.number.int(100_000),
  currency: faker.finance.currencyCode(),
  items: Array.from({ length: 2 }, () => ({
    sku: faker.commerce.isbn(),
    title: faker.commerce.productName(),
    quantity: faker.number.int(9),
    unitPrice: faker.number.float({ max: 300, fractionDigits: 2 }),
  })),
});

const list = <Row>(rows: number, make: () => Row): Row[] => Array.from({ length: rows }, make);

/** Kinds of data that tools return. */
const kinds: Record<string, Make> = {
  'compact JSON': (faker, rows) =>
    JSON.stringify({ items: list(rows, () => (rows % 2 ? record(faker) : order(faker))), next: null }),
  'pretty JSON': (faker, rows) =>
    JSON.stringify(
      list(rows, () => (rows % 2 ? order(faker) : record(faker))),
      null,
      2,
    ),
  CSV: (faker, rows) =>
    ['id,date,customer,amount,quantity,country']
      .concat(
        list(rows, () =>
          [
            faker.number.int(99_999),
            faker.date.past({ refDate: '2026-01-01' }).toISOString().slice(0, 10),
            faker.person.fullName(),
            faker.finance.amount(),
            faker.number.int(99),
            faker.location.countryCode(),
          ].join(','),
        ),
      )
      .join('\n'),
  'tables of numbers': (faker, rows) =>
    list(rows * 2, () => list(6, () => faker.number.float({ max: 1000, fractionDigits: 3 })).join('\t')).join(
      '\n',
    ),
  'UUIDs and hashes': (faker, rows) =>
    list(rows, () =>
      faker.helpers.arrayElement([
        faker.string.uuid(),
        faker.git.commitSha(),
        faker.string.alphanumeric(24),
        faker.string.hexadecimal({ length: 32, prefix: '' }),
        faker.string.nanoid(),
      ]),
    ).join('\n'),
  'Markdown tables': (faker, rows) =>
    ['| Product | Price | Stock | Department |', '| --- | ---: | ---: | --- |']
      .concat(
        list(
          rows,
          () =>
            `| ${faker.commerce.productName()} | ${faker.commerce.price()} | ${faker.number.int(500)} | ${faker.commerce.department()} |`,
        ),
      )
      .join('\n'),
  logs: (faker, rows) =>
    list(
      rows,
      () =>
        `${faker.date.recent({ refDate: '2026-01-01' }).toISOString()} ${faker.helpers.arrayElement(['INFO', 'WARN', 'ERROR', 'DEBUG'])} [${faker.hacker.noun()}-${faker.number.int(30)}] ${faker.hacker.phrase()} ip=${faker.internet.ip()} took=${faker.number.int(2000)}ms path=${faker.system.filePath()}`,
    ).join('\n'),
  'URLs and paths': (faker, rows) =>
    list(rows, () =>
      faker.helpers.arrayElement([
        faker.internet.url(),
        `${faker.internet.url()}/${faker.lorem.slug()}?page=${faker.number.int(50)}&id=${faker.string.alphanumeric(8)}`,
        faker.system.filePath(),
        faker.image.url(),
      ]),
    ).join('\n'),
  HTML: (faker, rows) =>
    list(
      rows,
      () =>
        `<div class="card" data-id="${faker.number.int(9999)}">\n  <h2>${faker.commerce.productName()}</h2>\n  <p>${faker.commerce.productDescription()}</p>\n  <a href="${faker.internet.url()}">${faker.lorem.words(2)}</a>\n</div>`,
    ).join('\n'),
  YAML: (faker, rows) =>
    list(
      rows,
      () =>
        `- name: ${faker.commerce.productName()}\n  version: ${faker.system.semver()}\n  owner:\n    email: ${faker.internet.email()}\n    team: ${faker.commerce.department().toLowerCase()}\n  enabled: ${faker.datatype.boolean()}\n  retries: ${faker.number.int(9)}`,
    ).join('\n'),
  base64: (faker, rows) =>
    Buffer.from(faker.string.sample({ min: rows * 12, max: rows * 24 })).toString('base64'),
};

/** Locales whose names, addresses and texts stand in JSON. */
const locales = [
  'fr',
  'de',
  'es',
  'pt_BR',
  'it',
  'pl',
  'ja',
  'zh_CN',
  'ko',
  'ru',
  'ar',
  'tr',
  'el',
  'uk',
] as const;

/** Made-up data as tools return it, from one seed: the same each time. Group by kind and number. */
export function makeData(): Omit<Document, 'tokens'>[] {
  const english = allFakers.en;
  const made = Object.entries(kinds).flatMap(([kind, make], at) => {
    english.seed(1000 + at);
    return list(each * 3, () => 0).map((_, number) => {
      const rows = Math.ceil(2 ** english.number.float({ max: 6 }));
      return { kind, group: `${kind} ${number}`, text: make(english, rows) };
    });
  });
  const foreign = locales.flatMap((locale, at) => {
    const faker = allFakers[locale];
    faker.seed(2000 + at);
    return list(each, () => 0).map((_, number) => {
      const rows = Math.ceil(2 ** faker.number.float({ max: 5 }));
      return {
        kind: 'JSON in other languages',
        group: `locale ${locale} ${number}`,
        text: JSON.stringify(
          list(rows, () => record(faker)),
          null,
          number % 2 ? 2 : 0,
        ),
      };
    });
  });
  return [...made, ...foreign];
}
