type Thought = { thought: string; thoughtNumber: number; totalThoughts: number; nextThoughtNeeded: boolean };
type Thinking = { sequentialthinking(args: Thought): Promise<{ thoughtHistoryLength: number }> };

async function think(
  mcp: { thinking: Thinking },
  { thought, thoughtNumber }: { thought: string; thoughtNumber: number },
) {
  const step = { thought, thoughtNumber, totalThoughts: 4, nextThoughtNeeded: thoughtNumber < 4 };
  const { thoughtHistoryLength } = await mcp.thinking.sequentialthinking(step);
  return { thoughts: thoughtHistoryLength, ...(thoughtNumber === 4 && { days: 17 }) };
}

/** What the model thinks once it has seen how many thoughts there are. */
const next = (thoughtNumber: number, thought: string) => ({
  look: () => ({ thoughtNumber, thought }),
  program: think,
});

export const steps = [
  { program: think },
  next(2, 'The builders wait for the vendor, and the tester for the builders.'),
  next(3, 'So nothing runs side by side: ten, five and two days come one after the other.'),
  next(4, 'That makes seventeen days, which is within the limit of twenty.'),
];
