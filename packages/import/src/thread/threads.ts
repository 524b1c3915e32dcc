// Puts exchanges together to conversations: each request repeats all that was said before it, so that one that begins with
// another's request and reply goes on from it.
import type { AskedWith, Exchange, Said, SaidReply } from '../say/exchange.ts'
import { keyOf } from './keys.ts'

/** A reply in a thread. */
export interface ThreadReply extends Omit<SaidReply, 'items' | 'garbled'> {
  readonly from: number
  to: number
  readonly asked: AskedWith
  readonly startedAt?: number | undefined
  readonly endedAt?: number | undefined
}

/** A conversation as it grows. */
export interface Thread {
  readonly first: Exchange
  readonly exchanges: Exchange[]
  readonly items: Said[]
  readonly replies: ThreadReply[]
  /** What is known of a reply of which the words are not: the next request has them. */
  unheard: Omit<ThreadReply, 'from' | 'to'> | null
  /** Where it stands now. */
  place: Place
}

/** A place among all that was said: the way to it is what was said before. */
class Place {
  /** The thread that may go on from here. */
  thread: Thread | undefined
  readonly #next = new Map<string, Place>()

  /** The place after one more item. */
  after(item: Said): Place {
    const key = keyOf(item)
    if (key === undefined) return this
    const known = this.#next.get(key)
    if (known) return known
    const place = new Place()
    this.#next.set(key, place)
    return place
  }
}

/**
 * Gives the conversations that exchanges make, in the order in which these began.
 *
 * @param exchanges in the order of their times, where these are known, else as they were recorded.
 */
export function threadsOf(exchanges: readonly Exchange[]): readonly Thread[] {
  const threads = new Threads()
  for (const exchange of exchanges) threads.add(exchange)
  return threads.all
}

class Threads {
  readonly all: Thread[] = []
  readonly #groups = new Map<string, Place>()
  readonly #byResponse = new Map<string, Thread>()

  add(exchange: Exchange): void {
    const thread = this.#goOn(exchange) ?? this.#begin(exchange)
    this.#hear(thread, exchange)
    if (exchange.reply?.responseId !== undefined) this.#byResponse.set(exchange.reply.responseId, thread)
  }

  /** The thread that an exchange goes on with, its new items among the others. */
  #goOn({ request, previous, group }: Exchange): Thread | undefined {
    const before = previous === undefined ? undefined : this.#byResponse.get(previous)
    if (before) return grow(before, request)
    const found: { readonly thread: Thread; readonly to: number }[] = []
    let place = this.#rootOf(group)
    for (const [index, item] of request.entries()) {
      const next = place.after(item)
      if (next !== place && next.thread) found.push({ thread: next.thread, to: index + 1 })
      place = next
    }
    // What is asked again is another conversation, but where nobody heard the reply.
    const last = found.findLast(({ thread }) => thread.place !== place || thread.unheard)
    return last && grow(last.thread, request.slice(last.to))
  }

  #rootOf(group: string): Place {
    let root = this.#groups.get(group)
    if (!root) this.#groups.set(group, (root = new Place()))
    return root
  }

  #begin(exchange: Exchange): Thread {
    const place = this.#rootOf(exchange.group)
    const thread: Thread = { first: exchange, exchanges: [], items: [], replies: [], unheard: null, place }
    this.all.push(thread)
    return grow(thread, exchange.request)
  }

  #hear(thread: Thread, exchange: Exchange): void {
    const { asked, reply, startedAt, endedAt } = exchange
    thread.exchanges.push(exchange)
    const { items = [], garbled, ...known } = reply ?? {}
    const details = { finish: 'stop', ...known, asked, startedAt, endedAt } as const
    if (!reply || garbled) thread.unheard = details
    else {
      const from = thread.items.length
      thread.items.push(...items)
      thread.replies.push({ ...details, from, to: thread.items.length })
      thread.unheard = null
      for (const item of items) thread.place = thread.place.after(item)
    }
    thread.place.thread = thread
  }
}

/** Adds what was said since, replies of which no exchange tells among it. */
function grow(thread: Thread, items: readonly Said[]): Thread {
  const { asked } = thread.first
  if (thread.place.thread === thread) thread.place.thread = undefined
  for (const item of items) {
    const at = thread.items.push(item) - 1
    thread.place = thread.place.after(item)
    if (!isOfReply(item)) continue
    const last = thread.replies.at(-1)
    if (last?.to === at) last.to = at + 1
    else thread.replies.push({ ...(thread.unheard ?? { asked, finish: 'stop' }), from: at, to: at + 1 })
    thread.unheard = null
  }
  return thread
}

/** Whether a model said it. What cannot be taken ends all that is taken. */
function isOfReply({ kind }: Said): boolean {
  return kind !== 'user' && kind !== 'result' && kind !== 'untaken'
}
