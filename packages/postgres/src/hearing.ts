import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { quote } from './tables.ts'

/** How long a connection, an answer and a hint are waited for. */
const TIMEOUT_MS = 10_000
const HINT_TIMEOUT_MS = 2_000

/**
 * Whether what is told by one address is heard by another, as hints are: on a channel of its own, which nobody else listens to.
 *
 * @throws what the driver or the server says, where one of them cannot be asked.
 */
export async function hears(tellUrl: string, listenUrl: string): Promise<boolean> {
  const channel = `reprise doctor ${randomUUID()}`
  const [teller, listener] = [tellUrl, listenUrl].map(
    (connectionString) =>
      new pg.Client({
        connectionString,
        connectionTimeoutMillis: TIMEOUT_MS,
        query_timeout: TIMEOUT_MS,
        fallback_application_name: 'reprise doctor',
      }),
  ) as [pg.Client, pg.Client] // one for each
  const heard = Promise.withResolvers<boolean>()
  const timeouts: NodeJS.Timeout[] = []
  listener.on('notification', () => heard.resolve(true))
  // What breaks while nothing is asked is not heard either.
  for (const client of [teller, listener]) client.on('error', () => heard.resolve(false))
  try {
    await Promise.all([teller.connect(), listener.connect()])
    await listener.query(`listen ${quote(channel)}`)
    await teller.query('select pg_notify($1, $2)', [channel, ''])
    timeouts.push(setTimeout(() => heard.resolve(false), HINT_TIMEOUT_MS))
    return await heard.promise
  } finally {
    timeouts.forEach(clearTimeout)
    // A pooler gives the listener's connection to the server to somebody else.
    await listener.query(`unlisten ${quote(channel)}`).catch(() => undefined)
    await Promise.all([teller, listener].map((client) => client.end().catch(() => undefined)))
  }
}
