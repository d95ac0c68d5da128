const FORMS = {
  contact: ['con_', 6],
  company: ['com_', 5],
  order: ['ord_', 7],
  deal: ['deal_', 5],
  activity: ['act_', 7],
  user: ['usr_', 2],
} as const;

/** The id of the `number`th thing of its kind, counted from 1, such as con_000123. Ids of a kind sort by number. */
export function idOf(kind: keyof typeof FORMS, number: number): string {
  const [prefix, digits] = FORMS[kind];
  return `${prefix}${String(number).padStart(digits, '0')}`;
}
