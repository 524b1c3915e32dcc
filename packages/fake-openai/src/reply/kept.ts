import type { Clock } from '@reprise/core'
import { ApiError } from '../http/api-error.ts'
import type { InputItem } from '../script/body.ts'
import type { Remembered } from './remembered.ts'
import {
  begunResponse,
  cancelledResponse,
  finishedResponse,
  outputOf,
  type ReplyParts,
  type WireResponse,
} from './response.ts'

/** A response that was asked for with `store`, which is the platform's default. */
export interface KeptResponse {
  readonly parts: ReplyParts
  /** When its work is over, in milliseconds since 1970. */
  readonly doneAt: number
  cancelled: boolean
  charged: boolean
}

/** What keeping responses takes. */
interface Keeping {
  /** How many are kept, besides those that are at work. */
  readonly most: number
  readonly clock: Pick<Clock, 'now'>
  /** Puts a response on the invoice. */
  readonly charge: (parts: ReplyParts) => void
}

/** The newest responses: they can be retrieved, gone on from and cancelled, until they are deleted or the server ends. */
export class KeptResponses implements Remembered {
  readonly #keeping: Keeping
  readonly #kept = new Map<string, KeptResponse>()
  readonly #items = new Map<string, InputItem>()
  #dropped = 0

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  keep(kept: KeptResponse): void {
    this.#kept.set(kept.parts.id('resp'), kept)
    for (const item of itemsOf(kept)) this.#items.set(item.id, item)
    if (this.#kept.size > this.#keeping.most) this.#drop()
  }

  /** @throws ApiError where there is no such response. */
  get(id: string): KeptResponse {
    const kept = this.#kept.get(id)
    if (kept) return kept
    throw new ApiError(`Response with id '${id}' not found.${this.whyMissed}`, { status: 404 })
  }

  delete(id: string): void {
    for (const item of itemsOf(this.get(id))) this.#items.delete(item.id)
    this.#kept.delete(id)
  }

  /** Charges for those whose work is over by now. */
  settle(): void {
    for (const kept of this.#kept.values()) this.#isOver(kept)
  }

  /** Whether nothing is to come of a response: one whose work is over by now is charged for. */
  #isOver(kept: KeptResponse): boolean {
    if (kept.charged || kept.cancelled) return true
    if (kept.doneAt > this.#keeping.clock.now()) return false
    kept.charged = true
    this.#keeping.charge(kept.parts)
    return true
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
      throw new ApiError(`Previous response with id '${id}' not found.${this.whyMissed}`, {
        param,
        code: 'previous_response_not_found',
      })
    }
    // What was put out can be put in.
    return [...kept.parts.body.input, ...outputOf(kept.parts)]
  }

  /** Forgets the oldest of which nothing is to come. */
  #drop(): void {
    for (const [id, kept] of this.#kept) {
      if (this.#kept.size <= this.#keeping.most) return
      if (!this.#isOver(kept)) continue
      this.delete(id)
      this.#dropped += 1
    }
  }

  get whyMissed(): string {
    if (this.#dropped === 0) return ''
    return ` This fake server keeps ${this.#keeping.most} responses and has dropped the ${this.#dropped} before them: see 'keep' of its options.`
  }
}

/** The items of a response that can be referred to. */
function itemsOf({ parts }: KeptResponse): (InputItem & { readonly id: string })[] {
  return outputOf(parts).flatMap((item) => (item.id === undefined ? [] : [{ ...item, id: item.id }]))
}

/** A response as it stands now. */
export function responseAt({ parts, doneAt, cancelled }: KeptResponse, now: number): WireResponse {
  if (cancelled) return cancelledResponse(parts)
  return doneAt <= now ? finishedResponse(parts) : begunResponse(parts)
}
