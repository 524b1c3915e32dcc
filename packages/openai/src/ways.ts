// The ways to ask, loaded with the first ask.
import { chat } from './chat/chat.ts'
import { background } from './responses/background.ts'
import { responses } from './responses/responses.ts'
import type { Way } from './dialect/exchange.ts'
import { once } from './ask/once.ts'

/** Asks by Chat Completions. */
export const byChat: Way = (exchange) => once(chat, exchange)

/** Asks by the Responses API. */
export const byResponses: Way = (exchange) =>
  (exchange.request.pending || exchange.settings.background ? background : once)(responses, exchange)
