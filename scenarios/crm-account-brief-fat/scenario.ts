import { defineScenario } from '../../harness/scenario/scenario.ts';
import { accountBrief } from '../account-brief.ts';

export default defineScenario({
  title: 'Prepare a call with a customer, on a fat server',
  description:
    'The same five reads on a server that returns each record with the history of every property, as some do. Beside crm-account-brief it shows what a better server saves, and what code saves.',
  ...accountBrief('fat'),
  stresses: ['payload', 'definitions'],
  prediction: {
    pattern: 'code',
    because: 'tens of kilobytes of history pass through, six values are wanted',
  },
});
