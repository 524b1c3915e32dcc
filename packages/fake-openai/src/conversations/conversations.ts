import type { Clock } from '@reprise/core'
import { ApiError } from '../http/api-error.ts'
import type { Listed } from '../lists/page.ts'
import type { InputItem } from '../script/body.ts'

/** A conversation as the platform describes it. */
export interface ConversationObject {
  readonly id: string
  readonly object: 'conversation'
  /** Seconds since 1970. */
  readonly created_at: number
  readonly metadata: unknown
}

/** An item as it is kept. */
export type KeptItem = InputItem & Listed

interface Kept {
  readonly object: ConversationObject
  readonly items: readonly KeptItem[]
}

/** What is to be added to a conversation at a time. */
interface Coming {
  readonly id: string
  readonly items: readonly KeptItem[]
  /** Milliseconds since 1970. */
  readonly at: number
  /** Whether nothing comes of it any more. */
  readonly isLost: () => boolean
}

/** The conversations of a fake, until they are deleted or the server ends. */
export class Conversations {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  #coming: readonly Coming[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  create(id: string, metadata: unknown, items: readonly KeptItem[]): ConversationObject {
    const object = { id, object: 'conversation', created_at: Math.floor(this.#clock.now() / 1000), metadata } as const
    this.#kept.set(id, { object, items })
    return object
  }

  /** @throws ApiError where there is no such conversation. */
  describe(id: string): ConversationObject {
    return this.#get(id).object
  }

  /** @throws ApiError where there is no such conversation. */
  items(id: string): readonly KeptItem[] {
    return this.#get(id).items
  }

  /** @throws ApiError where there is no such conversation, or no such item in it. */
  item(id: string, itemId: string): KeptItem {
    const found = this.items(id).find((item) => item.id === itemId)
    if (found) return found
    throw new ApiError(`Item with id '${itemId}' not found in conversation '${id}'.`, { status: 404 })
  }

  /** @throws ApiError where there is no such conversation. */
  update(id: string, metadata: unknown): ConversationObject {
    const { object, items } = this.#get(id)
    const updated = { ...object, metadata }
    this.#kept.set(id, { object: updated, items })
    return updated
  }

  /** Adds items to the end of a conversation; one that was deleted meanwhile stays so. */
  extend(id: string, items: readonly KeptItem[]): void {
    this.#settle()
    this.#add(id, items)
  }

  /** Adds items at a time, unless they are lost by then. */
  extendAt(coming: Coming): void {
    this.#coming = [...this.#coming, coming]
  }

  /** @throws ApiError where there is no such conversation, or no such item in it. */
  deleteItem(id: string, itemId: string): ConversationObject {
    const gone = this.item(id, itemId)
    const { object, items } = this.#get(id)
    this.#kept.set(id, { object, items: items.filter((item) => item !== gone) })
    return object
  }

  /** @throws ApiError where there is no such conversation. */
  delete(id: string): void {
    this.#get(id)
    this.#kept.delete(id)
  }

  #get(id: string): Kept {
    this.#settle()
    const kept = this.#kept.get(id)
    if (kept) return kept
    throw new ApiError(`Conversation with id '${id}' not found.`, { status: 404 })
  }

  /** Brings the conversations up to now. */
  #settle(): void {
    const now = this.#clock.now()
    const due = this.#coming.filter(({ at }) => at <= now).toSorted((one, other) => one.at - other.at)
    if (due.length === 0) return
    this.#coming = this.#coming.filter(({ at }) => at > now)
    for (const { id, items, isLost } of due) if (!isLost()) this.#add(id, items)
  }

  #add(id: string, items: readonly KeptItem[]): void {
    const kept = this.#kept.get(id)
    if (kept) this.#kept.set(id, { ...kept, items: [...kept.items, ...items] })
  }
}
