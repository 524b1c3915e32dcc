// Sees every write that reaches the store and everything that is done outside, and says what must not be.
import type { InboxMessage, ModelRequest, RunRow, RunWrite, StoredEntry, Store, WriteResult } from '@reprise/core'
import { changedStore } from '@reprise/testing'
import { QueueWatch } from './queue-watch.ts'
import { bodyOf, ended, isReply, ONCE, RESULTS, rowOf, type Seen, settles } from './seen.ts'
import type { Deed, Doer } from './stories/outside.ts'

/**
 * Nobody takes a run from an owner that has beaten so long ago, in milliseconds: less than a lease, and long enough for
 * whoever takes it to have seen that.
 */
const LEASE_MS = 12_000
const LATE_MS = 6_000

/** A run is spun that is claimed, or whose model is asked, more often than this within a minute. */
const MOST_A_MINUTE = 60
const MINUTE_MS = 60_000

/** A person's word on a call. */
interface Word {
  readonly key: string
  readonly attempt: number
  readonly approved: boolean
  /** When it was left, by the clock of whoever left it. */
  readonly at: number
  /** What the clock that is furthest ahead said once it lay in the store. */
  readonly latest: number
}

/** Watches one world: the name of whoever acts is that under which it owns runs. */
export class Auditor {
  readonly runs = new Map<string, Seen>()
  /** Those that were deleted, as they ended. */
  readonly gone = new Map<string, Seen>()
  /** The moments at which each schedule has begun a run, as they were written. */
  readonly fired = new Map<string, number[]>()
  /** Hears of a run whose id has begun anew. */
  onAnew: (runId: string) => void = () => undefined
  /** What was found wrong. */
  readonly complaints: string[] = []
  /** What is done now, by key: by whom, and whether it was told to stop. */
  readonly #underWay = new Map<string, { readonly by: string; readonly signal: AbortSignal }>()
  /** The etags of the schedules that were moved on with a run. */
  readonly #firings = new Set<string>()
  /** The runs that were told to end. */
  readonly #cancelled = new Set<string>()
  /** The words that were left, by run. */
  readonly #words = new Map<string, Word[]>()
  /** When each owner has beaten. */
  readonly #beats = new Map<string, number[]>()
  /** When the newest claims and asks of each run were. */
  readonly #often = new Map<string, number[]>()
  readonly #onComplaint: (complaint: string) => void
  readonly #livesAt: (owner: string) => number | undefined
  readonly #latest: () => number
  readonly #queue: QueueWatch

  /**
   * @param livesAt gives the time, for an owner that is alive and awake.
   * @param latest gives the most that any process's clock says, or has said since as much time has passed, in
   * milliseconds since 1970.
   * @param agreedFrom gives the moment from which on all clocks say the same; Infinity where they do not.
   */
  constructor(
    onComplaint: (complaint: string) => void,
    livesAt: (owner: string) => number | undefined = () => undefined,
    latest: () => number = () => Infinity,
    agreedFrom: () => number = () => Infinity,
  ) {
    this.#onComplaint = onComplaint
    this.#livesAt = livesAt
    this.#latest = latest
    this.#queue = new QueueWatch(this.runs, latest, agreedFrom, (complaint) => this.complain(complaint))
  }

  complain(complaint: string): void {
    this.complaints.push(complaint)
    this.#onComplaint(complaint)
  }

