// The one server of a test run, and a schema for each test.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'

/** The address of the test run's server, which is started when the first test asks. */
export async function serverUrl(): Promise<string> {
  const port = Number(process.env['REPRISE_TEST_POSTGRES'])
  const answer = await text(connect(port, '127.0.0.1'))
  if (!answer.startsWith('postgres:')) throw new Error(answer)
  return answer
}

/** A name that no other test has for its schema. */
export function freshSchema(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

/** Takes all out of the tables of a schema: to make others for each test takes longer than most tests. */
export async function emptySchema(schema: string, url?: string): Promise<void> {
  const empty = `do $$ declare name text; begin
    for name in select tablename from pg_tables where schemaname = '${schema}'
      and tablename not in ('meta', 'vault', 'masters') order by tablename collate "C"
    loop execute format('delete from %I.%I', '${schema}', name); end loop; end $$`
  await asAdmin(empty, url)
}

const admins = new Map<string, Promise<pg.Client>>()

/** Asks the test run's server, or a database of it, on a connection that is kept. */
export async function asAdmin<Row extends object>(statement: string, url?: string): Promise<readonly Row[]> {
  const at = url ?? (await serverUrl())
  const client = admins.get(at) ?? connected(at)
  admins.set(at, client)
  return (await (await client).query<Row>(statement)).rows
}

const pools = new Map<string, pg.Pool>()

/** Connections to a server that are kept: many stores may use them in turn. */
export function keptPool(url: string): pg.Pool {
  const kept = pools.get(url)
  if (kept) return kept
  const pool = new pg.Pool({ connectionString: url, max: 40, allowExitOnIdle: true, pipeline: true })
  // The last word of a server that is stopped.
  pool.on('error', () => undefined)
  // Each store listens, too.
  pool.setMaxListeners(0)
  pools.set(url, pool)
  return pool
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, pipeline: true })
  client.on('error', () => admins.delete(url))
  await client.connect()
  return client
}

/** Runs work in a transaction of a program's, on a client of its own. */
export async function inTransaction(work: (client: pg.Client) => void | Promise<void>): Promise<void> {
  const client = new pg.Client(await serverUrl())
  await client.connect()
  try {
    await client.query('begin')
    await work(client)
    await client.query('commit')
  } finally {
    // What is not committed by then is rolled back.
    await client.end()
  }
}

let keys: Promise<string> | undefined

/** The address of another database of that server, for the keys of stores. */
export function keysUrl(): Promise<string> {
  return (keys ??= makeDatabase(`keys_${randomBytes(6).toString('hex')}`))
}

/** Makes a database; gives its address. */
async function makeDatabase(name: string): Promise<string> {
  const url = new URL(await serverUrl())
  await asAdmin(`create database ${name}`)
  url.pathname = `/${name}`
  return url.href
}
