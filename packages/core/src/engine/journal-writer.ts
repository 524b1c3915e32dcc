// One run's end of the journal: entries get their places here, are gathered, and leave in one write. The sessions,
// take-up.ts, fork.ts and runtime/start/starter.ts add to it; it calls the committer and, once that has answered, tells the
// listeners. It keeps invariants 2 (`write` resolves when all is committed), 7 (what is added comes back as it is
// stored), 8 (each write carries the epoch, and a stale one ends the run here) and 10 (no secret is added).
import type { Draft, Entry } from '../contracts/entry.ts'
import type { NewFact } from '../contracts/fact.ts'
import type { InboxMessage } from '../contracts/message.ts'
import type { Secret } from '../contracts/secret.ts'
import type { Beginning, RowChange, RunWrite, StoredEntry } from '../contracts/write.ts'
import type { RunRow } from '../contracts/run.ts'
import { PROGRESS } from '../journal/entry-kinds.ts'
import { encodeEntry, decodeEntry } from '../journal/entry-codec.ts'
import type { Secrets } from '../journal/secrets.ts'
import type { Engine } from './engine.ts'
import { lostError } from './commit/lost.ts'
import { retrying } from './commit/retrying.ts'

/** What a write carries beside its entries. */
export interface Alongside {
  readonly create?: RunRow
  readonly fires?: NonNullable<RunWrite['fires']>
  readonly row?: RowChange
  readonly release?: NonNullable<RunWrite['release']>
  readonly messages?: readonly InboxMessage[]
  readonly begins?: NonNullable<RunWrite['begins']>
  readonly audit?: NonNullable<RunWrite['audit']>
}

/** Writes the entries of one run that this runtime owns, in their order. */
export class JournalWriter {
  readonly #engine: Engine
  readonly #runId: string
  readonly #epoch: number
  /** Of the run's lineage. */
  readonly secrets: Secrets
  /** When the store was last asked for a write that it took: the run was still this runtime's then, on its monotonic clock. */
  #ownedAt: number
  #seq: number
  #encoded: StoredEntry[] = []
  #entries: Entry[] = []
  #consumed: string[] = []
  /** The children that what was added points to, and how much was added before each. */
  #adopts: { readonly after: number; readonly runId: string; readonly parentKey: string }[] = []
  /** The facts that what was added has learned, and how much was added before each. */
  #facts: { readonly after: number; readonly fact: NewFact }[] = []
  /** Whether the lineage's secrets were loaded for this run: whose they are is known from then on. */
  #hasLoaded = false
  /** How many the lineage had as of the commit of the newest entries; undefined where the store has not said. */
  #secretsKept: number | undefined
  /** How much of what was added, and consumed, is written in any case. */
  #kept = { entries: 0, consumed: 0 }
  #isFurther = false
  /** Whether what was added got the run further though its kind alone does not say so. */
  #isSound = false
  /** Whether an end of the run, or its quarantine, may stand though nobody heard of it (fault 6). */
  #mayHaveEnded = false

  /**
   * @param seq of the next entry.
   * @param takenAt when the store was asked for the run, on the monotonic clock. @default it was not: the run is new
   */
  constructor(
    engine: Engine,
    { id, epoch, lineageId }: Pick<RunRow, 'id' | 'epoch' | 'lineageId'>,
    seq: number,
    takenAt = -Infinity,
  ) {
    this.#engine = engine
    this.#runId = id
    this.#epoch = epoch
    this.secrets = engine.secretsOf(lineageId)
    this.#seq = seq
    this.#ownedAt = takenAt
  }

