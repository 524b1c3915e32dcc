import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Names a store that is not there yet, on the test run's Postgres, which is started when the first test asks for it. */
export async function namedOnPostgres(): Promise<{
  readonly url: string
  readonly schema: string
  readonly name: string
}> {
  const url = await text(connect(Number(process.env['REPRISE_TEST_POSTGRES']), '127.0.0.1'))
  if (!url.startsWith('postgres:')) throw new Error(url)
  const schema = `cli_${randomUUID().replaceAll('-', '')}`
  return { url, schema, name: `${url}?schema=${schema}` }
}
