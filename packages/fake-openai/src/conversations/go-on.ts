import { conversationId } from '../reply/echo.ts'
import { storedItems } from '../reply/input-items.ts'
import type { KeptResponse } from '../reply/kept.ts'
import { finishedResponse } from '../reply/response.ts'
import type { ValidResponse } from '../validate/validate.ts'
import type { Conversations } from './conversations.ts'

/** Adds to a response's conversation what was said in it, when it is done, unless it failed or was cancelled. */
export function goOn(conversations: Conversations, { said }: ValidResponse, response: KeptResponse): void {
  const { parts, doneAt } = response
  const { body, reply, id: makeId } = parts
  if (!body.conversation || reply.failure) return
  const before = body.input.length - said.length
  const items = storedItems([...said, ...finishedResponse(parts).output], makeId, before)
  const id = conversationId(body.conversation)
  if (body.background) conversations.extendAt({ id, items, at: doneAt, isLost: () => response.cancelled })
  else conversations.extend(id, items)
}
