// The one server of a test run, and a schema for each test.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'

let last = 0

/** The address of the test run's server, which is started when the first test asks. */
export async function serverUrl(): Promise<string> {
  const port = Number(process.env['REPRISE_TEST_POSTGRES'])
  const answer = await text(connect(port, '127.0.0.1'))
  if (!answer.startsWith('postgres:')) throw new Error(answer)
  return answer
}

/** A name that no other test has for its schema. */
export function freshSchema(): string {
  return `test_${process.pid}_${++last}`
}

/** Takes all out of the tables of a schema: to make others for each test takes longer than most tests. */
export async function emptySchema(schema: string): Promise<void> {
  await asAdmin(`do $$ declare name text; begin
    for name in select tablename from pg_tables where schemaname = '${schema}'
      and tablename not in ('meta', 'vault', 'masters') order by tablename collate "C"
    loop execute format('delete from %I.%I', '${schema}', name); end loop; end $$`)
}

let admin: Promise<pg.Client> | undefined

/** Asks the test run's server, on a connection that is kept. */
export async function asAdmin<Row extends object>(statement: string): Promise<readonly Row[]> {
  admin ??= connected()
  return (await (await admin).query<Row>(statement)).rows
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client(await serverUrl())
  client.on('error', () => (admin = undefined))
  await client.connect()
  client.unref()
  return client
}
