import type { AskedWith, SaidReply } from '../say/exchange.ts'
import type { OfApi } from '../say/openai.ts'

/** What a span's attributes and events say that was said. */
export type OfSpan = Pick<OfApi, 'request' | 'notes'> & {
  readonly asked: Partial<AskedWith>
  readonly reply?: Pick<SaidReply, 'items'> & Partial<SaidReply>
}
