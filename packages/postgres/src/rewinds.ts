import type { Database } from './database.ts'
import type { Head, Heads } from './heads.ts'
import { park } from './park.ts'
import type { Vault } from './vault.ts'

/** How far a history of the journal has come. */
interface Mark {
  readonly history: string
  readonly mark: number
}

/**
 * Notices that the journal is of an earlier moment than what was written to it, and does what has to be done then. There are two
 * proofs of that, and no other sign is taken for one. The journal's mark, on which processes at work count, is behind the one that
 * was told to the vault after it was committed: so a journal is known that was restored apart from its keys. Or the journal
 * lacks what this process has been told is committed, though nobody has taken the run over: so a failover is known that lost
 * commits.
 */
export class Rewinds {
  readonly #db: Database
  readonly #vault: Vault | undefined
  readonly #heads: Heads
  #counted: Mark | undefined
  #settling: Promise<void> | undefined

  /** @param vault that is restored apart from the journal; undefined where there is none. */
  constructor(db: Database, vault: Vault | undefined, heads: Heads) {
    this.#db = db
    this.#vault = vault
    this.#heads = heads
  }

  /** Whether a connection broke, so that another server may be behind the next one. */
  get isDoubtful(): boolean {
    return this.#heads.isDoubtful || this.#settling !== undefined
  }

  /** Looks whether the journal is behind its mark. */
  async look(): Promise<void> {
    if (!this.#vault?.mark) return
    const { history } = await this.#here()
    // What the vault was told was committed before: it is asked first.
    const told = await this.#vault.mark(history, 0)
    const here = await this.#here()
    if (here.history === history && here.mark < told) await this.#park(history, BY_MARK)
  }

  /** Counts the mark on, and tells the vault. */
  async count(): Promise<void> {
    if (!this.#vault?.mark) return
    const { history } = this.#counted ?? (await this.#here())
    const told = await this.#vault.mark(history, 0)
    const [here] = await this.#db.query<Mark>(
      `update ${this.#db.tables.meta} set mark = mark + 1 returning history, mark`,
    )
    this.#counted = here
    if (here?.history === history && here.mark <= told) await this.#park(history, BY_MARK)
    else if (here) await this.#vault.mark(here.history, here.mark)
  }

  /** Looks, after a connection broke, whether the journal has what it has acknowledged. */
  settle(): Promise<void> {
    return (this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined
    }))
  }

  async #settle(): Promise<void> {
    const { history } = await this.#here()
    const known = this.#heads.doubt()
    try {
      if (known.length > 0 && (await this.#lacks(known))) await this.#park(history, BY_WRITER)
    } catch (thrown) {
      this.#heads.forget()
      throw thrown
    }
  }

  async #lacks(known: readonly (readonly [string, Head])[]): Promise<boolean> {
    const { entries, runs } = this.#db.tables
    const heads = known.map(([, head]) => head)
    const lacking = await this.#db.query(
      `select 1 from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) k (id, created_at, epoch, seq, hash)
        join ${runs} r on r.id = k.id and r.created_at = k.created_at and r.erased_at is null
        where r.epoch < k.epoch or (r.epoch = k.epoch and k.seq >= 0
          and not exists (select 1 from ${entries} e where e.run = r.run and e.seq = k.seq and e.hash = k.hash))
        limit 1`,
      [
        known.map(([runId]) => runId),
        heads.map(({ createdAt }) => createdAt),
        heads.map(({ epoch }) => epoch),
        heads.map(({ next }) => next - 1),
        heads.map(({ hash }) => Buffer.from(hash, 'base64url')),
      ],
    )
    return lacking.length > 0
  }

  async #here(): Promise<Mark> {
    const [here] = await this.#db.query<Mark>(`select history, mark from ${this.#db.tables.meta}`)
    return here ?? { history: '', mark: 0 }
  }

  /** Parks what has not ended, unless somebody else has since the journal was looked at. */
  async #park(history: string, proof: string): Promise<void> {
    const { tables } = this.#db
    const parked = await this.#db.transaction(async (tx) => {
      const [here] = await tx.query<Mark>(`select history, mark from ${tables.meta} for update`)
      if (here?.history !== history) return undefined
      const reason = `The journal is of an earlier moment than what was written to it, as after a restored backup or a failover that lost commits: ${proof}. What the run did after that moment is not known: calls with the effect "once" may have happened.`
      return park(tx, tables, reason)
    })
    this.#heads.renounce()
    if (parked === undefined) return
    process.emitWarning(
      `The store at ${this.#db.name} is of an earlier moment than what was written to it, as after a restored backup or a failover that lost commits: ${proof}. ${parked.length === 1 ? 'The run that had not ended by then waits' : `The ${parked.length} runs that had not ended by then wait`} in quarantine for a person, and schedules are paused. End what still works on the database from before, look at each run, and release it: reprise unquarantine RUN --by NAME.`,
      { type: 'RepriseWarning', code: 'store_restored' },
    )
  }
}

const BY_MARK = 'its mark is behind the one that is kept with its keys'
const BY_WRITER = 'it lacks what it had acknowledged to a process that still runs'