  /** The same store, whose writes are seen. */
  watch(store: Store): Store {
    const transact = store.transact?.bind(store)
    return changedStore(store, {
      // A thread would beat on when its process is dead.
      keepAlive: undefined,
      commit: async (writes) => {
        const results = await store.commit(writes)
        for (const [index, write] of writes.entries()) this.#answered(write, results[index]?.kind)
        for (const [index, write] of writes.entries()) if (results[index]?.kind === 'written') this.#fires(write)
        return results
      },
      ...(transact && {
        transact: async (runId, epoch, effect) => {
          let write: RunWrite | undefined
          const result = await transact(runId, epoch, (handle) => {
            const given = effect(handle)
            if (given instanceof Promise) return given.then((later) => (write = later))
            return (write = given)
          })
          if (write) this.#answered(write, result.kind)
          return result
        },
      }),
      claim: async (...given) => {
        const row = await store.claim(...given)
        if (row && given[1].ends) this.#claimed(row)
        else if (row) this.#driven(row)
        return row
      },
      take: async (...given) => {
        const rows = await store.take(...given)
        for (const row of rows) this.#taken(row)
        return rows
      },
      gc: async (...given) => {
        const deleted = await store.gc(...given)
        for (const runId of deleted) this.#deleted(runId)
        for (const { row } of this.runs.values())
          if (row.parentId !== null && deleted.includes(row.parentId) && !this.runs.has(row.parentId))
            this.complain(`${row.parentId} was deleted, and its child ${row.id} was left`)
        return deleted
      },
      send: async (message, secrets) => {
        const sent = await store.send(message, secrets)
        if (message.kind === 'cancel') this.#cancelled.add(message.runId)
        if (sent && message.kind === 'approval') this.#left(message)
        return sent
      },
      heartbeat: async (owner, beat) => {
        const lost = await store.heartbeat(owner, beat)
        this.#beats.set(owner, [...(this.#beats.get(owner) ?? []), this.#livesAt(owner) ?? 0])
        return lost
      },
    })
  }

  /** A schedule goes through its moments in their order, and comes to each once; a write that is done again does nothing. */
  #fires({ runId, fires }: RunWrite): void {
    if (!fires || this.#firings.has(fires.schedule.etag)) return
    this.#firings.add(fires.schedule.etag)
    const { name } = fires.schedule
    const at = Date.parse(runId.slice(runId.indexOf('@') + 1))
    const moments = this.fired.get(name) ?? []
    if (at <= (moments.at(-1) ?? -Infinity))
      this.complain(`${runId} is begun after ${moments.length} others of its schedule`)
    this.fired.set(name, [...moments, at])
  }

  /** Somebody begins a deed: it must be the one that owns the run, and what leads to it must be written. */
  begins(deed: Deed, { runId, idempotencyKey, signal }: Doer, by: string): void {
    if (deed === 'look') return
    const where = `${deed} at ${idempotencyKey} by ${by}`
    const seen = this.#acts(by, runId, where)
    if (!seen) return
    const key = idempotencyKey.slice(runId.length + 1)
    if (seen.entries.some((entry) => entry.key === key && RESULTS.has(entry.kind)))
      this.complain(`${where}: its result is written already`)
    const turn = /^(agent:.*)\/call:\d+$/.exec(key)?.[1]
    if (turn !== undefined && !seen.entries.some((entry) => entry.kind === 'model.replied' && entry.key === turn))
      this.complain(`${where}: the reply that asks for it is not written`)
    const word = seen.entries.findLast(({ kind, key: at }) => at === key && kind.startsWith('approval.'))
    if (word && !(word.kind === 'approval.given' && bodyOf(word, 'approval.given').approved))
      this.complain(`${where}: nobody has allowed it`)
    const last = seen.entries.findLast((entry) => entry.key === key)
    if ((deed === 'mail' || deed === 'post') && last?.kind !== 'call.intended')
      this.complain(`${where}: its intent is not written, but ${last?.kind ?? 'nothing'}`)
    const other = this.#underWay.get(idempotencyKey)
    if (other?.by === by && !other.signal.aborted) this.complain(`${where}: it is under way already`)
    this.#underWay.set(idempotencyKey, { by, signal })
  }

  /** A deed is done, or has failed. */
  ends({ idempotencyKey }: Doer, by: string): void {
    if (this.#underWay.get(idempotencyKey)?.by === by) this.#underWay.delete(idempotencyKey)
  }

  /** Somebody asks the model: what it is asked must be written, and its reply must not. */
  asks({ runId, items }: ModelRequest, by: string): void {
    this.#isNotSpun(runId, 'its model asked')
    const where = `the model is asked for ${runId} by ${by}`
    const seen = this.#acts(by, runId, where)
    if (!seen) return
    const replies = seen.entries.filter(({ kind }) => kind === 'model.replied').length
    const asked = items.filter(({ kind }, index) => isReply(kind) && !isReply(items[index - 1]?.kind)).length
    if (replies !== asked) this.complain(`${where} after ${asked} replies, and ${replies} are written`)
    const results = items.filter(({ kind }) => kind === 'result').length
    const settled = new Set(seen.entries.filter(settles).map(({ key }) => key)).size
    if (results > settled) this.complain(`${where} after ${results} results, and ${settled} are written`)
  }

  #acts(by: string, runId: string, where: string): Seen | undefined {
    const seen = this.runs.get(runId)
    if (!seen) this.complain(`${where}: there is no such run`)
    else if (seen.row.owner !== by)
      this.complain(`${where}: the run is owned by ${seen.row.owner ?? 'nobody'} at epoch ${seen.row.epoch}`)
    else if (ended(seen)) this.complain(`${where}: the run has ended`)
    else return seen
    return undefined
  }

