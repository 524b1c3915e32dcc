// What turns of a session go on from. A turn's journal has what is new in it alone (invariant 1): what came before is read off
// the journals of the turns before, back to the first, or is still at hand from a turn that was driven here. take-up.ts,
// fork.ts, runtime/start/starter.ts and whoever replays or shows a turn asks here; session.ts keeps what it has driven.
import { emptyState, fold } from '../agent/state/fold.ts'
import type { AgentState, Before } from '../agent/state/state.ts'
import type { Entry, EntryOf } from '../contracts/entry.ts'
import type { Item } from '../contracts/item.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Store } from '../contracts/store.ts'
import { decodeEntry } from '../journal/entry-codec.ts'
import { digest, type Digest } from '../values/digest.ts'
import { StoreError } from '../values/errors.ts'

/** A turn that another may go on from, with all call ids up to its end. */
export interface Turn extends Before {
  readonly callIds: Set<string>
}

/** How many items of conversations are kept at hand, whosever they are. */
const MOST_ITEMS = 100_000

/** How many turns before a turn are looked at together. */
const PAGE = 10

/** Reads the turns of sessions, and keeps at hand how the newest have ended. */
export class Chains {
  readonly #store: Pick<Store, 'entries' | 'runs'>
  /** By the ids of their runs, those used longest ago first. */
  readonly #known = new Map<string, Turn & { readonly sessionId: string }>()
  /** By the ids of sessions. */
  readonly #newest = new Map<string, string>()
  #items = 0

  constructor(store: Pick<Store, 'entries' | 'runs'>) {
    this.#store = store
  }

  /** Keeps at hand how a turn of a session has ended, in the place of the turns before it. */
  keepOf({ id, sessionId }: RunRow, state: AgentState, callIds: Set<string>): void {
    if (sessionId === null) return
    const before = this.#newest.get(sessionId)
    if (before !== undefined) this.forget(before)
    this.#newest.set(sessionId, id)
    this.#known.set(id, { runId: id, sessionId, state, callIds })
    this.#items += state.items.length
    for (const [runId] of this.#known) {
      if (this.#items <= MOST_ITEMS) break
      this.forget(runId)
    }
  }

  /** The turn before another in its session, as its row stands; undefined for the first. */
  async rowBefore({ id, sessionId, turn }: RunRow): Promise<RunRow | undefined> {
    if (sessionId === null || turn === null || turn === 1) return undefined
    const [before] = await this.#store.runs({ sessionId, order: 'newest', after: id, limit: 1 })
    return before
  }

  /**
   * The newest turn of those up to one that has begun, once all of them have ended: what was cancelled before it began is no part
   * of the conversation. Undefined where none has.
   */
  async newestBegun(row: RunRow): Promise<Turn | undefined> {
    for (let page: readonly RunRow[] = [row]; page.length > 0;) {
      for (const { id, turn } of page) {
        const known = this.#known.get(id)
        if (known) return this.#used(known)
        const entries = await this.#entries(id)
        if (turn === 1 || joinIn(entries)) return this.#read(id, entries)
      }
      const { id: after } = page.at(-1) ?? row
      page = await this.#store.runs({ sessionId: row.sessionId ?? '', order: 'newest', after, limit: PAGE })
    }
    return undefined
  }

  /**
   * What a run goes on from by its own entries, those of a fork of a turn among them; undefined where it goes on from nothing.
   *
   * @throws StoreError with code `store_corrupt` where that is not there, or is not what it was.
   */
  async joinedBy(entries: readonly Entry[]): Promise<Turn | undefined> {
    const join = joinIn(entries)
    if (!join) return undefined
    const { of } = join.body
    const known = this.#known.get(of)
    const turn = known ? this.#used(known) : await this.#read(of, await this.#entries(of))
    if (hashOf(turn.state) !== join.body.hash) throw notWhatItWas(of)
    return turn
  }

  /** Reads back as far as nothing is at hand, and folds on from there. */
  async #read(runId: string, newest: readonly Entry[]): Promise<Turn> {
    const unread = [{ runId, entries: newest }]
    let known: Turn | undefined
    for (let join = joinIn(newest); join;) {
      const { of } = join.body
      known = this.#known.get(of)
      if (known) break
      const entries = await this.#entries(of)
      if (entries.length === 0) throw notWhatItWas(of)
      unread.push({ runId: of, entries })
      join = joinIn(entries)
    }
    let state = known?.state ?? null
    for (const { entries } of unread.toReversed()) state = stateAfter(entries, state)
    if (!state) throw notWhatItWas(runId)
    return { runId, state, callIds: callIdsIn(state.items.items, state.items.length) }
  }

  #used(known: Turn & { readonly sessionId: string }): Turn {
    this.#known.delete(known.runId)
    this.#known.set(known.runId, known)
    return known
  }

  /** Keeps a turn at hand no longer. */
  forget(runId: string): void {
    const known = this.#known.get(runId)
    if (!known) return
    this.#known.delete(runId)
    this.#newest.delete(known.sessionId)
    this.#items -= known.state.items.length
  }

  async #entries(runId: string): Promise<readonly Entry[]> {
    return (await this.#store.entries(runId)).map(decodeEntry)
  }
}

/** What the conversation of a run that has ended is known by: all that was heard up to its newest entry. */
export function hashOf({ requestChain, digest: newest }: AgentState): Digest {
  return digest(`${requestChain} ${newest}`)
}

function stateAfter(entries: readonly Entry[], before: AgentState | null): AgentState {
  const join = joinIn(entries)
  if (join && before && hashOf(before) !== join.body.hash) throw notWhatItWas(join.body.of)
  return entries.reduce(fold, emptyState({ before }))
}

/** The entry by which a run goes on from another. It is among the first, or was taken over by a fork. */
function joinIn(entries: readonly Entry[]): EntryOf<'history.joined'> | undefined {
  return entries.find((entry) => entry.kind === 'history.joined')
}

function callIdsIn(items: readonly Item[], length: number): Set<string> {
  const ids = new Set<string>()
  for (let at = 0; at < length; at++) {
    const item = items[at]
    if (item?.kind === 'call') ids.add(item.callId)
  }
  return ids
}

function notWhatItWas(runId: string): StoreError {
  return new StoreError({
    code: 'store_corrupt',
    message: `The turn "${runId}" of a session, which another goes on from, is not there, or is not what it was. Restore the store from a backup, or begin another session.`,
    details: { runId },
  })
}
