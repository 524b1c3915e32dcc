// The one server of a test run, and a schema for each test.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

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
