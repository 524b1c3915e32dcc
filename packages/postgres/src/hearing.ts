import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Queryable } from './database.ts'
import { quote } from './tables.ts'

/** How long a connection, an answer and a hint are waited for. */
const TIMEOUT_MS = 10_000
const HINT_TIMEOUT_MS = 2_000

/**
 * Whether what is told on a database is heard at an address, as hints are: on a channel of its own, which nobody else listens to.
 *
 * @throws what the driver or the server says, where one of them cannot be asked.
 */
export async function hears(db: Queryable, listenUrl: string): Promise<boolean> {
  const channel = `reprise doctor ${randomUUID()}`
  const listener = new pg.Client({
    connectionString: listenUrl,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    fallback_application_name: 'reprise listening',
  })
  const heard = Promise.withResolvers<boolean>()
  listener.on('notification', () => heard.resolve(true))
  // What breaks while nothing is asked is not heard either.
  listener.on('error', () => heard.resolve(false))
  let timeout: NodeJS.Timeout | undefined
  try {
    await listener.connect()
    await listener.query(`listen ${quote(channel)}`)
    await db.query('select pg_notify($1, $2)::text as told', [channel, ''])
    timeout = setTimeout(() => heard.resolve(false), HINT_TIMEOUT_MS)
    return await heard.promise
  } finally {
    clearTimeout(timeout)
    // A pooler gives the listener's connection to the server to somebody else.
    await listener.query(`unlisten ${quote(channel)}`).catch(() => undefined)
    await listener.end().catch(() => undefined)
  }
}
