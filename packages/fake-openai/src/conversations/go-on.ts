import { conversationId } from '../reply/echo.ts'
import { storedItems } from '../reply/input-items.ts'
import { finishedResponse, type ReplyParts } from '../reply/response.ts'
import type { ValidResponse } from '../validate/validate.ts'
import type { Conversations } from './conversations.ts'

/** Adds to a response's conversation what was said in it, unless it failed. */
export function goOn(conversations: Conversations, { said }: ValidResponse, parts: ReplyParts): void {
  const { body, reply, id } = parts
  if (!body.conversation || reply.failure) return
  const before = body.input.length - said.length
  const items = [...said, ...finishedResponse(parts).output]
  conversations.extend(conversationId(body.conversation), storedItems(items, id, before))
}
