type Crm = {
  get_contact(args: {
    email: string;
  }): Promise<{ contact: { name: string; phone: string; companyName: string } }>;
};

export default async function contactLookup(mcp: { crm: Crm }, { email }: { email: string }) {
  const { contact } = await mcp.crm.get_contact({ email });
  return { name: contact.name, phone: contact.phone, company: contact.companyName };
}
