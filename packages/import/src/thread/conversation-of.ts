// One conversation out of a thread: cut where something was said that cannot be said here, each call with an id of its own.
import type { Item } from '@reprise/core'
import type { RecordedConversation, RecordedFormat, RecordedReply } from './conversation.ts'
import type { NotTaken } from '../read/report.ts'
import type { AskedWith, Said } from '../say/exchange.ts'
import { bareTool } from '../say/tools.ts'
import type { Thread, ThreadReply } from './threads.ts'

/** Makes a conversation; or says why there is none. */
export function conversationOf(thread: Thread, source: RecordedFormat, id: string): RecordedConversation | NotTaken {
  const { first, exchanges } = thread
  const { where } = first
  const notTaken: NotTaken[] = []
  const cutAt = cutOf(thread)
  const items = thread.items.slice(0, cutAt)
  const cut = thread.items.slice(cutAt).find(({ kind }) => kind === 'untaken') ?? thread.items[cutAt]
  if (cut) notTaken.push({ where, why: sayCut(cut, thread.items.length - cutAt - 1) })
  if (items[0]?.kind !== 'user') return { where, why: sayNoUser(thread.items, cut) }
  if (!items.some(({ kind }) => kind !== 'user'))
    return { where, why: cut ? sayCut(cut, 0) : `It has no reply of a model. ${whyOf(thread)}` }
  for (const { where, notes } of unlike(exchanges))
    for (const why of notes) notTaken.push({ where, why: `It has ${why}.` })
  const tools = toolsOf(thread, items)
  if (tools.bare.length > 0) notTaken.push({ where, why: sayBare(tools.bare) })
  const replies = thread.replies.filter(({ to }) => to <= cutAt)
  const own = renamed(items, new Set(exchanges.flatMap(({ failed = [] }) => failed)))
  return {
    id,
    source,
    where,
    asked: tools.with(first.asked),
    ...own,
    replies: replies.map((reply) => replyOf(reply, tools.with)),
    ...times(thread),
    metadata: first.metadata ?? {},
    notTaken,
  }
}

/** Where a conversation ends, as far as it can be said here. Of a reply, all can be said or nothing is. */
function cutOf({ items, replies }: Thread): number {
  const open = new Set<string>()
  for (const [at, item] of items.entries()) {
    if (item.kind === 'untaken') return replies.find(({ from, to }) => from <= at && at < to)?.from ?? at
    if (item.kind === 'call') open.add(item.callId)
    // A window that was cut at its beginning has results alone.
    if (item.kind === 'result' && !open.has(item.callId)) return at
  }
  return items.length
}

function sayCut(cut: Said, after: number): string {
  const what = cut.kind === 'untaken' ? cut.what : 'a result of a call that was not recorded'
  return `It has ${what}, which cannot be said here: it is taken as far as there, without the ${after} items that follow.`
}

function sayNoUser([first]: readonly Said[], cut: Said | undefined): string {
  if (!first) return 'It has no messages but instructions.'
  if (cut === first) return sayCut(cut, 0)
  return `It begins with ${first.kind === 'result' ? 'a result' : 'words of the model'}, and a run begins with words of the user.`
}

function whyOf({ exchanges }: Thread): string {
  return exchanges.length > 1 ? 'Each of its asks was recorded without one.' : 'The ask failed, or was recorded alone.'
}

function sayBare(names: readonly string[]): string {
  return `It has calls of ${names.join(', ')} of which the recording has no description and no schema: give an agent of yours with the same tools where it is asked again.`
}

/** The same notes stand at each exchange of a conversation. */
function unlike(exchanges: Thread['exchanges']): Thread['exchanges'] {
  const seen = new Set<string>()
  return exchanges.filter(({ notes }) => {
    const said = notes.join('\n')
    return !seen.has(said) && seen.add(said)
  })
}

interface Tools {
  /** The names of those of which nothing else is known. */
  readonly bare: readonly string[]
  readonly with: (asked: AskedWith) => AskedWith
}

/** Where a recording has no tools at all, those that were called are known by their names. */
function toolsOf({ exchanges }: Thread, items: readonly Said[]): Tools {
  if (exchanges.some(({ asked }) => asked.tools.length > 0)) return { bare: [], with: (asked) => asked }
  const bare = [...new Set(items.flatMap((item) => (item.kind === 'call' ? item.name : [])))]
  return { bare, with: (asked) => ({ ...asked, tools: bare.map(bareTool) }) }
}

function replyOf({ from, to, asked, startedAt, endedAt, ...reply }: ThreadReply, tools: Tools['with']): RecordedReply {
  return { from, to, ...reply, asked: tools(asked), ...definite({ startedAt, endedAt }) }
}

function times({ exchanges }: Thread): { readonly startedAt?: number; readonly endedAt?: number } {
  const startedAt = exchanges.find((exchange) => exchange.startedAt !== undefined)?.startedAt
  const endedAt = exchanges.findLast((exchange) => exchange.endedAt !== undefined)?.endedAt
  return definite({ startedAt, endedAt })
}

function definite<T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  // What is left has no undefined in it.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}

/** An id that was used before gets a number, in its call and in its result. */
function renamed(
  items: readonly Said[],
  failed: ReadonlySet<string>,
): { items: readonly Item[]; failed: readonly string[] } {
  const times = new Map<string, number>()
  const failures = new Set<string>()
  const own = items.flatMap((item): readonly Item[] => {
    if (item.kind === 'untaken') return []
    if (item.kind === 'call') {
      times.set(item.callId, (times.get(item.callId) ?? 0) + 1)
      return [{ ...item, callId: nameOf(item.callId, times) }]
    }
    if (item.kind !== 'result') return [item]
    const { callId, output } = item
    const name = nameOf(callId, times)
    if (item.failed || failed.has(callId)) failures.add(name)
    return [{ kind: 'result', callId: name, output }]
  })
  return { items: own, failed: [...failures] }
}

function nameOf(callId: string, times: ReadonlyMap<string, number>): string {
  const count = times.get(callId) ?? 1
  return count > 1 ? `${callId}#${count}` : callId
}
