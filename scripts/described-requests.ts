// Holds each request for a model that a test run sends, in any of its processes, to the platform's description of its API.
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openapiComplaint, openapiIsThere } from './openapi.fixture.ts'

const schemas: Readonly<Record<string, string>> = {
  responses: 'CreateResponse',
  completions: 'CreateChatCompletionRequest',
}

export function setup(): (() => void) | undefined {
  if (!openapiIsThere) return undefined
  const file = join(tmpdir(), 'requests.jsonl')
  const keeping = `--require=${JSON.stringify(join(import.meta.dirname, 'keep-requests.cjs'))}`
  const { NODE_OPTIONS: given } = process.env
  process.env['REPRISE_REQUESTS'] = file
  process.env['NODE_OPTIONS'] = given ? `${given} ${keeping}` : keeping
  return () => {
    const requests = readRequests(file)
    const complaints = new Set(requests.flatMap(complaintsOf))
    console.log(`${requests.length} requests for models held to the platform's description`)
    for (const complaint of complaints) console.error(`A request is not as described. ${complaint}`)
    // Not thrown, so that what else there is to take away is taken away.
    if (complaints.size > 0) process.exitCode = 1
  }
}

type Request = readonly [url: string, body: string]

/** The requests that were kept in a file so far. */
export function readRequests(file: string): readonly Request[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Request)
}

/** What is wrong with a request: one complaint, or none. */
export function complaintsOf([url, body]: Request): readonly string[] {
  const schema = schemas[/\/(\w+)(\?.*)?$/.exec(url)?.[1] ?? '']
  const complaint = schema === undefined ? 'Nobody describes this address.' : openapiComplaint(schema, JSON.parse(body))
  return complaint === undefined ? [] : [`POST ${url} ${body.slice(0, 500)}\n${complaint}`]
}
