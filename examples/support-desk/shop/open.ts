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
 * @throws Complaint when the file is not this shop's: it is left as it is.
 */
export function openShop(path: string): Shop {
  const db = openFile(path)
  const keys = new Keys(db)
  const orders = new Orders(db, keys)
  const payments = new Payments(db, keys, orders)
  return { keys, registry: new Registry(db), orders, payments, carrier: new Carrier(db, keys, orders), db }
}

function openFile(path: string): Database.Database {
  let db: Database.Database | undefined
  try {
    db = new Database(path)
    if (db.pragma('application_id', { simple: true }) === APPLICATION_ID) return db
    if (db.prepare('select count(*) from sqlite_schema').pluck().get() === 0) return fill(db)
  } catch (error) {
    db?.close()
    throw new Complaint(
      `${path} is no shop of this demo: ${(error as Error).message}. Give another folder with --data.`,
    )
  }
  db.close()
  throw new Complaint(`${path} belongs to another program. Give another folder with --data.`)
}

/** In one transaction: a process that dies here leaves an empty file. */
function fill(db: Database.Database): Database.Database {
  db.pragma('journal_mode = wal')
  const begin = db.transaction(() => {
    db.exec(SCHEMA)
    seed(db)
    db.pragma(`application_id = ${APPLICATION_ID}`)
  })
  begin.immediate()
  return db
}
