type Workspace = {
  list_mail(args: { label: string; query: string }): Promise<{ mails: { threadId: string }[] }>;
  list_mail(args: { threadId: string }): Promise<{ mails: { id: string }[] }>;
  read_mail(args: { id: string }): Promise<string>;
  send_mail(args: { from: string; to: string[]; subject: string; body: string }): Promise<unknown>;
  append_to_document(args: { id: string; text: string }): Promise<unknown>;
};

async function readThread(mcp: { workspace: Workspace }, { documentId }: { documentId: string }) {
  const { mails } = await mcp.workspace.list_mail({ label: 'approval', query: documentId });
  const thread = await mcp.workspace.list_mail({ threadId: mails[0]?.threadId ?? '' });
  return Promise.all(thread.mails.map(({ id }) => mcp.workspace.read_mail({ id })));
}

type Decision = { documentId: string; from: string; to: string; approved: boolean };

async function act(mcp: { workspace: Workspace }, { documentId, from, to, approved }: Decision) {
  if (approved)
    await mcp.workspace.send_mail({ from, to: [to], subject: documentId, body: 'The report is final.' });
  else await mcp.workspace.append_to_document({ id: documentId, text: 'Held back.' });
  return { sent: approved };
}

export const steps = [
  { program: readThread },
  {
    look: (mails: unknown) => ({
      approved: /can go out as it is|Fine with me/.test((mails as string[]).at(-1) ?? ''),
    }),
    program: act,
  },
];
