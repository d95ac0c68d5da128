import { expect, test } from 'vitest';
import { loadEstimate } from './estimate.ts';
import { toRange } from './token-counter.ts';

const orders = Array.from({ length: 12 }, (_, at) => ({
  id: `ord_${4100 + at * 37}`,
  customer: ['Hollis & Sons', 'Brightwater Ltd', 'Nakamura Trading'][at % 3],
  total: 129.5 + at * 17.25,
  currency: 'EUR',
  paid: at % 2 === 0,
  placedAt: `2026-03-${String(at + 10)}T08:${String(at + 15)}:00.000Z`,
}));

const program = `export default async function overdue(mcp, { days }) {
  const { invoices } = await mcp.billing.list_invoices({ status: 'open' });
  const limit = Date.now() - days * 86_400_000;
  const late = invoices.filter(({ dueAt }) => Date.parse(dueAt) < limit);
  const owners = await Promise.all(late.map(({ customerId }) => mcp.crm.get_customer({ id: customerId })));
  return late.map((invoice, at) => ({ number: invoice.number, owner: owners[at]?.email ?? null }));
}
`;

const prose =
  'The warehouse counts its stock twice a year. When a shelf holds fewer boxes than the ledger says, a clerk looks for them before anything is written off. Most of what is missing turns up within a week, usually one aisle further down.';

/** The same prose in languages that nothing was fitted on, with its counts: older models, newer models. */
const languages: [name: string, text: string, older: number, newer: number][] = [
  [
    'German',
    'Das Lager zählt seinen Bestand zweimal im Jahr. Wenn in einem Regal weniger Kisten stehen, als das Verzeichnis angibt, sucht ein Mitarbeiter danach, bevor etwas abgeschrieben wird. Die meisten fehlenden Lieferungen tauchen innerhalb einer Woche wieder auf, gewöhnlich einen Gang weiter unten.',
    95,
    145,
  ],
  [
    'French',
    'L’entrepôt compte ses stocks deux fois par an. Quand une étagère contient moins de cartons que le registre ne l’indique, un employé les cherche avant que l’on ne passe quoi que ce soit en perte.',
    60,
    76,
  ],
  [
    'Spanish',
    'El almacén cuenta sus existencias dos veces al año. Cuando un estante contiene menos cajas de las que indica el registro, un empleado las busca antes de que se dé nada por perdido. La mayor parte de lo que falta aparece en una semana, normalmente un pasillo más abajo.',
    73,
    99,
  ],
  [
    'Portuguese',
    'O armazém conta o seu estoque duas vezes por ano. Quando uma prateleira tem menos caixas do que o registro indica, um funcionário as procura antes que algo seja dado como perdido. A maior parte do que falta aparece em uma semana, geralmente um corredor mais abaixo.',
    71,
    100,
  ],
];

const keys = Array.from(
  { length: 8 },
  (_, at) =>
    `${(at * 2654435761 + 3735928559).toString(16).padStart(8, '0').slice(-8)}-4f1c-9${at}ab-${(at * 97 + 1234567891011).toString(16)}`,
).join('\n');

const table = ['| Aisle | Boxes | Missing |', '| :--- | ---: | ---: |']
  .concat(
    Array.from(
      { length: 10 },
      (_, at) => `| ${String.fromCharCode(65 + at)}${at + 1} | ${at * 13 + 40} | ${at % 4} |`,
    ),
  )
  .join('\n');

/**
 * Counted with sanderland/ctok 1.0.0, which gives the provider's counts on documents that it never saw: older models, newer models.
 */
const documents: [name: string, text: string, older: number, newer: number][] = [
  ['compact JSON', JSON.stringify(orders), 592, 828],
  ['pretty JSON', JSON.stringify(orders, null, 2), 929, 1069],
  ['a program', program, 154, 194],
  ['English prose', prose, 50, 73],
  ['keys', keys, 169, 191],
  ['a table', table, 161, 169],
];

test.each(documents)(
  '%s is estimated to within a tenth, for both families',
  async (_, text, older, newer) => {
    expect(Math.abs((await loadEstimate('claude-3')).count(text) / older - 1)).toBeLessThan(0.1);
    expect(Math.abs((await loadEstimate('claude-4.7')).count(text) / newer - 1)).toBeLessThan(0.1);
  },
);

test.each(languages)(
  '%s, which nothing was fitted on, is within its range',
  async (_, text, older, newer) => {
    for (const [family, counted] of [
      ['claude-3', older],
      ['claude-4.7', newer],
    ] as const) {
      const { low, high } = toRange((await loadEstimate(family)).measure(text));
      expect(low).toBeLessThanOrEqual(counted);
      expect(high).toBeGreaterThanOrEqual(counted);
    }
  },
);

test('German, whose capitals and long words cost more than their pieces tell, is within 8 %', async () => {
  const [, german, older, newer] = languages[0] ?? ['', '', 0, 0];
  expect(Math.abs((await loadEstimate('claude-3')).count(german) / older - 1)).toBeLessThan(0.08);
  expect(Math.abs((await loadEstimate('claude-4.7')).count(german) / newer - 1)).toBeLessThan(0.08);
});

test('all documents together are estimated to within 3 %', async () => {
  const { count } = await loadEstimate('claude-4.7');
  const sum = (of: (document: (typeof documents)[number]) => number) =>
    documents.reduce((total, document) => total + of(document), 0);
  expect(Math.abs(sum(([, text]) => count(text)) / sum(([, , , newer]) => newer) - 1)).toBeLessThan(0.03);
});
