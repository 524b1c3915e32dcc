import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { createRuntime, type Outcome } from '@reprise/core'
import { memoryStore } from '@reprise/testing'
import { openai } from '../openai.ts'
import { addressOf } from '../stub-fetch.fixture.ts'
import type { RecordedStep } from './recordings.fixture.ts'
import { callsIn, outputsIn } from './steps.fixture.ts'
import { agentOf, inputOf, UNRECORDED } from './stub.fixture.ts'
import type { Thread } from './threads.fixture.ts'

/** What a service says when a recording is over and the run goes on. */
const CLOSING = 'The recording ends here.'

/** A thread that was driven. */
export interface Driven {
  /** The requests that were sent, in their order. */
  readonly requests: readonly unknown[]
  /** What is not as it was recorded; undefined where all is. */
  readonly complaint: string | undefined
}

/** A server that gives recorded replies. */
export interface Player extends AsyncDisposable {
  /** Drives a thread through a runtime of its own. */
  drive(thread: Thread): Promise<Driven>
}

interface Play {
  readonly thread: Thread | undefined
  readonly requests: unknown[]
}

/** Starts a server on this machine, one for all threads: each has a path of its own. */
export async function player(): Promise<Player> {
  const playing = new Map<string, Play>()
  const nobody = (): Play => ({ thread: undefined, requests: [] })
  const play = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const body = await json(from)
    const { thread, requests } = playing.get(from.url?.split('/')[1] ?? '') ?? nobody()
    requests.push(body)
    const turn = thread?.turns[requests.length - 1]
    if (turn) answer(to, turn.step)
    else if (thread) close(to, thread)
    else to.writeHead(404).end()
  }
  const http = createServer((from, to) => void play(from, to))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  let n = 0
  return {
    async drive(thread) {
      const id = String((n += 1))
      const requests: unknown[] = []
      playing.set(id, { thread, requests })
      const outcome = await run(thread, `${base}/${id}`)
      playing.delete(id)
      return { requests, complaint: complaintOf(thread, requests, outcome) }
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

/** The platform's own address goes to the player, so that requests are what the platform would get. */
async function run(thread: Thread, url: string): Promise<Outcome<unknown>> {
  const fetch: typeof globalThis.fetch = (address, init) =>
    globalThis.fetch(addressOf(address).replace('https://api.openai.com', url), init)
  const models = openai({
    apiKey: 'sk-test',
    baseURL: 'https://api.openai.com/v1',
    fetch,
    api: thread.api,
    stream: thread.turns[0]?.step.respText != null,
  })
  const agent = agentOf(thread)
  const runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
  try {
    const handle = await runtime.start(agent, inputOf(thread), { id: 'recorded' })
    return await handle.outcome()
  } finally {
    await runtime[Symbol.asyncDispose]()
  }
}

function answer(to: ServerResponse, { status, headers, respJson, respText }: RecordedStep): void {
  const type = respText === null ? 'application/json' : 'text/event-stream'
  to.writeHead(status, {
    ...(headers['x-request-id'] && { 'x-request-id': headers['x-request-id'] }),
    'content-type': type,
  })
  to.end(respText ?? JSON.stringify(respJson))
}

function close(to: ServerResponse, { api }: Thread): void {
  const content = [{ type: 'output_text', text: CLOSING, annotations: [] }]
  const body =
    api === 'chat'
      ? {
          id: 'closing',
          choices: [{ index: 0, message: { role: 'assistant', content: CLOSING }, finish_reason: 'stop' }],
        }
      : { id: 'closing', status: 'completed', output: [{ type: 'message', id: 'msg', role: 'assistant', content }] }
  to.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function complaintOf(thread: Thread, requests: readonly unknown[], outcome: Outcome<unknown>): string | undefined {
  const { turns } = thread
  const open = turns.at(-1)?.reply.ending.kind === 'calls' ? 1 : 0
  if (requests.length !== turns.length + open)
    return `asked ${requests.length} times, where ${turns.length} replies were recorded: ${JSON.stringify(outcome)}`
  for (const [index, turn] of turns.entries()) {
    const complaint = turnComplaint(turn, requests[index + 1])
    if (complaint !== undefined) return `turn ${index}: ${complaint}`
  }
  return outcomeComplaint(thread, outcome) ?? usageComplaint(thread, outcome)
}

function usageComplaint({ turns }: Thread, { totals }: Outcome<unknown>): string | undefined {
  const recorded = turns.reduce((sum, { reply }) => sum + (reply.inputTokens ?? 0), 0)
  return totals.inputTokens === recorded ? undefined : `counted ${totals.inputTokens} tokens, not ${recorded}`
}

/** Holds the calls that a request carries back, and what it tells of them, to what was recorded. */
function turnComplaint({ reply: { calls }, outputs }: Thread['turns'][number], request: unknown): string | undefined {
  if (calls.length === 0) return undefined
  const told = outputsIn(request)
  const carried = callsIn(request)
  for (const call of calls) {
    const output = outputs.get(call.id) ?? UNRECORDED
    if (told.get(call.id) !== output) return `${call.id} is told ${told.get(call.id) ?? 'nothing'}, not ${output}`
    const same = carried.filter(({ id }) => id === call.id)
    if (same.length !== 1) return `${call.id} stands ${same.length} times in the request`
    if (JSON.stringify(same[0]) !== JSON.stringify(call)) return `${call.id} is carried as ${JSON.stringify(same[0])}`
  }
  return undefined
}

function outcomeComplaint({ turns }: Thread, outcome: Outcome<unknown>): string | undefined {
  const ending = turns.at(-1)?.reply.ending ?? { kind: 'text', text: 'nothing' }
  const got = JSON.stringify(outcome)
  switch (ending.kind) {
    case 'text':
    case 'calls': {
      const text = ending.kind === 'text' ? ending.text : CLOSING
      if (outcome.kind !== 'completed') return `expected "${text}", got ${got}`
      const { output } = outcome
      return output === text || JSON.stringify(output) === reprinted(text)
        ? undefined
        : `expected "${text}", got ${got}`
    }
    case 'cut short':
      return outcome.kind === 'incomplete' && outcome.text === ending.text
        ? undefined
        : `expected it cut short, got ${got}`
    case 'error':
      return outcome.kind === 'failed' && outcome.error.code === ending.code
        ? undefined
        : `expected the error ${ending.code}, got ${got}`
    default:
      return ending satisfies never
  }
}

function reprinted(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined
  }
}
