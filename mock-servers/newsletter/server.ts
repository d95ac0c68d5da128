import { z } from 'zod';
import { contactsOption, defineMockServer, seedOption } from '../mock-server.ts';
import { changesOf, Table } from '../table.ts';
import { campaignTools } from './campaign-tools.ts';
import { type Dataset, idOf, makeDataset } from './dataset.ts';
import { subscriberTools } from './subscriber-tools.ts';

export type Account = ReturnType<typeof openAccount>;

function openAccount(data: Dataset) {
  return {
    lists: new Table('list', data.lists, idOf.list),
    subscribers: new Table('subscriber', data.subscribers, idOf.subscriber, ['updatedAt']),
    templates: new Table('template', data.templates, idOf.template),
    campaigns: new Table('campaign', data.campaigns, idOf.campaign, ['sentAt']),
    sends: new Table('send', data.sends, idOf.send),
  };
}

export default defineMockServer({
  name: 'newsletter',
  title: 'Newsletter',
  version: '1.0.0',
  instructions:
    'Lists, subscribers, campaigns and sends of a supplier’s newsletters. Subscribers are contacts of its CRM. Nothing may be sent to who is not subscribed or has no consent on record. Timestamps are in UTC. Lists come in pages: pass nextCursor as cursor until it is null.',
  options: z.object({
    contacts: contactsOption('Contacts of the CRM whose subscriptions these are'),
    seed: seedOption,
  }),
  create(options) {
    const account = openAccount(makeDataset(options));
    return {
      tools: [...subscriberTools(account), ...campaignTools(account, options.seed)],
      changes: () => changesOf(...Object.values(account)),
    };
  },
});
