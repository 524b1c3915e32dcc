import { type AskedRequest, type Entry, type EntryOf, requestsOf } from '@reprise/core'

/** A model's reply, and what of its input the service had in its cache. */
export interface CachedReply {
  readonly seq: number
  readonly agent: string
  readonly model: string
  readonly inputTokens: number
  readonly cachedTokens: number
  /** 0 to 1; null where nothing was read. */
  readonly share: number | null
  /** There where the share is lower than that of the reply before. */
  readonly fall?: Fall
}

/** What may have lowered the share of what was cached. */
export interface Fall {
  /** The parts of the request that are others than in the request before, of those that stood there. */
  readonly changed: readonly string[]
  /** How many items came after those of the request before. */
  readonly added: number
  /** Milliseconds since the reply before: a service forgets after a while. */
  readonly afterMs: number
}

/** What a request began with, as it was when it was sent. */
interface Sent extends AskedRequest {
  readonly length: number
}

/**
 * Tells of each reply of a run how much of its input was cached and, where that share fell, what in the request had changed.
 * One pass: what is only appended to is not compared.
 *
 * @param entries of an agent's or a team's run, from the first. Replies whose tokens nobody has told are left out.
 */
export function cachedReplies(entries: readonly Entry[]): readonly CachedReply[] {
  const replies: CachedReply[] = []
  let before: { readonly sent: Sent; readonly reply: CachedReply; readonly at: number } | undefined
  for (const request of requestsOf(entries)) {
    const entry = entries[request.seq]
    if (entry?.kind !== 'model.replied' || !entry.body.reply.usage) continue
    const sent = { ...request, length: request.items.length }
    const told = replyOf(entry, request)
    const fell = before && told.share !== null && told.share < (before.reply.share ?? 0)
    const reply = before && fell ? { ...told, fall: fallOf(before.sent, sent, entry.at - before.at) } : told
    replies.push(reply)
    before = { sent, reply, at: entry.at }
  }
  return replies
}

function replyOf({ seq, body: { reply } }: EntryOf<'model.replied'>, { card }: AskedRequest): CachedReply {
  const { inputTokens = 0, cachedTokens = 0 } = reply.usage ?? {}
  const share = inputTokens > 0 ? cachedTokens / inputTokens : null
  return { seq, agent: card.agent, model: reply.model, inputTokens, cachedTokens, share }
}

function fallOf(before: Sent, now: Sent, afterMs: number): Fall {
  const changed = [...changedParts(before, now), ...changedItem(before, now)]
  return { changed, added: Math.max(0, now.length - before.length), afterMs: Math.max(0, afterMs) }
}

function changedParts(before: Sent, now: Sent): string[] {
  const [old, card] = [before.card, now.card]
  const parts: readonly (readonly [name: string, before: unknown, now: unknown])[] = [
    ['model', old.model, card.model],
    ['instructions', before.instructions, now.instructions],
    ['settings', { ...old.settings, most: old.maxOutputTokens }, { ...card.settings, most: card.maxOutputTokens }],
    ["the service's own tools", old.hosted, card.hosted],
    ['output', old.output, card.output],
  ]
  const changed = parts.flatMap(([name, one, other]) => (isSame(one, other) ? [] : name))
  return [...changed, ...changedTools(old.tools, card.tools)]
}

function changedTools(before: AskedRequest['card']['tools'], now: AskedRequest['card']['tools']): string[] {
  if (isSame(before, now)) return []
  const [old, today] = [new Map(before.map((tool) => [tool.name, tool])), new Map(now.map((tool) => [tool.name, tool]))]
  const told = [
    ...now.filter(({ name }) => !old.has(name)).map(({ name }) => `${name} is new`),
    ...before.filter(({ name }) => !today.has(name)).map(({ name }) => `${name} is gone`),
    ...now
      .filter((tool) => old.has(tool.name) && !isSame(old.get(tool.name), tool))
      .map(({ name }) => `${name} reads otherwise`),
  ]
  return [`tools: ${told.length > 0 ? told.join(', ') : 'another order'}`]
}

/** The first item that is another: all that comes after it is read anew. */
function changedItem(before: Sent, now: Sent): string[] {
  // A conversation that was only appended to is the same list.
  if (before.items === now.items) return []
  for (let at = 0; at < before.length; at++) {
    const [one, other] = [before.items[at], at < now.length ? now.items[at] : undefined]
    if (one !== other && !isSame(one, other)) return [`item ${at} of ${before.length}`]
  }
  return []
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
