import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { DefinitionError, type ModelEvent } from '@reprise/core'
import { manualClock } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import type { Timeouts } from './deadlines.ts'

const created = { type: 'response.created', response: { id: 'resp_1' } }
const word = { type: 'response.output_text.delta', delta: 'Hi' }

/** A server that says what it is told to, an ask of it by a clock of its own, and what is heard. */
async function talk(timeouts: Timeouts, signal = new AbortController().signal) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = manualClock()
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const model = openai({ apiKey: 'sk-test', baseURL, timeouts, clock })
  const heard: ModelEvent['kind'][] = []
  const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>
  const over = (async () => {
    for await (const { kind } of model.ask(requestOf(), signal)) heard.push(kind)
  })()
  let isOver = false
  const end = () => (isOver = true)
  over.then(end, end)
  const [, to] = await asked
  to.writeHead(200, { 'content-type': 'text/event-stream' })
  to.flushHeaders()
  return {
    clock,
    over,
    heard,
    /** Says something, and waits until as many words are heard. */
    async say(event: object, words = 0) {
      to.write(`data: ${JSON.stringify(event)}\n\n`)
      while (heard.length < words && !isOver) await setImmediate()
      await setImmediate()
    },
    [Symbol.dispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('a reply that takes too long', () => {
  test('to begin is given up and may be asked for again', async () => {
    using reply = await talk({ firstTokenMs: 30_000, idleMs: 1_000 })
    await reply.say(created)
    await reply.clock.advance(29_999)
    expect(reply.clock.pending).toBe(1)
    await reply.clock.advance(1)
    await expect(reply.over).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      mendable: true,
      details: { limit: 'firstTokenMs', ms: 30_000 },
      message:
        'The reply had not begun for 30000 ms. Expected it within openai({ timeouts: { firstTokenMs } }). Ask again, or allow it more time.',
    })
    expect(reply.clock.pending).toBe(0)
  })

  test('between two words is given up, however long it has gone on before', async () => {
    using reply = await talk({ firstTokenMs: 1_000, idleMs: 20_000 })
    for (let words = 1; words <= 5; words += 1) {
      await reply.say(word, words)
      await reply.clock.advance(19_999)
    }
    expect(reply.heard).toHaveLength(5)
    await reply.clock.advance(1)
    await expect(reply.over).rejects.toMatchObject({ code: 'timeout', mendable: false, details: { limit: 'idleMs' } })
  })

  test('as a whole is given up, though it has begun in time', async () => {
    using reply = await talk({ firstTokenMs: 60_000, totalMs: 90_000 })
    await reply.say(word, 1)
    await reply.clock.advance(90_000)
    await expect(reply.over).rejects.toMatchObject({ code: 'timeout', retryable: true, details: { limit: 'totalMs' } })
  })

  test('is told from one that the caller gives up', async () => {
    const controller = new AbortController()
    using reply = await talk({ totalMs: 60_000 }, controller.signal)
    controller.abort(new Error('enough'))
    await expect(reply.over).rejects.toThrow('enough')
    expect(reply.clock.pending).toBe(0)
  })

  test('is waited for without an end where nobody says how long', async () => {
    using reply = await talk({})
    await reply.say(word, 1)
    expect(reply.clock.pending).toBe(0)
  })
})

describe('timeouts', () => {
  test.for<[timeouts: Timeouts, message: string]>([
    [{ idleMs: 0 }, 'openai() has timeouts.idleMs 0. It must be more than 0 milliseconds.'],
    [{ totalMs: Number.NaN }, 'openai() has timeouts.totalMs NaN. It must be more than 0 milliseconds.'],
  ])('%j are refused at once', ([timeouts, message]) => {
    expect(() => openai({ timeouts })).toThrow(DefinitionError)
    expect(() => openai({ timeouts })).toThrow(message)
  })
})