  #taken(row: RunRow): void {
    // Somebody may have had it before its moment, who was asked for it.
    if (!this.#isOwned(row)) this.#queue.taken(row)
    this.#driven(row)
  }

  /** One that is taken over from an owner that is gone keeps the place that it has, whatever has begun beside it. */
  #driven(row: RunRow): void {
    const isTakenOver = this.#isOwned(row)
    this.#claimed(row)
    if (!isTakenOver) this.#queue.hasRoom(row)
  }

  #isOwned({ id }: RunRow): boolean {
    return (this.runs.get(id)?.row.owner ?? null) !== null
  }

  #claimed(row: RunRow): void {
    const { id, owner, epoch } = row
    this.#isNotSpun(id, 'claimed')
    const seen = this.runs.get(id)
    if (!seen) return this.complain(`${id} was claimed before it began`)
    if (ended(seen)) this.complain(`${id} has ended and was claimed by ${owner ?? 'nobody'}`)
    if (epoch !== seen.row.epoch + 1) this.complain(`${id} was claimed at epoch ${epoch}`)
    const before = seen.row.owner
    const now = before !== null && before !== owner ? this.#livesAt(before) : undefined
    const isBeating = (at: number): boolean => now !== undefined && now - at > LATE_MS && now - at < LEASE_MS
    if (before !== null && this.#beats.get(before)?.some(isBeating))
      this.complain(`${id} was taken by ${owner ?? 'nobody'} from ${before}, which lives and beats`)
    seen.row = row
  }

  #isNotSpun(runId: string, what: string): void {
    const now = this.#latest()
    const key = `${runId} was ${what}`
    const times = [...(this.#often.get(key) ?? []), now].filter((at) => now - at < MINUTE_MS)
    this.#often.set(key, times.length > MOST_A_MINUTE ? [] : times)
    if (times.length > MOST_A_MINUTE) this.complain(`${key} more than ${MOST_A_MINUTE} times within a minute`)
  }

  #deleted(runId: string): void {
    const seen = this.runs.get(runId)
    if (!seen) return this.complain(`${runId} was deleted, and is not there`)
    if (!ended(seen)) this.complain(`${runId} was deleted, and had not ended`)
    this.runs.delete(runId)
    this.gone.set(runId, seen)
    this.#words.delete(runId)
    this.#cancelled.delete(runId)
    const { root, parentId } = seen.row
    for (const other of this.runs.values())
      if (!ended(other) && (other.row.root === root || other.row.id === parentId))
        this.complain(`${runId} was deleted, and ${other.row.id}, which it belongs to, has not ended`)
  }

  #answered(write: RunWrite, result: WriteResult['kind'] | undefined): void {
    if (result === 'written') return this.#written(write)
    const seen = this.runs.get(write.runId)
    // Nothing is written to a run that has ended: whoever was told that its end failed may try.
    if (result === 'stale' && seen?.row.epoch === write.epoch && !ended(seen))
      this.complain(`${write.runId} was refused a write at its own epoch ${write.epoch}`)
  }

  #written({ runId, epoch, create, entries, row, release, begins = [], adopts = [] }: RunWrite): void {
    let seen = this.runs.get(runId)
    if (!seen && create) this.#begins((seen = { row: rowOf(create), entries: [] }))
    for (const begun of begins) {
      if (this.runs.has(begun.row.id)) continue
      const other: Seen = { row: rowOf(begun.row), entries: [] }
      this.#begins(other)
      for (const entry of begun.entries) this.#append(begun.row.id, other, entry)
    }
    if (!seen) return this.complain(`${runId} was written to before it began`)
    if (epoch !== seen.row.epoch)
      this.complain(`${runId} was written to at epoch ${epoch}, and is at ${seen.row.epoch}`)
    for (const entry of entries) {
      const before = seen.entries[entry.seq]
      if (before === undefined) this.#append(runId, seen, entry)
      else if (before.digest !== entry.digest)
        this.complain(`entry ${entry.seq} of ${runId} was written twice, otherwise`)
    }
    const last = entries.at(-1)
    if (last && last.seq !== seen.entries.length - 1) return
    // One that is only held is a child once that is written down, and else nobody's.
    const goesOnWith = entries.flatMap((entry) =>
      entry.kind === 'run.rewound' ? [bodyOf(entry, 'run.rewound').to] : [],
    )
    for (const { runId: childId, parentKey } of adopts) {
      const child = this.runs.get(childId)
      if (child?.row.parentId === null && goesOnWith.includes(childId))
        child.row = { ...child.row, parentId: runId, parentKey }
    }
    seen.row = { ...seen.row, ...row, ...(release && { owner: null }) }
    const isOver = seen.row.endedAt !== null
    if (isOver !== ended(seen)) this.complain(`${runId} is ${seen.row.status}, and its journal says otherwise`)
    if (isOver && seen.row.owner !== null) this.complain(`${runId} has ended and is owned by ${seen.row.owner}`)
  }

  #begins(seen: Seen): void {
    const { id } = seen.row
    this.runs.set(id, seen)
    if (this.gone.delete(id)) this.onAnew(id)
  }

  #left({ runId, at, body }: InboxMessage): void {
    // Only the runtime writes these bodies.
    const said = body as unknown as Pick<Word, 'key' | 'attempt' | 'approved'>
    this.#words.set(runId, [...(this.#words.get(runId) ?? []), { ...said, at, latest: this.#latest() }])
  }

  /** A time is over once any clock says so. */
  #hasCome(runId: string, { kind, key }: StoredEntry, until: number): void {
    if (this.#latest() < until) this.complain(`${runId}: ${kind} at ${key} was written before its time`)
  }

  /** A call is allowed by a word that was left in time; it runs out when there is none, after that. */
  #answeredFor(runId: string, { entries }: Seen, entry: StoredEntry): void {
    const { key, attempt } = entry
    const { approved, by } = bodyOf(entry, 'approval.given')
    const ask = entries.findLast((other) => other.kind === 'approval.asked' && other.key === key)
    if (ask?.attempt !== attempt) return this.complain(`${runId}: nobody asked for what was said of ${key}`)
    const { until = Infinity } = bodyOf(ask, 'approval.asked')
    const words = (this.#words.get(runId) ?? []).filter(
      (word) => word.key === key && word.attempt === attempt && word.at < until,
    )
    if (by !== 'the clock') {
      if (!words.some((word) => word.approved === approved))
        this.complain(`${runId}: ${key} was ${approved ? 'allowed' : 'refused'}, and nobody said so in time`)
      return
    }
    if (approved) this.complain(`${runId}: the clock has allowed ${key}`)
    this.#hasCome(runId, entry, until)
    if (words.some(({ latest }) => latest < until))
      this.complain(`${runId}: ${key} ran out, though a word was left before any clock said so`)
  }

  #append(runId: string, seen: Seen, entry: StoredEntry): void {
    if (ended(seen)) this.complain(`${runId} has ended, and ${entry.kind} was written after that`)
    if (ONCE.has(entry.kind) && seen.entries.some(({ kind, key }) => kind === entry.kind && key === entry.key))
      this.complain(`${runId}: ${entry.kind} at ${entry.key} was written twice`)
    if (entry.kind === 'run.failed') this.#queue.failed(seen, entry)
    else this.#queue.goesOn(seen, entry)
    if (entry.kind === 'timer.fired') this.#hasCome(runId, entry, bodyOf(entry, 'timer.fired').until)
    if (entry.kind === 'approval.given') this.#answeredFor(runId, seen, entry)
    seen.entries.push(entry)
    if (!ended(seen)) return
    for (const [childId, child] of this.runs)
      if (child.row.parentId === runId && !ended(child) && !this.#cancelled.has(childId))
        this.complain(`${runId} has ended, and its child ${childId} has not, nor was it told to`)
  }
}
