// Puts exchanges together to conversations: each request repeats all that was said before it, so that one that begins with
// another's request and reply goes on from it.
import type { Digest } from '@reprise/core'
import type { AskedWith, Exchange, Said, SaidReply } from '../say/exchange.ts'
import { chainOf } from './keys.ts'

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
  tail: Digest
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
  /** Those that may go on, by what was said in them. */
  readonly #open = new Map<string, Thread>()
  readonly #byResponse = new Map<string, Thread>()

  add(exchange: Exchange): void {
    const thread = this.#goOn(exchange) ?? this.#begin(exchange)
    this.#hear(thread, exchange)
    if (exchange.reply?.responseId !== undefined) this.#byResponse.set(exchange.reply.responseId, thread)
  }

  /** The thread that an exchange goes on with, its new items among the others. */
  #goOn(exchange: Exchange): Thread | undefined {
    const { request, previous, group } = exchange
    const before = previous === undefined ? undefined : this.#byResponse.get(previous)
    if (before) {
      this.#open.delete(nameOf(group, before.tail))
      return grow(before, request, chainOf(request, before.tail).links.at(-1) ?? before.tail)
    }
    const { links, ends } = chainOf(request)
    for (let at = links.length - 1; at >= 0; at -= 1) {
      const thread = this.#open.get(nameOf(group, links[at] ?? ''))
      // What is asked again is another conversation, but where nobody heard the reply.
      if (!thread || (at === links.length - 1 && !thread.unheard)) continue
      this.#open.delete(nameOf(group, thread.tail))
      return grow(thread, request.slice(ends[at]), links.at(-1) ?? '')
    }
    return undefined
  }

  #begin(exchange: Exchange): Thread {
    const thread: Thread = { first: exchange, exchanges: [], items: [], replies: [], unheard: null, tail: '' }
    this.all.push(thread)
    return grow(thread, exchange.request, chainOf(exchange.request).links.at(-1) ?? '', exchange.asked)
  }

  #hear(thread: Thread, exchange: Exchange): void {
    const { asked, reply, startedAt, endedAt, group } = exchange
    thread.exchanges.push(exchange)
    const { items = [], garbled, ...known } = reply ?? {}
    const details = { finish: 'stop', ...known, asked, startedAt, endedAt } as const
    if (!reply || garbled) thread.unheard = details
    else {
      const from = thread.items.length
      thread.items.push(...items)
      thread.replies.push({ ...details, from, to: thread.items.length })
      thread.unheard = null
      thread.tail = chainOf(items, thread.tail).links.at(-1) ?? thread.tail
    }
    this.#open.set(nameOf(group, thread.tail), thread)
  }
}

function nameOf(group: string, link: Digest): string {
  return `${link} ${group}`
}

/** Adds what was said since, replies of which no exchange tells among it. */
function grow(thread: Thread, items: readonly Said[], tail: Digest, asked = thread.first.asked): Thread {
  for (const item of items) {
    const at = thread.items.push(item) - 1
    if (!isOfReply(item)) continue
    const last = thread.replies.at(-1)
    if (last?.to === at) last.to = at + 1
    else thread.replies.push({ ...(thread.unheard ?? { asked, finish: 'stop' }), from: at, to: at + 1 })
    thread.unheard = null
  }
  thread.tail = tail
  return thread
}

/** Whether a model said it. What cannot be taken ends all that is taken. */
function isOfReply({ kind }: Said): boolean {
  return kind !== 'user' && kind !== 'result' && kind !== 'untaken'
}
