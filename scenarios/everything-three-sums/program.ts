type Everything = { get_sum(args: { a: number; b: number }): Promise<string> };

export default async function threeSums(
  mcp: { everything: Everything },
  { pairs }: { pairs: [number, number][] },
) {
  const texts = await Promise.all(pairs.map(([a, b]) => mcp.everything.get_sum({ a, b })));
  return texts.map((text) => Number(/is (-?\d+)\.$/.exec(text)?.[1]));
}
