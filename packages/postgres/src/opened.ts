import { Audit } from './audit.ts'
import type { Outside } from './outside.ts'
import { Early } from './early.ts'
import { Entries } from './entries.ts'
import { Eraser } from './erase.ts'
import { Facts } from './facts.ts'
import { Gc } from './gc.ts'
import type { Heads } from './heads.ts'
import { Inbox } from './inbox.ts'
import type { Lineages } from './lineages.ts'
import { Overdue } from './overdue.ts'
import { Owners } from './owners.ts'
import type { PoolDatabase } from './pool-database.ts'
import { Queue } from './queue.ts'
import { Rewinds } from './rewinds.ts'
import { Runs } from './runs.ts'
import { Schedules } from './schedules.ts'
import { Secrets } from './secrets.ts'
import { Take } from './take.ts'
import type { Teller } from './teller.ts'
import { COMMIT_ANSWER_MS } from './transaction.ts'
import { Transactions } from './transactions.ts'
import type { Vault } from './vault.ts'
import { Withins } from './withins.ts'
import { Writer } from './writer.ts'

/** How long a heartbeat waits for one: the next is as good, by another connection. */
const BEAT_ANSWER_MS = 5_000

/** A store at work. */
export interface Opened {
  readonly writer: Writer
  readonly transactions: Transactions
  readonly take: Take
  readonly overdue: Overdue
  readonly owners: Owners
  readonly runs: Runs
  readonly entries: Entries
  readonly inbox: Inbox
  readonly early: Early
  readonly gc: Gc
  readonly queue: Queue
  readonly schedules: Schedules
  readonly facts: Facts
  readonly audit: Audit
  readonly secretValues: Secrets
  readonly eraser: Eraser
  readonly rewinds: Rewinds
  readonly withins: Withins
  readonly teller: Teller
  readonly outside: Outside
  readonly close: () => Promise<void>
}

/** What the rooms of a store work with. */
interface Parts {
  readonly db: PoolDatabase
  /** The same for the effects of tools, by connections of its own where no pool was given, and how many of them run at a time. */
  readonly effects: { readonly db: PoolDatabase; readonly atOnce: number }
  readonly lineages: Lineages
  /** Where the keys stand, if that is another place than the journal's. */
  readonly vault: Vault | undefined
  readonly heads: Heads
  readonly teller: Teller
  /** On which hints are sent. */
  readonly channel: string
  readonly outside: Outside
  readonly close: () => Promise<void>
}

/** Makes all that works on a journal, and on the keys that belong to it. */
export function openRooms({ db, effects, lineages, vault, heads, teller, channel, outside, close }: Parts): Opened {
  const secretValues = new Secrets(db, lineages)
  const early = new Early(db, lineages)
  const prompt = db.answeringIn(COMMIT_ANSWER_MS)
  const writer = new Writer({ db: prompt, lineages, secrets: secretValues, heads, early, outside })
  return {
    writer,
    transactions: new Transactions(effects.db, writer, effects.atOnce),
    take: new Take(prompt, lineages),
    overdue: new Overdue(db),
    owners: new Owners(db.answeringIn(BEAT_ANSWER_MS)),
    runs: new Runs(db),
    entries: new Entries(db, lineages, outside),
    inbox: new Inbox(db, lineages, secretValues),
    early,
    gc: new Gc(db, lineages, early),
    queue: new Queue(db),
    schedules: new Schedules(db, lineages),
    facts: new Facts(db, lineages),
    audit: new Audit(db),
    secretValues,
    eraser: new Eraser(db, lineages),
    rewinds: new Rewinds(db, vault, heads),
    withins: new Withins(db, lineages, channel, outside),
    teller,
    outside,
    close: async () => {
      await teller.settled()
      await close()
    },
  }
}
