import { z } from 'zod';

// What several tools of the CRM take, worded and checked alike.

export const contactId = z.string().describe('Contact id, such as con_000123');
export const companyId = z.string().describe('Company id, such as com_00042');
export const dealId = z.string().describe('Deal id, such as deal_00123');
export const ownerId = z.string().describe('User id, such as usr_07');
export const tags = z.array(z.string().trim().min(1).max(40)).max(20);
