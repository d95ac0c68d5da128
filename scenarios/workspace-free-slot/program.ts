type Busy = { start: string; end: string };
type Workspace = { get_free_busy(args: { email: string; day: string }): Promise<{ busy: Busy[] }> };
type Input = { emails: string[]; day: string };

export default async function freeSlot(mcp: { workspace: Workspace }, { emails, day }: Input) {
  const all = await Promise.all(emails.map((email) => mcp.workspace.get_free_busy({ email, day })));
  const busy = all.flatMap((each) => each.busy);
  for (let half = 16; half <= 32; half += 1) {
    const at = (halves: number) =>
      `${day}T${String(halves >> 1).padStart(2, '0')}:${halves % 2 ? '30' : '00'}:00Z`;
    if (!busy.some(({ start, end }) => start < at(half + 2) && end > at(half))) return { start: at(half) };
  }
  return { start: null };
}