  /** Gives a draft its place; a fact is kept with it. It counts when `write` has resolved. */
  add(draft: Draft, fact?: NewFact): Entry {
    const { stored, entry } = encodeEntry(draft, this.#seq++, this.#engine.clock.now(), this.secrets)
    this.#encoded.push(stored)
    if (draft.kind === 'run.rewound')
      this.#adopts.push({ after: this.#entries.length, runId: draft.body.to, parentKey: draft.key })
    if (fact) this.#facts.push({ after: this.#entries.length, fact })
    this.#entries.push(entry)
    const hasHappened = draft.kind === 'call.resolved' && draft.body.happened
    this.#isFurther ||= hasHappened || PROGRESS.has(draft.kind)
    this.#isSound ||= hasHappened
    return entry
  }

  /** Whether the run has got any further since this process took it. */
  get isFurther(): boolean {
    return this.#isFurther
  }

  /**
   * What was added and consumed so far came from outside: it is written also where nobody can say what follows from it. A
   * reply is paid for.
   */
  keep(): void {
    this.#kept = { entries: this.#encoded.length, consumed: this.#consumed.length }
  }

  /** Takes over an entry of another run as it stands there. */
  copy(stored: StoredEntry): Entry {
    const entry = decodeEntry(stored)
    this.#seq++
    this.#encoded.push(stored)
    this.#entries.push(entry)
    return entry
  }

  /** Takes over an entry of another run with another body, at its place and of its time. */
  copyAs({ at }: StoredEntry, draft: Draft): Entry {
    const { stored, entry } = encodeEntry(draft, this.#seq++, at, this.secrets)
    this.#encoded.push(stored)
    this.#entries.push(entry)
    return entry
  }

  /** Takes a message out of the inbox with the next write. */
  consume(dedupe: string): void {
    this.#consumed.push(dedupe)
  }

  /**
   * Makes a run a child at a key before it is known to be one: as long as this one has not ended, it is not deleted.
   *
   * @throws StoreError when the run has another owner, or the store fails.
   */
  async hold(runId: string, parentKey: string): Promise<void> {
    const write = { runId: this.#runId, epoch: this.#epoch, entries: [], adopts: [{ runId, parentKey }] }
    const result = await this.#engine.committer.commit(write)
    if (result.kind === 'stale') throw lostError(this.#runId)
  }

  /**
   * Commits what was added and tells the listeners (the barrier, invariant 2).
   *
   * @returns whether a run of this id existed already; then nothing is written.
   * @throws StoreError when the run has another owner, or the store fails.
   */
  async write(alongside: Alongside = {}): Promise<'written' | 'exists'> {
    this.#secretsKept = undefined
    if (this.#encoded.length === 0 && this.#consumed.length === 0 && !alongside.row && !alongside.release)
      return 'written'
    const entries = this.#entries
    const write = this.#take(alongside)
    const asked = this.#engine.clock.monotonic()
    const endsIt = write.row?.endedAt != null || write.row?.status === 'quarantined'
    this.#mayHaveEnded ||= endsIt
    const result = await this.#engine.committer.commit(write)
    if (result.kind === 'stale') throw lostError(this.#runId)
    if (result.kind === 'exists') return 'exists'
    this.#secretsKept = result.secrets
    this.#ownedAt = asked
    if (write.secrets) this.secrets.saved(write.secrets)
    for (const entry of entries) this.#engine.emit({ ...entry, runId: this.#runId })
    return 'written'
  }

  /**
   * Gives what was added to whoever writes it for this run: another run, which begins this one with a write of its own, or a
   * transaction of the application's.
   *
   * @returns what begins, and what is to be called once that is committed.
   */
  beginBy(row: RunRow): { readonly beginning: Beginning; readonly begun: () => void } {
    const entries = this.#entries
    const asked = this.#engine.clock.monotonic()
    const { entries: stored, secrets } = this.#take({})
    const beginning = { row, entries: stored, ...(secrets && { secrets }) }
    const begun = (): void => {
      this.#ownedAt = asked
      for (const entry of entries) this.#engine.emit({ ...entry, runId: this.#runId })
    }
    return { beginning, begun }
  }

  /**
   * Runs an effect in the store's own transaction with the entry that it gives. All that was added must be written.
   *
   * @param onThrow is told what the effect threw: what is thrown here may be the store's own failure all the same.
   * @throws what the effect throws, after which nothing of it is there; StoreError when the run has another owner.
   */
  async transact(
    effect: (handle: unknown) => Draft | Promise<Draft>,
    onThrow: (error: unknown) => void,
  ): Promise<Entry> {
    if (!this.#engine.store.transact)
      throw new Error('createRuntime refuses transactional tools on a store without transactions')
    this.#secretsKept = undefined
    const { unsaved } = this.secrets
    const { clock } = this.#engine
    const asked = clock.monotonic()
    let isAgain = false
    let thrown: { readonly error: unknown } | undefined
    const note = (error: unknown): never => {
      thrown = { error }
      onThrow(error)
      throw error
    }
    const trying = (handle: unknown): Draft | Promise<Draft> => {
      try {
        const draft = effect(handle)
        return draft instanceof Promise ? draft.catch(note) : draft
      } catch (error) {
        return note(error)
      }
    }
    const once = async (): Promise<Entry> => {
      // It may have been done though the store failed to say so (fault 6): then it is not done again.
      const before = isAgain ? await this.#standing() : undefined
      isAgain = true
      return before ?? this.#transactOnce(trying)
    }
    // A tool's own word that it may be tried again is none of the store's.
    const entry = await retrying(clock, once, (error) => thrown?.error !== error)
    this.#seq++
    this.#ownedAt = asked
    this.secrets.saved(unsaved)
    this.#engine.emit({ ...entry, runId: this.#runId })
    return entry
  }

  async #transactOnce(effect: (handle: unknown) => Draft | Promise<Draft>): Promise<Entry> {
    const done: Entry[] = []
    let unsaved: readonly Secret[] = []
    const { store, clock } = this.#engine
    const writeOf = (draft: Draft): RunWrite => {
      const { stored, entry } = encodeEntry(draft, this.#seq, clock.now(), this.secrets)
      done.push(entry)
      // With those that the effect has brought.
      unsaved = this.secrets.unsaved
      return this.#with(unsaved, { runId: this.#runId, epoch: this.#epoch, entries: [stored] })
    }
    const result = await store.transact?.(this.#runId, this.#epoch, (handle) => {
      const draft = effect(handle)
      return draft instanceof Promise ? draft.then(writeOf) : writeOf(draft)
    })
    const entry = done.at(-1)
    if (result?.kind !== 'written' || !entry) throw lostError(this.#runId)
    this.secrets.saved(unsaved)
    return entry
  }

  /** The entry at the place of the next one, where this owner has written it: nobody else writes at its epoch. */
  async #standing(): Promise<Entry | undefined> {
    const { store } = this.#engine
    const stored = (await store.entries(this.#runId))[this.#seq]
    if (!stored) return undefined
    if ((await store.run(this.#runId))?.epoch !== this.#epoch) throw lostError(this.#runId)
    return decodeEntry(stored)
  }

  /**
   * Makes sure that the run is still this runtime's, where nothing has shown that for a while: before anything is begun
   * (invariant 8). Whoever has lost it has been told when this resolves.
   *
   * @throws StoreError when the store does not answer.
   */
  fence(): Promise<void> | undefined {
    return this.#engine.fence(this.#runId, this.#ownedAt)
  }

  /**
   * Takes over the secrets that others who work on the lineage have kept, before anything is begun with what they said. The
   * store is not asked where the commit just made says that there are no others.
   */
  loadSecrets(): Promise<void> | undefined {
    const kept = this.#secretsKept
    this.#secretsKept = undefined
    if (!this.secrets.kept || (this.#hasLoaded && kept !== undefined && this.secrets.hasLoaded(kept))) return undefined
    this.#hasLoaded = true
    return this.secrets.load()
  }

  /**
   * Gives the run up with what was kept, whatever else was added. The row of one that may have ended is left alone.
   *
   * @returns whether the store could be told what its row says: the run is lost to this process either way.
   */
  async giveUp(row: RowChange, release: NonNullable<Alongside['release']>): Promise<boolean> {
    const { entries, consumed } = this.#kept
    this.#seq -= this.#encoded.length - entries
    this.#encoded.length = entries
    this.#entries.length = entries
    this.#consumed.length = consumed
    this.#adopts = this.#adopts.filter(({ after }) => after < entries)
    this.#facts = this.#facts.filter(({ after }) => after < entries)
    const hasRow = !this.#mayHaveEnded
    return this.write({ ...(hasRow && { row }), release }).then(
      () => hasRow,
      () => false,
    )
  }

  #take(alongside: Alongside): RunWrite {
    const sound = this.#isSound && { sound: true as const }
    const counted = this.secrets.kept && COUNTED
    const write = { runId: this.#runId, epoch: this.#epoch, entries: this.#encoded, ...sound, ...counted, ...alongside }
    const consumed = this.#consumed
    const adopts = this.#adopts.map(({ runId, parentKey }) => ({ runId, parentKey }))
    const facts = this.#facts.map(({ fact }) => fact)
    this.#adopts = []
    this.#facts = []
    this.#encoded = []
    this.#entries = []
    this.#consumed = []
    this.#kept = { entries: 0, consumed: 0 }
    this.#isSound = false
    return this.#with(this.secrets.unsaved, {
      ...write,
      ...(consumed.length > 0 && { consumed }),
      ...(adopts.length > 0 && { adopts }),
      ...(facts.length > 0 && { facts }),
    })
  }

  /** A secret is written at the latest with the first entry that has its token. */
  #with(secrets: readonly Secret[], write: RunWrite): RunWrite {
    return secrets.length > 0 ? { ...write, secrets } : write
  }
}

const COUNTED = { countSecrets: true } as const
