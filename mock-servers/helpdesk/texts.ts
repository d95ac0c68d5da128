/** What tickets are about. `urgent` first comments mean that somebody cannot work; nothing in them says so by a fixed word. */
export const TOPICS = [
  {
    topic: 'delivery',
    subjects: ['Where is our order?', 'Delivery came short', 'Wrong address on the slip'],
    calm: [
      'Could you tell me when the next pallet leaves? No hurry, we have stock for a month.',
      'The driver left the boxes at the back door. Please note the front desk for next time.',
    ],
    urgent: [
      'Forty people start on Monday and there is not one desk here. We have nowhere to put them.',
      'The toner has not come and the dispensary cannot print labels, so nothing leaves the building.',
    ],
  },
  {
    topic: 'invoice',
    subjects: ['Question on an invoice', 'Purchase order number missing', 'Charged twice?'],
    calm: [
      'Please send last month’s invoice again, our bookkeeper cannot find it.',
      'The purchase order number is not on the invoice. Can it be added to the next one?',
    ],
    urgent: [
      'Your dunning letter stopped our account with the bank. Wages are due tomorrow and they will not release them.',
      'The amount was taken five times this morning and our card is now blocked everywhere.',
    ],
  },
  {
    topic: 'defect',
    subjects: ['Chair wobbles', 'Lamp flickers', 'Monitor has a dead pixel'],
    calm: [
      'One of the chairs wobbles a little. We would like a new castor at some point.',
      'The monitor has a dead pixel in the corner. It can wait until the next delivery.',
    ],
    urgent: [
      'The shelf came down on a colleague, who is being looked at by a doctor. The others still stand.',
      'There was smoke from the docking station. We have pulled the plug and sent the floor home.',
    ],
  },
  {
    topic: 'returns',
    subjects: ['Return of two desks', 'Label for a return', 'Changed our minds'],
    calm: [
      'We ordered one box too many and would send it back with the next pick-up.',
      'Which label do we use for a return of two keyboards?',
    ],
    urgent: [
      'The wrong phone booth blocks our fire exit and the inspector comes this afternoon.',
      'Our insurer lets nobody in until the returned batteries are off the premises.',
    ],
  },
] as const;

export type Topic = (typeof TOPICS)[number]['topic'];

export const REPLIES = [
  'Thank you for your message. I am looking into it and will come back to you.',
  'I have asked the warehouse and expect an answer today.',
  'This has been passed on to the carrier.',
  'Could you send us a photo of the label, please?',
];

/** Sections of the articles of the knowledge base, by topic: one is the policy, the others surround it. */
export const ARTICLE_PARTS: Record<Topic, { title: string; policy: string }> = {
  delivery: {
    title: 'Late and short deliveries',
    policy:
      'A delivery is late from the fourth working day on. From then on the customer may cancel free of charge.',
  },
  invoice: {
    title: 'Invoices, copies and purchase orders',
    policy:
      'A corrected invoice is issued within two working days. The due date starts again with the correction.',
  },
  defect: {
    title: 'Defects and warranty',
    policy:
      'Furniture has a warranty of five years, electronics of two. Parts are sent without a return of the old ones.',
  },
  returns: {
    title: 'Returns and withdrawal',
    policy:
      'Goods may be returned within 30 days in their packaging. Acoustic booths are excluded once assembled.',
  },
};

export const FILLER = [
  'This article is for colleagues at the service desk and is not shown to customers.',
  'Check the order in the shop before you answer, and quote its number in the first line.',
  'Answer in the language of the request. Use the polite form unless the customer does not.',
  'If more than one order is concerned, open one ticket for each and link them.',
  'Do not promise dates that the warehouse has not confirmed.',
  'Requests by telephone are noted as a comment that is not public.',
  'The opening hours of the service desk are eight to eighteen on working days.',
  'Escalate to the team lead where a customer writes for the third time about one matter.',
];
