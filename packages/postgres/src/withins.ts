import type { AuditNote, Beginning, InboxMessage, NewRun, Secret, Within } from '@reprise/core'
import type { Outside } from './outside.ts'
import type { Database } from './database.ts'
import { Early } from './early.ts'
import { Entries } from './entries.ts'
import { isReady, tellStatement } from './hints.ts'
import type { News } from './hints.ts'
import { Inbox } from './inbox.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import { asWrite } from './plan.ts'
import { Runs } from './runs.ts'
import { Secrets } from './secrets.ts'
import { checkTexts } from './texts.ts'
import { beginStatement } from './tx-begin.ts'
import { badTransaction } from './tx-runner.ts'
import type { FoundTransaction } from './tx-runner.ts'
import { TxDatabase } from './tx-database.ts'

/** A store within one transaction. */
export interface Inside {
  readonly db: TxDatabase
  readonly runs: Runs
  readonly entries: Entries
  readonly inbox: Inbox
  readonly early: Early
  readonly secrets: Secrets
}

/** What tells whether a transaction is on the database of a store, and how that gives numbers. */
interface Sight {
  readonly database: string
  readonly table: number
  readonly numbers: readonly string[]
}

/** Stores within transactions of programs. */
export class Withins {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #channel: string
  readonly #outside: Outside
  readonly #known = new WeakMap<object, Promise<Inside>>()
  #sight: Promise<Sight> | undefined

  /** @param channel on which hints are sent. */
  constructor(db: Database, lineages: Lineages, channel: string, outside: Outside) {
    this.#db = db
    this.#lineages = lineages
    this.#channel = channel
    this.#outside = outside
  }

  /** Does something within a transaction, after what was asked for there before. */
  async within<T>(tx: object, found: FoundTransaction, work: (inside: Inside) => Promise<T>): Promise<T> {
    let entering = this.#known.get(tx)
    if (!entering) {
      entering = this.#enter(found)
      this.#known.set(tx, entering)
      entering.catch(() => this.#known.delete(tx))
    }
    const inside = await entering
    return inside.db.inTurn(() => work(inside))
  }

  /** As `Within.begin`. */
  async begin({ db, early, secrets }: Inside, beginning: Beginning): Promise<boolean> {
    const { row } = beginning
    checkTexts(db.name, asWrite(beginning))
    // Most that are there are found so, and nothing is locked for the time that the program takes.
    const [there] = await db.query(`select 1 as n from ${db.tables.runs} where id = $1::text`, [row.id])
    if (there || (await isOtherTenants(db, row))) return false
    await lockLineages(db, db.tables.runs, [row.id, row.lineageId], 'shared')
    const kept = (await this.#lineages.make([row])).get(row.lineageId)
    if (!kept) return false
    const { text, values } = beginStatement(db.tables, beginning, kept)
    const [made] = await db.query<{ n: number }>(text, values)
    if (made?.n !== 1) return false
    await secrets.keep(db, row.lineageId, kept.cipher, beginning.secrets ?? [])
    await early.welcome(db, row, kept)
    if (isReady(row)) await this.#tell(db, { isWork: true, mail: [], freed: [] })
    return true
  }

  /** As `Within.send`. */
  async send(
    { db, inbox }: Inside,
    message: InboxMessage,
    secrets: readonly Secret[],
    note?: AuditNote,
  ): Promise<boolean> {
    const isNew = await inbox.send(message, secrets, note)
    if (isNew) await this.#tell(db, { isWork: false, mail: [message.runId], freed: [] })
    return isNew
  }

  /** Tells with the commit, of which nobody hears but the program. */
  async #tell(db: TxDatabase, news: News): Promise<void> {
    const { text, values } = tellStatement(db.tables, { ...news, channel: this.#channel, by: '', except: [] })
    await db.query(text, values)
  }

  async #enter(found: FoundTransaction): Promise<Inside> {
    const { name, tables } = this.#db
    this.#sight ??= this.#look()
    this.#sight.catch(() => (this.#sight = undefined))
    const sight = await this.#sight
    const db = new TxDatabase(found, name, tables, sight.numbers)
    const [seen] = await db.query<Pick<Sight, 'database' | 'table'>>(SIGHT, [tables.runs])
    if (seen?.database !== sight.database || seen.table !== sight.table)
      throw badTransaction(`is one on another database: this store has its tables in ${name} and they are not there`)
    const secrets = new Secrets(db, this.#lineages)
    const inbox = new Inbox(db, this.#lineages, secrets)
    const early = new Early(db, this.#lineages)
    const entries = new Entries(db, this.#lineages, this.#outside)
    return { db, runs: new Runs(db), entries, inbox, early, secrets }
  }

  async #look(): Promise<Sight> {
    const [seen] = await this.#db.query<Pick<Sight, 'database' | 'table'>>(SIGHT, [this.#db.tables.runs])
    const numbers = await this.#db.query<{ name: string }>(NUMBERS, [this.#db.tables.runs])
    return { database: seen?.database ?? '', table: seen?.table ?? 0, numbers: numbers.map(({ name }) => name) }
  }
}

/** Whether the lineage of a run that is to begin is another tenant's. */
async function isOtherTenants(db: TxDatabase, { id, lineageId, tenant = null }: NewRun): Promise<boolean> {
  if (id === lineageId) return false
  const [other] = await db.query(
    `select 1 as n from ${db.tables.runs} where id = $1::text and tenant is distinct from $2::text`,
    [lineageId, tenant],
  )
  return other !== undefined
}

/** Tables of two databases hardly have the same number. */
const SIGHT = `select current_database()::text as database, coalesce(to_regclass($1::text)::oid::bigint, 0)::float8 as "table"`

/** The columns that hold a bigint in every table of the schema that has them. */
const NUMBERS = `select column_name::text as name from information_schema.columns
  where table_schema = (select nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1::text))
  group by column_name having bool_and(data_type = 'bigint')`

/** Makes the face of a store within a transaction. */
export function withinOf(
  run: <T>(work: (inside: Inside, withins: Withins) => Promise<T>) => Promise<T>,
  isEncrypted: boolean,
): Within {
  return {
    begin: (beginning) => run((inside, withins) => withins.begin(inside, beginning)),
    send: (message, secrets = [], note) => run((inside, withins) => withins.send(inside, message, secrets, note)),
    run: (runId) => run(({ runs }) => runs.get(runId)),
    newest: (root) => run(({ runs }) => runs.newest(root)),
    entries: (runId) => run(({ entries }) => entries.of(runId, 0)),
    inbox: (runId) => run(({ inbox }) => inbox.of(runId)),
    ...(isEncrypted && { secrets: (lineageId, from) => run(({ secrets }) => secrets.of(lineageId, from)) }),
  }
}
