import { defineScenario } from '../../harness/scenario/scenario.ts';
import { accountBrief } from '../account-brief.ts';

export default defineScenario({
  title: 'Prepare a call with a customer, on a lean server',
  description:
    'Five reads about one company on a server that returns the fields of its records and nothing else. Beside crm-account-brief-fat it shows what a better server saves.',
  ...accountBrief('lean'),
  stresses: ['definitions', 'discovery'],
  prediction: {
    pattern: 'either',
    because: 'one round of small reads favours classic, twenty-seven definitions up front speak for code',
  },
});
