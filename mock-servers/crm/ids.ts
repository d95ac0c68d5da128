import { idForm } from '../values.ts';

/** Writes the id of the `number`th row of each kind, counted from 1. */
export const idOf = {
  contact: idForm('con_', 6),
  company: idForm('com_', 5),
  order: idForm('ord_', 7),
  deal: idForm('deal_', 5),
  activity: idForm('act_', 7),
  user: idForm('usr_', 2),
};
