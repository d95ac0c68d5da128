type Desk = { find_requester(args: { email: string }): Promise<{ tickets: number }> };

export default async function knownRequester(mcp: { desk: Desk }, { email }: { email: string }) {
  try {
    const { tickets } = await mcp.desk.find_requester({ email });
    return { known: true, tickets };
  } catch {
    return { known: false, tickets: 0 };
  }
}
