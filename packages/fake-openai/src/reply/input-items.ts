import type { Call } from '../http/call.ts'
import type { MakeId } from '../http/ids.ts'
import { type Listed, pageOf } from '../lists/page.ts'
import { sendJson } from '../http/send.ts'
import { type InputItem, isMessage } from '../script/body.ts'
import { idPrefix } from './item-ids.ts'
import type { KeptResponses } from './kept.ts'

/** Answers `GET /v1/responses/{id}/input_items`: the whole conversation that the response goes on from, its end first. */
export function listInputItems(kept: KeptResponses, { query, to }: Call, id: string): void {
  const { body, id: makeId } = kept.get(id).parts
  sendJson(to, 200, pageOf(storedItems(body.input, makeId), query))
}

/** Ids of input items are told apart from those of a reply's items by where they begin to count. */
const FIRST = 10_000

/**
 * Items as the platform keeps them: each with an id and a state, and a text as a part.
 *
 * @param from how many items of the same request were given ids before.
 */
export function storedItems(items: readonly InputItem[], makeId: MakeId, from = 0): (InputItem & Listed)[] {
  return items.map((item, index) => {
    const id = makeId(idPrefix(item.type ?? 'message'), FIRST + from + index)
    if (!isMessage(item)) return { status: 'completed', ...item, id: item.id ?? id }
    const type = item.role === 'assistant' ? ('output_text' as const) : ('input_text' as const)
    const more = type === 'output_text' ? { annotations: [], logprobs: [] } : {}
    const content = typeof item.content === 'string' ? [{ type, text: item.content, ...more }] : item.content
    return { status: 'completed', ...item, type: 'message', content, id: item.id ?? id }
  })
}
