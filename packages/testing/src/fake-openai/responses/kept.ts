import { ApiError } from '../http/api-error.ts'
import type { InputItem } from './body.ts'
import type { Remembered } from './remembered.ts'
import { begunResponse, cancelledResponse, finishedResponse, type ReplyParts, type WireResponse } from './response.ts'

/** A response that was asked for with `store`, which is the platform's default. */
export interface KeptResponse {
  readonly parts: ReplyParts
  /** When its work is over, in milliseconds since 1970. */
  readonly doneAt: number
  cancelled: boolean
  charged: boolean
}

/** The responses that can be retrieved, gone on from and cancelled, until they are deleted or the server ends. */
export class KeptResponses implements Remembered {
  readonly #kept = new Map<string, KeptResponse>()
  readonly #items = new Map<string, InputItem>()

  keep(kept: KeptResponse): void {
    this.#kept.set(kept.parts.id('resp'), kept)
    for (const item of itemsOf(kept)) this.#items.set(item.id, item)
  }

  /** @throws ApiError where there is no such response. */
  get(id: string): KeptResponse {
    const kept = this.#kept.get(id)
    if (kept) return kept
    throw new ApiError(`Response with id '${id}' not found.`, { status: 404 })
  }

  delete(id: string): void {
    for (const item of itemsOf(this.get(id))) this.#items.delete(item.id)
    this.#kept.delete(id)
  }

  /** Those whose work is over and that were not charged yet. */
  due(now: number): KeptResponse[] {
    return [...this.#kept.values()].filter(({ charged, cancelled, doneAt }) => !charged && !cancelled && doneAt <= now)
  }

  item(id: string): InputItem | undefined {
    return this.#items.get(id)
  }

  /**
   * The conversation up to a response and with it.
   *
   * @throws ApiError where there is no such response.
   */
  conversation(id: string): readonly InputItem[] {
    const kept = this.#kept.get(id)
    if (!kept) {
      const param = 'previous_response_id'
      throw new ApiError(`Previous response with id '${id}' not found.`, { param, code: 'previous_response_not_found' })
    }
    // What was put out can be put in.
    return [...kept.parts.body.input, ...finishedResponse(kept.parts).output]
  }
}

/** The items of a response that can be referred to. */
function itemsOf({ parts }: KeptResponse): (InputItem & { readonly id: string })[] {
  return finishedResponse(parts).output.flatMap((item) => (item.id === undefined ? [] : [{ ...item, id: item.id }]))
}

/** A response as it stands now. */
export function responseAt({ parts, doneAt, cancelled }: KeptResponse, now: number): WireResponse {
  if (cancelled) return cancelledResponse(parts)
  return doneAt <= now ? finishedResponse(parts) : begunResponse(parts)
}
