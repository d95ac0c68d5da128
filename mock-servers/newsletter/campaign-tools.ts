import { z } from 'zod';
import { listTool } from '../list-tools.ts';
import * as lists from '../lists.ts';
import { defineTextTool, defineTool, type MockTool, MockToolError } from '../mock-server.ts';
import { NOW } from '../values.ts';
import * as data from './dataset.ts';
import type { Account } from './server.ts';
import { mayReceive } from './subscriber-tools.ts';

const campaignId = z.string().describe('Such as cmp_007');
const shortCampaign = z.object({
  id: z.string(),
  status: data.campaignSchema.shape.status,
  recipientCount: z.int(),
});

/** Tools for campaigns, their review and their sends. */
export function campaignTools(
  { subscribers, templates, campaigns, sends }: Account,
  seed: number,
): MockTool[] {
  const short = ({ id, status, recipientCount }: data.Campaign) => ({ id, status, recipientCount });
  return [
    defineTool({
      name: 'list_campaigns',
      title: 'List campaigns',
      description: 'Returns all campaigns without their recipients, oldest first.',
      input: z.strictObject({ status: data.campaignSchema.shape.status.optional() }),
      output: z.object({ campaigns: z.array(data.campaignSchema) }),
      annotations: lists.reads,
      handle({ status }) {
        const matches = campaigns.all().filter((each) => status === undefined || each.status === status);
        return { campaigns: matches.map((each) => data.campaignSchema.parse(each)) };
      },
    }),
    listTool({
      name: 'list_templates',
      title: 'List templates',
      description: 'Returns the templates of mails.',
      key: 'templates',
      schema: data.templateSchema,
      table: templates,
      filters: {},
    }),
    defineTextTool({
      name: 'get_template_html',
      title: 'Get the HTML of a template',
      description: 'Returns the HTML of a template with its placeholders.',
      input: z.strictObject({ id: z.string().describe('Such as tpl_01') }),
      annotations: lists.reads,
      handle: ({ id }) => templateHtml(templates.need(id).name),
    }),
    defineTool({
      name: 'create_campaign',
      title: 'Create a campaign',
      description:
        'Creates a draft for these recipients. Refuses all of it where something may not be sent to one of them.',
      input: z.strictObject({
        name: z.string().min(1).max(120),
        subject: z.string().min(1).max(200),
        templateId: z.string().describe('Such as tpl_01'),
        recipientIds: z.array(z.string()).min(1).max(5_000).describe('Ids of subscribers'),
      }),
      output: shortCampaign,
      annotations: lists.creates,
      handle(args) {
        templates.need(args.templateId);
        const barred = args.recipientIds.find((id) => !mayReceive(subscribers.need(id)));
        if (barred !== undefined) throw new MockToolError(`recipientIds: nothing may be sent to ${barred}`);
        const campaign: data.Campaign = {
          id: campaigns.newId(),
          ...args,
          recipientCount: args.recipientIds.length,
          status: 'draft',
          sentAt: null,
        };
        campaigns.put(campaign);
        return short(campaign);
      },
    }),
    defineTool({
      name: 'request_review',
      title: 'Request a review',
      description: 'Puts a draft before its reviewer and returns what they say about it.',
      input: z.strictObject({ campaignId }),
      output: z.object({ campaignId: z.string(), reviewer: z.string(), comment: z.string() }),
      annotations: lists.replaces,
      handle(args) {
        const campaign = campaigns.need(args.campaignId);
        if (campaign.status === 'sent')
          throw new MockToolError(`campaignId: ${campaign.id} was sent already`);
        campaigns.put({ ...campaign, status: 'in_review' });
        const { comment } = data.reviewOf(campaign.id, seed);
        return { campaignId: campaign.id, reviewer: 'Ines Marte', comment };
      },
    }),
    defineTool({
      name: 'send_campaign',
      title: 'Send a campaign',
      description: 'Sends a campaign that was reviewed. This cannot be undone.',
      input: z.strictObject({ campaignId }),
      output: shortCampaign,
      annotations: { ...lists.creates, destructiveHint: true, openWorldHint: true },
      handle(args) {
        const campaign = campaigns.need(args.campaignId);
        if (campaign.status !== 'in_review') {
          throw new MockToolError(
            `campaignId: ${campaign.id} is ${campaign.status}; only a reviewed one can be sent`,
          );
        }
        const sent: data.Campaign = { ...campaign, status: 'sent', sentAt: NOW };
        campaigns.put(sent);
        return short(sent);
      },
    }),
    listTool({
      name: 'list_sends',
      title: 'List sends',
      description: `Returns what became of each mail of a campaign. ${lists.paged}`,
      key: 'sends',
      schema: data.sendSchema,
      table: sends,
      filters: { campaignId: campaignId.optional(), delivery: data.delivery.optional() },
    }),
    defineTool({
      name: 'get_campaign_stats',
      title: 'Get figures of a campaign',
      description: 'Returns how many mails of a campaign were sent, delivered, opened and clicked.',
      input: z.strictObject({ campaignId }),
      output: z.object({ sent: z.int(), delivered: z.int(), opened: z.int(), clicked: z.int() }),
      annotations: lists.reads,
      handle(args) {
        const { id } = campaigns.need(args.campaignId);
        const own = sends.all().filter((send) => send.campaignId === id);
        return {
          sent: own.length,
          delivered: own.filter(({ delivery }) => delivery === 'delivered').length,
          opened: own.filter(({ opened }) => opened).length,
          clicked: own.filter(({ clicked }) => clicked).length,
        };
      },
    }),
  ];
}

function templateHtml(name: string): string {
  const row = `<tr><td style="padding:12px 24px;font-family:Helvetica,Arial,sans-serif;font-size:15px;line-height:22px;color:#333333">{{paragraph}}</td></tr>\n`;
  return `<!doctype html>\n<html><head><title>${name}</title></head><body>\n<table role="presentation" width="100%">\n${row.repeat(24)}</table>\n<p><a href="{{unsubscribe}}">Unsubscribe</a></p>\n</body></html>`;
}
