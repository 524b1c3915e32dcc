// What is right in a chat: of each topic the calls, one after the other, and what is said then.
import type { JsonObject } from '@reprise/core'
import type { Talk } from './talk.ts'

/** A right call. */
export interface Call {
  readonly name: string
  readonly arguments: JsonObject
}

/** What the calls have given so far, by the names of their tools. */
export type Given = Readonly<Record<string, JsonObject>>

/** What a customer may want. */
export interface Topic {
  /** The words by which it is known. */
  readonly words: RegExp
  readonly calls: readonly ((talk: Talk, given: Given) => Call)[]
  readonly says: (given: Given, talk: Talk) => string
}

const NO_ORDER = 'F-0000'

/** What comes before anything that is done to an order. */
export function findOrder({ orderId = NO_ORDER }: Talk): Call {
  return { name: 'find_order', arguments: { orderId } }
}

/** A call about the order of the talk. */
function about(name: string, more: (given: Given, talk: Talk) => JsonObject = () => ({})): Topic['calls'][number] {
  return (talk, given) => ({ name, arguments: { orderId: talk.orderId ?? NO_ORDER, ...more(given, talk) } })
}

function usd(amount: unknown): string {
  return `$${Number(amount ?? 0).toFixed(2)}`
}

/** What the first charge of an order was. */
function paid({ find_order: order }: Given): number {
  return Number(first(order?.['charges'])['amountUsd'] ?? 0)
}

/** A text or a number of a result as it reads in a sentence. */
function words(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unknown')
}

/** The first of a list; nothing of one that is empty. */
function first(list: unknown): JsonObject {
  // The shop gives lists of objects.
  return Array.isArray(list) && list.length > 0 ? (list[0] as JsonObject) : {}
}

/** The first whose words fit is what the customer wants. */
export const TOPICS: readonly Topic[] = [
  {
    words: /\b(person|human|colleague|manager)\b/i,
    calls: [({ said }) => ({ name: 'escalate', arguments: { summary: `In the chat the customer says: ${said}` } })],
    says: () => 'I have passed this on. A colleague takes it up today.',
  },
  {
    words: /\b(remember|keep in mind|note that)\b/i,
    calls: [
      ({ said }) => ({
        name: 'remember',
        arguments: {
          key: /\b(cold|warm|sleep)/i.test(said) ? 'sleeping' : /\b(size|wear)\b/i.test(said) ? 'size' : 'other',
          value: said.replace(/^.*?\b(remember|keep in mind|note)( that)?\b\s*/i, '').replaceAll('"', "'"),
        },
      }),
    ],
    says: () => 'I have noted it, and will know it the next time, too.',
  },
  {
    words: /\b(you know|know about me|know of me)\b/i,
    calls: [],
    says: (_, { known }) =>
      known.length === 0 ? 'Nothing yet: tell me what I should remember.' : `You have told us: ${known.join(' ')}`,
  },
  {
    words: /\blabel\b|\bsend (it|them|this) back\b/i,
    calls: [
      findOrder,
      about('create_return_label', ({ find_order: order }) => ({ sku: first(order?.['lines'])['sku'] ?? 'TENT-2' })),
    ],
    says: ({ create_return_label: label }) =>
      `Here is your label: ${words(label?.['tracking'])}. The refund follows when the parcel has arrived.`,
  },
  {
    words: /\b(refund|money back|damaged|broken|snapped|torn)\b/i,
    calls: [
      findOrder,
      about('refund_order', (given) => ({ amountUsd: paid(given) || 1, reason: 'damaged' })),
      ({ orderId = NO_ORDER }, { refund_order: refund }) => ({
        name: 'send_email',
        arguments: {
          confirms: ['refund_order'],
          subject: `Your refund for ${orderId}`,
          text: `We have refunded ${usd(refund?.['refundedUsd'])} for ${orderId}.`,
        },
      }),
    ],
    says: ({ refund_order: refund }) =>
      `We have refunded ${usd(refund?.['refundedUsd'])} for ${words(refund?.['orderId'])}, and a mail confirms it.`,
  },
  {
    words: /\bcancel\b/i,
    calls: [findOrder, about('cancel_order')],
    says: ({ cancel_order: order }) => `${words(order?.['orderId'])} is cancelled, and its charge is void.`,
  },
  {
    words: /\b(address|moved|move)\b/i,
    calls: [
      findOrder,
      about('change_address', (_, { said }) => ({ address: /\bto (\d.*?)[.!]?$/.exec(said)?.[1] ?? said })),
    ],
    says: ({ change_address: changed }) => `${words(changed?.['orderId'])} now goes to ${words(changed?.['address'])}.`,
  },
  {
    words: /\b(credit|late|goodwill)\b/i,
    calls: [
      findOrder,
      ({ orderId = NO_ORDER }) => ({
        name: 'give_credit',
        arguments: { amountUsd: 10, reason: `trouble with ${orderId}` },
      }),
    ],
    says: ({ give_credit: credit }) => `We are sorry. You have ${usd(credit?.['creditedUsd'])} of credit with us.`,
  },
  {
    words: /\b(where|when|order)\b/i,
    calls: [findOrder],
    says: ({ find_order: order }) =>
      `${words(order?.['orderId'])} is ${words(order?.['status'])}. It was promised for ${words(order?.['promisedOn'])}.`,
  },
  {
    words: /\b(bag|tent|mat|stove|lantern|bottle|pack|jacket|poles|warm)\b/i,
    calls: [
      ({ said }) => ({
        name: 'find_product',
        arguments: { words: /\b(bag|tent|mat|stove|lantern|bottle|pack|jacket|poles)\b/i.exec(said)?.[0] ?? 'bag' },
      }),
    ],
    says: ({ find_product: found }) => {
      const all = Array.isArray(found?.['all']) ? found['all'] : []
      const names = all.map((product) => `${words(first([product])['name'])} (${usd(first([product])['priceUsd'])})`)
      return `We have ${names.join(', ') || 'nothing like that'}.`
    },
  },
  {
    words: /./,
    calls: [() => ({ name: 'find_customer', arguments: {} })],
    says: ({ find_customer: customer }) =>
      `Hello ${words(customer?.['name']).split(' ')[0] ?? ''}, I can look for products and orders, and help with what went wrong. What is the matter?`,
  },
]
