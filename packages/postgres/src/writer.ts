import { factLineage } from '@reprise/core'
import type { NewRun, RunWrite, WriteResult } from '@reprise/core'
import type { Cipher } from '@reprise/format'
import { appendStatement } from './append.ts'
import { Batch } from './batch.ts'
import type { MovedMessage } from './batch.ts'
import type { Outside } from './outside.ts'
import type { Puts } from './put.ts'
import { Unput } from './unput.ts'
import { Ciphers, plainIn } from './ciphers.ts'
import type { Database, Queryable } from './database.ts'
import type { Early } from './early.ts'
import { isInTheWay } from './errors.ts'
import { flush } from './flush.ts'
import { givesUp } from './hints.ts'
import type { Head, Heads } from './heads.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import { areInOrder, asWrite, Plan } from './plan.ts'
import { lineageOf, lockSchedules } from './schedule-rows.ts'
import type { Secrets } from './secrets.ts'
import { SessionTurns } from './session-turns.ts'
import { lockRuns, StandingHashes } from './standings.ts'
import type { Standing } from './standings.ts'
import { checkTexts } from './texts.ts'
import { Turns } from './turns.ts'

/** What a transaction has made: the results, once it is committed. */
interface Written {
  readonly results: readonly Promise<WriteResult>[]
  readonly plan: Plan
  readonly ciphers: Ciphers
  readonly freed: readonly string[]
}

/** What a commit comes to. */
export interface Committed {
  readonly results: readonly WriteResult[]
  /** The runs of concurrency keys that have given up their places, or their turns. */
  readonly freed: readonly string[]
}

/** What a commit gathers on its way. */
interface Gathered {
  readonly puts: Puts
  readonly freed: string[]
}

/** What a writer works with. */
interface Parts {
  readonly db: Database
  readonly lineages: Lineages
  readonly secrets: Secrets
  readonly heads: Heads
  readonly early: Early
  readonly outside: Outside
}

/**
 * Writes what runs have to say. Where all that a commit does is to add to runs whose ends are known, it is one statement; what
 * that does not find as it should be, and whatever begins, is looked at in a transaction that locks the runs first.
 */
export class Writer {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #secrets: Secrets
  readonly #heads: Heads
  readonly #early: Early
  readonly #outside: Outside
  readonly #turns = new Turns()

  constructor({ db, lineages, secrets, heads, early, outside }: Parts) {
    this.#db = db
    this.#lineages = lineages
    this.#secrets = secrets
    this.#heads = heads
    this.#early = early
    this.#outside = outside
  }

  /** As the store's. */
  async commit(writes: readonly RunWrite[]): Promise<Committed> {
    for (const write of writes) checkTexts(this.#db.name, write)
    if (writes.length === 0) return { results: [], freed: [] }
    const runIds = writes.flatMap(({ runId, begins = [] }) => [runId, ...begins.map(({ row }) => row.id)])
    return this.inTurn(runIds, () => this.#commit(writes))
  }

  /** Works on runs when all that was asked for before is done with them. */
  async inTurn<T>(runIds: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#turns.take(runIds, async () => {
      try {
        return await work()
      } catch (thrown) {
        // Whether it was written after all, nobody knows.
        for (const runId of runIds) this.#heads.drop(runId)
        throw thrown
      }
    })
  }

