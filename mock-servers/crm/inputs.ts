import { z } from 'zod';

/** Arguments that several tools take, so that they are worded and checked alike. */

export const contactId = z.string().describe('Contact id, such as con_000123');
export const companyId = z.string().describe('Company id, such as com_00042');
export const dealId = z.string().describe('Deal id, such as deal_00123');
export const ownerId = z.string().describe('User id, such as usr_07');
export const country = z.string().length(2).toUpperCase().describe('ISO 3166-1 alpha-2 code, such as DE');
export const timestamp = z.iso.datetime({ offset: true });
export const tags = z.array(z.string().trim().min(1).max(40)).max(20);
export const searchText = z.string().trim().min(2).max(200);
export const searchLimit = z.int().min(1).max(50).default(10).describe('Most results');
