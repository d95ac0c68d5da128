import { jsonAnswer } from '../../harness/scenario/grade.ts';
import { defineScenario } from '../../harness/scenario/scenario.ts';
import { readDataset } from '../../mock-servers/workspace/dataset.ts';
import { createdRows } from '../created-rows.ts';

export default defineScenario({
  title: 'Enter the receipts of an inbox into a sheet',
  description:
    'An expense report: mails in plain text are read, one line of each is wanted, and all of them end up in a table that the model need not write out.',
  servers: ({ seed }) => ({ workspace: { mock: 'workspace', options: { contacts: 200, seed } } }),
  task: 'Read all mails labelled receipt and enter them into a new sheet "Receipts" with the headings mail, vendor and amount: one row for each mail, in the order of the list, with the id of the mail, the vendor of its subject, and its total as a number. Answer with nothing but a JSON object {"receipts", "total"}: how many there are, and the sum of their totals.',
  writes: true,
  stresses: ['payload', 'writes', 'definitions'],
  prediction: { pattern: 'code', because: 'eighteen texts in, a table out, and neither has to be seen' },
  truth: ({ seed }) => {
    const { receipts } = readDataset({ contacts: 200, seed });
    const cents = receipts.map(({ amount }) => Math.round(amount * 100));
    return { receipts: cents.length, total: cents.reduce((sum, each) => sum + each, 0) / 100 };
  },
  graders: [
    jsonAnswer({ decimals: 2 }),
    createdRows('workspace', ({ seed }) => {
      const rows = readDataset({ contacts: 200, seed }).receipts.map(({ mailId, vendor, amount }) => [
        mailId,
        vendor,
        amount,
      ]);
      return [
        { entity: 'sheet', fields: { title: 'Receipts', rows: [['mail', 'vendor', 'amount'], ...rows] } },
      ];
    }),
  ],
});