  /**
   * Writes in a transaction, which begins with it, or has locked what it writes to. Lineages are locked before runs, as they
   * are by whoever deletes or erases.
   *
   * @param made how lineages are kept in which runs begin. @default they are asked for once they are locked
   * @param puts what was put outside for them. @default nothing, and nothing stands there: no place of blobs is waited for
   * while an effect holds its locks
   * @throws Unput with what stands nowhere yet.
   */
  async writeIn(
    tx: Queryable,
    writes: readonly RunWrite[],
    made?: Awaited<ReturnType<Lineages['make']>>,
    puts?: Puts,
  ): Promise<Written> {
    const { tables } = this.#db
    const all = writes.flatMap((write) => [write, ...(write.begins ?? []).map(asWrite)])
    const created = createdBy(writes)
    const fired = firedBy(writes)
    const lineageIds = created.map(({ lineageId }) => lineageId)
    const ids = all.flatMap(({ runId, adopts = [] }) => [runId, ...adopts.map((child) => child.runId)])
    const addressees = this.#lineages.encrypted ? all.flatMap(({ messages = [] }) => messages.map((m) => m.runId)) : []
    const locked = lockLineages(
      tx,
      tables.runs,
      [
        ...created.flatMap(({ id, lineageId }) => [id, lineageId]),
        ...(this.#lineages.encrypted ? [...fired.map(lineageOf), ...writes.flatMap(learnedBy)] : []),
      ],
      'shared',
    )
    const [standings, etags, turns, early] = await Promise.all([
      lockRuns(tx, tables, [...new Set(ids)], [...new Set([...lineageIds, ...addressees])]),
      lockSchedules(tx, tables, fired),
      SessionTurns.of(tx, tables, created),
      this.#early.read(
        tx,
        created.map(({ id }) => id),
      ),
      locked,
      this.#lineages.refuseRotated(tx, tables),
    ])
    const ciphers = await Ciphers.of(
      this.#lineages,
      standings.values(),
      made ?? (await this.#lineages.make(keptBy(writes, { etags, standings }))),
    )
    const hashes = new StandingHashes()
    await hashes.read(tx, tables, all, standings)
    const moved = await this.#movedFor(created, ciphers, early)
    const plan = new Plan(standings, hashes, ciphers, { etags, turns, early: moved })
    const planned = writes.map((write) => plan.write(write))
    const lined = writes.filter(({ runId }, index) => planned[index] === 'written' && plan.standing(runId)?.isLined)
    const missing = puts && (await this.#outside.find(tx, plan.batch, puts))
    if (missing && missing.blobs.length > 0) throw new Unput(missing)
    flush(tx, tables, plan.batch, this.#secrets)
    const results = writes.map(async ({ runId, countSecrets }, index): Promise<WriteResult> => {
      const kind = planned[index] ?? 'stale'
      const lineageId = plan.standing(runId)?.lineageId
      if (kind !== 'written' || !countSecrets || lineageId === undefined) return { kind }
      return { kind, secrets: await this.#secrets.count(tx, lineageId) }
    })
    for (const result of results) result.catch(() => undefined)
    return { results, plan, ciphers, freed: lined.filter(givesUp).map(({ runId }) => runId) }
  }

  /** What waits for runs that are to begin, as they will have it. */
  async #movedFor(
    created: readonly NewRun[],
    ciphers: Ciphers,
    waiting: Awaited<ReturnType<Early['read']>>,
  ): Promise<ReadonlyMap<string, readonly MovedMessage[]>> {
    if (waiting.size === 0) return new Map()
    const moved = created.map(async (row) => {
      const messages = await this.#early.moved(row, ciphers.ofNew(row), waiting.get(row.id) ?? [])
      return [row.id, messages] as const
    })
    return new Map(await Promise.all(moved))
  }

  /** Takes over what a committed transaction has made. */
  async settle({ results, plan, ciphers }: Written): Promise<readonly WriteResult[]> {
    for (const { id } of plan.batch.runs) {
      const standing = plan.standing(id)
      const cipher = standing && ciphers.of(standing)
      if (!standing || !cipher) this.#heads.drop(id)
      else if (isInFlight(standing)) this.#heads.set(id, { ...standing, cipher })
      else this.#heads.leave(id, { ...standing, cipher })
    }
    return Promise.all(results)
  }

  async #commit(writes: readonly RunWrite[]): Promise<Committed> {
    const gathered: Gathered = { puts: new Map(), freed: [] }
    const results = await this.#write(writes, gathered)
    await this.#outside.letGo(gathered.puts)
    return { results, freed: gathered.freed }
  }

  async #write(writes: readonly RunWrite[], gathered: Gathered): Promise<readonly WriteResult[]> {
    const results = await this.#append(writes, gathered)
    if (results === undefined) return this.#transact(writes, gathered)
    const left = writes.filter((_, index) => results[index] === undefined)
    const others = left.length > 0 ? [...(await this.#transact(left, gathered))] : []
    return results.map((result) => result ?? others.shift() ?? { kind: 'stale' })
  }

  /** What has to be put outside is known in the transaction, which is given up for that and made again: it holds locks. */
  async #transact(writes: readonly RunWrite[], { puts, freed }: Gathered): Promise<readonly WriteResult[]> {
    // Keys are made once lineages are locked. Without keys there is only to be known what was erased long ago: who erases at the
    // same time says so in the rows, which are locked. Then no connection is held while another is waited for.
    const made = this.#lineages.encrypted ? undefined : await this.#lineages.make(keptBy(writes))
    for (;;) {
      try {
        const written = await this.#db.transaction((tx) => this.writeIn(tx, writes, made, puts))
        freed.push(...written.freed)
        return await this.settle(written)
      } catch (thrown) {
        if (!(thrown instanceof Unput)) throw thrown
        await this.#outside.put(thrown.missing, puts)
      }
    }
  }

  /**
   * Writes in one statement, where nothing else is needed.
   *
   * @returns undefined where it is; a result is undefined where the run was not found as it should be.
   */
  async #append(
    writes: readonly RunWrite[],
    { puts, freed }: Gathered,
  ): Promise<readonly (WriteResult | undefined)[] | undefined> {
    const heads = this.#headsOf(writes)
    if (heads === undefined) return undefined
    const batch = new Batch()
    const after = writes.map((write, index) => this.#add(batch, write, heads[index]))
    for (;;) {
      const missing = await this.#outside.find(this.#db, batch, puts)
      if (missing.blobs.length === 0) break
      await this.#outside.put(missing, puts)
    }
    const { text, values } = appendStatement(this.#db.tables, batch, 'checked', this.#lineages.given)
    let rows: readonly { readonly n: number; readonly secrets: number }[]
    try {
      rows = await this.#db.query(text, values)
    } catch (thrown) {
      if (isInTheWay(thrown)) return undefined
      throw thrown
    }
    const found = new Map(rows.map(({ n, secrets }) => [n, secrets]))
    return writes.map((write, index) => {
      const { runId, countSecrets, row, release } = write
      const secrets = found.get(index + 1)
      if (secrets !== undefined && heads[index]?.isLined && givesUp(write)) freed.push(runId)
      const head = after[index]
      if (!head || secrets === undefined) this.#heads.drop(runId)
      else if (release || (row?.endedAt ?? null) !== null) this.#heads.leave(runId, head)
      else this.#heads.set(runId, head)
      if (secrets === undefined) return undefined
      return countSecrets ? { kind: 'written', secrets } : { kind: 'written' }
    })
  }

  /** The heads that writes go on from, where those do nothing but to add; undefined where one does more. */
  #headsOf(writes: readonly RunWrite[]): readonly Head[] | undefined {
    const heads = new Map<string, Head>()
    const emptied = new Set(writes.flatMap(({ runId, consumed = [] }) => (consumed.length > 0 ? [runId] : [])))
    for (const write of writes) {
      const { runId, epoch, entries, create, begins = [], adopts = [], secrets = [], messages = [], facts = [] } = write
      const head = this.#heads.get(runId)
      const isMore = create || begins.length + adopts.length + secrets.length + facts.length > 0 || heads.has(runId)
      if (!head || isMore || head.epoch !== epoch) return undefined
      if ((entries[0]?.seq ?? head.next) !== head.next || !areInOrder(entries)) return undefined
      // A message that comes must not be taken for the one that leaves.
      if (messages.some((message) => emptied.has(message.runId) || !this.#cipherOf(message.runId))) return undefined
      heads.set(runId, head)
    }
    return [...heads.values()]
  }

  /** @returns the head afterwards. */
  #add(batch: Batch, write: RunWrite, head: Head | undefined): Head {
    if (head === undefined) throw new Error('Each write has its head.')
    const { runId, epoch, entries, row } = write
    const n = batch.place({ id: runId, epoch, before: head.next - 1, hash: head.hash })
    let { hash } = head
    for (const entry of entries) hash = batch.append(n, runId, head.cipher, hash, entry)
    if (row && entries.length === 0) batch.bare(n)
    batch.finish(n, write, (other) => this.#cipherOf(other))
    batch.note(n, write.audit ?? [])
    return { ...head, next: head.next + entries.length, hash }
  }

  /** How a run is kept that gets a message, where that is known. */
  #cipherOf(runId: string): Cipher | undefined {
    return plainIn(this.#lineages) ?? this.#heads.get(runId)?.cipher
  }
}

/** The rows of the runs that writes may begin. */
function createdBy(writes: readonly RunWrite[]): readonly NewRun[] {
  return writes.flatMap(({ create, begins = [] }) => [...(create ? [create] : []), ...begins.map(({ row }) => row)])
}

/** The names of the schedules that writes fire. */
function firedBy(writes: readonly RunWrite[]): readonly string[] {
  return writes.flatMap(({ fires }) => (fires ? [fires.schedule.name] : []))
}

/** What stands, locked: the etags of schedules by their names, and runs by their ids. */
interface Standings {
  readonly etags: ReadonlyMap<string, string>
  readonly standings: ReadonlyMap<string, Standing>
}

/**
 * The lineages whose keys writes may need, of runs, of schedules and of what is known of somebody.
 *
 * @param known for a schedule that a write has not seen as it stands, for the runs of that write and for one whose id is taken
 * no key is made: they are refused, and nobody would let go of it. @default nothing is known yet
 */
function keptBy(writes: readonly RunWrite[], known?: Standings): readonly Pick<NewRun, 'lineageId'>[] {
  const going = known ? writes.filter(isGoing(known.etags)) : writes
  const fresh = createdBy(going).filter(({ id }) => !known?.standings.has(id))
  const learning = going.filter(
    ({ runId, epoch, create }) => !known || create || known.standings.get(runId)?.epoch === epoch,
  )
  const others = [...firedBy(going).map(lineageOf), ...learning.flatMap(learnedBy)]
  return [...fresh, ...others.map((lineageId) => ({ lineageId }))]
}

/** The lineages of the facts that a write learns. */
function learnedBy({ facts = [] }: RunWrite): readonly string[] {
  return facts.map(({ scope }) => factLineage(scope))
}

/** Tells of writes, in their order, whether the schedule that one moves on may stand by then as it was seen. */
function isGoing(etags: Standings['etags']): (write: RunWrite) => boolean {
  const seen = new Map([...etags].map(([name, etag]) => [name, new Set([etag])]))
  return ({ fires }) => {
    if (!fires) return true
    const { name, etag } = fires.schedule
    const own = seen.get(name)
    if (fires.before === null ? etags.has(name) : !own?.has(fires.before)) return false
    seen.set(name, (own ?? new Set<string>()).add(etag))
    return true
  }
}

function isInFlight({ owner, ended }: Standing): boolean {
  return owner !== null && !ended
}
