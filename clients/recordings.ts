import { isDeepStrictEqual } from 'node:util'
import { fakeOpenAI } from '@reprise/fake-openai'
import {
  type Cassette,
  readCassettes,
  type RecordedStep,
  recordingsAreThere,
} from '../packages/openai/src/wire/recordings.fixture.ts'

/** What came of recorded requests that were sent to the fake. */
export interface Replayed {
  readonly requests: number
  /** Those that were answered with the platform's status, and where that is an error with its very words. */
  readonly same: number
  readonly complaints: readonly string[]
}

/** Sends the fake each recorded request; undefined where the recordings are not there. */
export async function replayRecordings(): Promise<Replayed | undefined> {
  if (!recordingsAreThere) return undefined
  const played = []
  for (const cassette of readCassettes()) played.push(...(await replay(cassette)))
  const complaints = played.filter((complaint) => complaint !== undefined)
  return { requests: played.length, same: played.length - complaints.length, complaints }
}

/**
 * Sends one program's requests, in their order, to a fake of its own, which serves the models that they name.
 *
 * @returns what is wrong with each answer, if anything is.
 */
async function replay({ file, steps }: Cassette): Promise<(string | undefined)[]> {
  let output: readonly object[] = []
  const models = steps.flatMap(({ reqBody }) => modelOf(reqBody))
  await using fake = await fakeOpenAI(() => ({ items: output as never }), { models })
  const complaints: (string | undefined)[] = []
  const ids = new Map<string, string>()
  for (const step of steps) {
    const recorded = madeIn(step)
    output = recorded?.output ?? []
    const answer = await send(fake.url, step, ids)
    const text = await answer.text()
    const given = answer.headers.get('content-type')?.startsWith('text/event-stream') ? completedIn(text) : parsed(text)
    if (recorded && given) ids.set(recorded.id, given.id)
    const isSame =
      answer.status === step.status && (step.status < 400 || isDeepStrictEqual(JSON.parse(text), step.respJson))
    const told = `${step.method} ${step.path} of ${file}: ${answer.status} instead of ${step.status}. ${text.slice(0, 600)}`
    complaints.push(isSame ? undefined : told)
  }
  return complaints
}

/** Sends a recorded request as it was, but with the ids that the fake gave to the responses and files that it names. */
function send(
  url: string,
  { method, path, reqBody }: RecordedStep,
  ids: ReadonlyMap<string, string>,
): Promise<Response> {
  const to = new URL(path, url)
  const headers = { authorization: 'Bearer sk-clients' }
  if (typeof reqBody === 'string') {
    const body = Buffer.from(reqBody, 'base64')
    const boundary = body.subarray(2, body.indexOf('\r\n')).toString()
    return fetch(to, {
      method,
      body,
      headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
    })
  }
  const text = JSON.stringify(reqBody).replace(/(?<=")(?:resp_|file-)\w+(?=")/g, (id) => ids.get(id) ?? id)
  return fetch(to, { method, body: text, headers: { ...headers, 'content-type': 'application/json' } })
}

/** A response of the Responses API, or a file: what is looked at here. */
interface Made {
  readonly id: string
  readonly output?: readonly object[]
}

/** What the platform made for a recorded request; undefined for other APIs. */
function madeIn({ respJson, respText }: RecordedStep): Made | undefined {
  return asMade(respJson) ?? completedIn(respText ?? '')
}

function completedIn(sse: string): Made | undefined {
  const [, response] = /^data: (\{"type": ?"response\.(?:completed|incomplete)".*)$/m.exec(sse) ?? []
  return response === undefined ? undefined : asMade((JSON.parse(response) as { readonly response: unknown }).response)
}

function parsed(text: string): Made | undefined {
  return asMade(JSON.parse(text))
}

function asMade(value: unknown): Made | undefined {
  if (typeof value !== 'object' || value === null || !('object' in value)) return undefined
  // What says that it is a response or a file has been described as one.
  return value.object === 'response' || value.object === 'file' ? (value as unknown as Made) : undefined
}

function modelOf(body: unknown): string[] {
  return typeof body === 'object' && body !== null && 'model' in body ? [String(body.model)] : []
}
