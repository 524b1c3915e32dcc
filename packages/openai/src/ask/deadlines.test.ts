import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { collect, failureOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import type { Timeouts } from './deadlines.ts'

const created = { type: 'response.created', response: { id: 'resp_1' } }
const word = { type: 'response.output_text.delta', delta: 'Hi' }

/** A server that sends these events and then nothing, and a model that asks it. */
async function silent(events: readonly object[], timeouts: Timeouts) {
  const server = createServer((_from, to: ServerResponse) => {
    to.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events) to.write(`data: ${JSON.stringify(event)}\n\n`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    model: openai({ apiKey: 'sk-test', baseURL, timeouts }),
    [Symbol.dispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('a reply that takes too long', () => {
  test('to begin is given up and may be asked for again', async () => {
    using service = await silent([created], { firstTokenMs: 20 })
    const error = await failureOf(service.model)
    expect(error).toMatchObject({ code: 'timeout', retryable: true, details: { limit: 'firstTokenMs', ms: 20 } })
    expect(error.message).toBe(
      'The reply had not begun for 20 ms. Expected it within openai({ timeouts: { firstTokenMs } }). Ask again, or allow it more time.',
    )
  })

  test('between two words is given up', async () => {
    using service = await silent([created, word], { idleMs: 20 })
    const error = await failureOf(service.model)
    expect(error).toMatchObject({ code: 'timeout', retryable: true, details: { limit: 'idleMs' } })
  })

  test('as a whole is given up, though it has begun in time', async () => {
    using service = await silent([created, word], { firstTokenMs: 60_000, totalMs: 50 })
    const error = await failureOf(service.model)
    expect(error).toMatchObject({ code: 'timeout', retryable: true, details: { limit: 'totalMs' } })
  })

  test('is told from one that the caller gives up', async () => {
    using service = await silent([created], { totalMs: 60_000 })
    const controller = new AbortController()
    const asked = collect(service.model, undefined, controller.signal)
    controller.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })
})
