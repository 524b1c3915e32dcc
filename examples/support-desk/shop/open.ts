import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Complaint } from '../complaint.ts'
import { Carrier } from './carrier.ts'
import { Keys } from './keys.ts'
import { Orders } from './orders.ts'
import { Payments } from './payments.ts'
import { Registry } from './registry.ts'
import { APPLICATION_ID, SCHEMA } from './schema.ts'
import { seed } from './seed.ts'

/** The shop as the desk's tools reach it: a service of its own, with a database of its own. */
export interface Shop {
  readonly keys: Keys
  readonly registry: Registry
  readonly orders: Orders
  readonly payments: Payments
  readonly carrier: Carrier
  readonly db: Database.Database
}

/**
 * Opens the shop, and makes and fills it where there is none.
 *
 * @throws Complaint when the file is not this shop's.
 */
export function openShop(path: string): Shop {
  const db = openFile(path)
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) fill(db)
  const keys = new Keys(db)
  const orders = new Orders(db, keys)
  return {
    keys,
    registry: new Registry(db),
    orders,
    payments: new Payments(db, keys, orders),
    carrier: new Carrier(db, keys, orders),
    db,
  }
}

function openFile(path: string): Database.Database {
  const isNew = !existsSync(path)
  let found: unknown
  try {
    const db = new Database(path)
    found = db.pragma('application_id', { simple: true })
    // A process that died before it filled the file leaves an empty one.
    const isEmpty = db.prepare('select count(*) from sqlite_schema').pluck().get() === 0
    if (isNew || isEmpty || found === APPLICATION_ID) {
      db.pragma('journal_mode = wal')
      return db
    }
    db.close()
  } catch (error) {
    throw new Complaint(
      `${path} is no shop of this demo (${(error as Error).message}). Give another folder with --data.`,
    )
  }
  throw new Complaint(`${path} belongs to another program. Give another folder with --data.`)
}

function fill(db: Database.Database): void {
  const begin = db.transaction(() => {
    db.exec(SCHEMA)
    seed(db)
    db.pragma(`application_id = ${APPLICATION_ID}`)
  })
  begin.immediate()
}
