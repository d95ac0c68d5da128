import { defineScenario } from '../../harness/scenario/scenario.ts';
import { officialServer } from '../official-server.ts';

const days = { vendor: 10, builders: 5, tester: 2 };

export default defineScenario({
  title: 'Think in four steps, each written after the one before',
  description:
    'The official server for sequential thinking has one tool, whose description is longer than most servers. Each call holds a thought that the model can only write once it has seen the one before, so a program never saves a round trip.',
  servers: { thinking: officialServer('sequential-thinking') },
  given: () => ({
    thoughtNumber: 1,
    thought: 'The vendor needs ten days, and the others wait for the part.',
  }),
  task: `A vendor delivers a part in ${days.vendor} days. Builders build it in within ${days.builders} days, once they have it. A tester then tests for ${days.tester} days. Work out in four recorded thoughts, each after the one before, how many days that takes. Answer with nothing but a JSON object {"thoughts", "days"}: how many thoughts were recorded, and the days.`,
  stresses: ['judgement', 'definitions'],
  prediction: {
    pattern: 'classic',
    because: 'each call is thought out by the model; code wraps every one of them in a program',
  },
  surprise:
    'Classic is ahead by 11 %, which is too close to call: one definition and short results leave little to lose.',
  truth: () => ({ thoughts: 4, days: days.vendor + days.builders + days.tester }),
});
