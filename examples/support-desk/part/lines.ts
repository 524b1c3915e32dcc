import type { JsonObject } from '@reprise/core'

/** The agents that hold tickets. */
export type Holder = 'triage' | 'orders' | 'returns'

/** A right call, and who makes it. */
export interface Line {
  readonly by: Holder
  readonly name: string
  readonly arguments: JsonObject
}

/** What the model rightly does with one ticket. */
export interface Role {
  /** In the order in which they are best made. */
  readonly lines: readonly Line[]
  /** Given when all calls are made. */
  readonly answer: {
    readonly resolution: 'solved' | 'declined' | 'needs_customer' | 'escalated'
    readonly reply: string
    readonly refundedUsd: number | null
  }
}

function line(by: Holder, name: string, args: JsonObject = {}): Line {
  return { by, name, arguments: args }
}

function mail(by: Holder, confirms: readonly string[], subject: string, text: string): Line {
  return line(by, 'send_email', { confirms, subject, text })
}

/** The written part: what is right for each ticket of the demo. */
export const ROLES: Readonly<Record<string, Role>> = {
  'ticket-1': {
    lines: [
      line('orders', 'find_customer'),
      line('orders', 'find_order', { orderId: 'F-1001' }),
      line('orders', 'give_credit', { amountUsd: 10, reason: 'F-1001 is late' }),
      mail(
        'orders',
        ['give_credit'],
        'Your order F-1001',
        'Dear Ada, F-1001 is late, and on its way. We have put $10.00 of credit on your account.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply:
        'Dear Ada, your lanterns (F-1001) are on their way, later than we promised. You have $10.00 of credit with us.',
      refundedUsd: null,
    },
  },
  'ticket-2': {
    lines: [
      line('returns', 'find_order', { orderId: 'F-1002' }),
      line('returns', 'find_customer'),
      line('returns', 'refund_order', { orderId: 'F-1002', amountUsd: 48, reason: 'damaged' }),
      mail(
        'returns',
        ['refund_order'],
        'Your refund for F-1002',
        'Dear Ben, we have refunded $48.00 for the torn mat of F-1002. You need not send it back.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply: 'Dear Ben, we have refunded $48.00 for the torn mat of F-1002. You need not send it back.',
      refundedUsd: 48,
    },
  },
  'ticket-3': {
    lines: [
      line('returns', 'find_order', { orderId: 'F-1003' }),
      line('returns', 'refund_order', { orderId: 'F-1003', amountUsd: 420, reason: 'damaged' }),
      line('returns', 'escalate', {
        summary:
          'F-1003 (tent, $420.00) came with two snapped poles. The customer wants all of it back, which is over the limit of the desk.',
      }),
      mail(
        'returns',
        ['escalate'],
        'Your order F-1003',
        'Dear Carla, a colleague decides today about the refund of $420.00 for F-1003, and writes to you.',
      ),
    ],
    answer: {
      resolution: 'escalated',
      reply: 'Dear Carla, a refund of $420.00 for F-1003 is decided by a colleague, who writes to you today.',
      refundedUsd: null,
    },
  },
  'ticket-4': {
    lines: [
      line('orders', 'find_order', { orderId: 'F-1004' }),
      line('orders', 'change_address', { orderId: 'F-1004', address: '18 Windmill Road, Bristol BS3' }),
      mail(
        'orders',
        ['change_address'],
        'New address for F-1004',
        'Dear Dmitri, F-1004 now goes to 18 Windmill Road, Bristol BS3.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply: 'Dear Dmitri, F-1004 now goes to 18 Windmill Road, Bristol BS3.',
      refundedUsd: null,
    },
  },
  'ticket-5': {
    lines: [
      line('returns', 'find_order', { orderId: 'F-1005' }),
      line('returns', 'refund_order', { orderId: 'F-1005', amountUsd: 149, reason: 'changed_mind' }),
    ],
    answer: {
      resolution: 'declined',
      reply:
        'Dear Elif, F-1005 was delivered on 20 April. We take things back for 30 days, so there is no refund any more.',
      refundedUsd: null,
    },
  },
  'ticket-6': {
    lines: [
      line('orders', 'list_orders'),
      line('orders', 'find_order', { orderId: 'F-1007' }),
      line('orders', 'give_credit', { amountUsd: 10, reason: 'F-1007 is late' }),
      line('returns', 'find_order', { orderId: 'F-1006' }),
      line('returns', 'refund_order', { orderId: 'F-1006', amountUsd: 32.5, reason: 'damaged' }),
      mail(
        'returns',
        ['give_credit', 'refund_order'],
        'Your orders F-1006 and F-1007',
        'Dear Frank, we are sorry for both. We have refunded $32.50 for the stove of F-1006; throw it away, it is not safe. F-1007 is on its way, and $10.00 of credit is on your account.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply:
        'Dear Frank, we are sorry for both. $32.50 for the stove (F-1006) is refunded, F-1007 is on its way, and $10.00 of credit is on your account.',
      refundedUsd: 32.5,
    },
  },
  'ticket-7': {
    lines: [line('triage', 'find_product', { words: 'ember' }), line('triage', 'find_customer')],
    answer: {
      resolution: 'solved',
      reply:
        'Dear Grace, the Ember is comfortable down to 0 C. At -5 C and sleeping cold, take the Ember Winter (-10 C, $158.00).',
      refundedUsd: null,
    },
  },
  'ticket-8': {
    lines: [
      line('orders', 'find_order', { orderId: 'F-1009' }),
      line('orders', 'cancel_order', { orderId: 'F-1009' }),
      mail(
        'orders',
        ['cancel_order'],
        'F-1009 is cancelled',
        'Dear Hugo, F-1009 is cancelled, and the charge of $128.00 is void.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply: 'Dear Hugo, F-1009 is cancelled, and the charge of $128.00 is void.',
      refundedUsd: null,
    },
  },
  'ticket-9': {
    lines: [
      line('returns', 'find_customer'),
      line('returns', 'find_order', { orderId: 'F-1010' }),
      line('returns', 'refund_order', { orderId: 'F-1010', amountUsd: 85, reason: 'double_charge' }),
      mail(
        'returns',
        ['refund_order'],
        'Your refund for F-1010',
        'Dear Ines, F-1010 was charged twice. We have refunded $85.00.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply: 'Dear Ines, F-1010 was charged twice, and we have refunded $85.00.',
      refundedUsd: 85,
    },
  },
  'ticket-10': {
    lines: [
      line('orders', 'find_order', { orderId: 'F-9999' }),
      line('orders', 'list_orders'),
      line('orders', 'find_customer'),
    ],
    answer: {
      resolution: 'needs_customer',
      reply: 'Dear Jonas, we find no order F-9999 of yours. Please send us the number from your confirmation.',
      refundedUsd: null,
    },
  },
  'ticket-11': {
    lines: [
      line('returns', 'find_order', { orderId: 'F-1012' }),
      line('returns', 'create_return_label', { orderId: 'F-1012', sku: 'JACKET-M' }),
      mail(
        'returns',
        ['create_return_label'],
        'Your return label for F-1012',
        'Dear Kate, your label for the jacket of F-1012 is ready. The refund follows when it has arrived.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply:
        'Dear Kate, your label for the jacket of F-1012 is on its way by mail. The refund follows when it has arrived.',
      refundedUsd: null,
    },
  },
  'ticket-12': {
    lines: [
      line('triage', 'find_product', { words: 'ridge' }),
      line('orders', 'find_order', { orderId: 'F-1013' }),
      line('orders', 'give_credit', { amountUsd: 15, reason: 'four pegs missing in F-1013' }),
      mail(
        'orders',
        ['give_credit'],
        'Pegs of F-1013',
        'Dear Liam, thank you for telling us. We have put $15.00 of credit on your account for the four pegs.',
      ),
    ],
    answer: {
      resolution: 'solved',
      reply: 'Dear Liam, thank you for telling us about the four pegs of F-1013. You have $15.00 of credit with us.',
      refundedUsd: null,
    },
  },
}

/** What is right for a ticket that the part has not read: a person takes it. */
export const UNKNOWN: Role = {
  lines: [
    line('triage', 'find_customer'),
    line('triage', 'escalate', { summary: 'The written part does not know this ticket. Please read it.' }),
  ],
  answer: { resolution: 'escalated', reply: 'Thank you. A colleague takes this up today.', refundedUsd: null },
}
