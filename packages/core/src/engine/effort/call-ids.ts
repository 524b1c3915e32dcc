// The ids that models give to calls, made distinct within a run. ask-model.ts calls this before a reply is recorded, so
// that a resume and a replay read the same ids. Pure. No key is made of them (invariant 3): they only tie a result to
// its call.
import type { Entry } from '../../contracts/entry.ts'
import type { ReplyItem } from '../../contracts/item.ts'

/** The most characters of a call id that the API takes. */
const LONGEST = 64

/**
 * Makes the call ids of a reply differ from each other and from all before: models repeat them, and some servers send
 * none. A call that repeats an id of its own reply says so, and is not run.
 *
 * @param seen all call ids of the run so far; the reply's are added.
 */
export function distinctCallIds(items: readonly ReplyItem[], seen: Set<string>): readonly ReplyItem[] {
  const own = new Set<string>()
  return items.map((item) => {
    if (item.kind !== 'call') return item
    const given = item.callId
    const repeats = given !== '' && own.has(given)
    own.add(given)
    const callId = freshId(given || `call_${seen.size}`, seen)
    seen.add(callId)
    return callId === given ? item : { ...item, callId, ...(repeats && { repeats: given }) }
  })
}

function freshId(id: string, seen: ReadonlySet<string>): string {
  let fresh = id
  // Some servers give the same id in every reply: counting on from all that were seen finds a free one at once.
  for (let n = seen.size; seen.has(fresh); n++) fresh = `${id.slice(0, LONGEST - 12)}-${n}`
  return fresh
}

/**
 * All call ids of a run so far.
 *
 * @param before those of the turn that it goes on from, which are added to: nothing else goes on from that.
 */
export function callIdsOf(entries: readonly Entry[], before = new Set<string>()): Set<string> {
  const replies = entries.flatMap((entry) => (entry.kind === 'model.replied' ? entry.body.reply.items : []))
  for (const item of replies) if (item.kind === 'call') before.add(item.callId)
  return before
}
