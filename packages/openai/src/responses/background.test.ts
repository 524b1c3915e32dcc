import { setImmediate } from 'node:timers/promises'
import { CancelledError, type ModelEvent } from '@reprise/core'
import { manualClock } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { collect, failureOf, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { answering, eventStream, type StubAnswer } from '../stub-fetch.fixture.ts'

const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] }]
const usage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }
const finished = { id: 'resp_1', status: 'completed', model: 'gpt-4.1-mini', output, usage }
const queued = { json: { id: 'resp_1', status: 'queued', output: [] } }
const working = { json: { id: 'resp_1', status: 'in_progress', output: [] } }
const created = JSON.stringify({ type: 'response.created', response: { id: 'resp_1', status: 'queued' } })
const delta = JSON.stringify({ type: 'response.output_text.delta', delta: 'Hi' })
const pending = requestOf(undefined, { pending: { responseId: 'resp_1' } })

function service(stream: boolean, ...answers: readonly StubAnswer[]) {
  const { fetch, requests } = answering(...answers)
  const clock = manualClock()
  const model = openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch, stream, background: true, clock })
  return { model, requests, clock }
}

/** What a model says while time goes by, and when each look at the service was. */
async function looking({ model, requests, clock }: ReturnType<typeof service>, request = requestOf()) {
  const times: number[] = []
  let over = false
  const collected = collect(model, request).finally(() => (over = true))
  collected.catch(() => undefined)
  for (;;) {
    await setImmediate()
    while (times.length < requests.length) times.push(clock.now())
    if (over) break
    if (clock.nextWake !== undefined) await clock.advance(clock.nextWake - clock.now())
  }
  return { ...(await collected), times }
}

describe('a response in the background', () => {
  test('is accepted under its id before its words come', async () => {
    const { model, requests } = service(
      true,
      eventStream([created, delta, JSON.stringify({ type: 'response.completed', response: finished })]),
    )
    const { events } = await collect(model)
    expect(events.map(({ kind }) => kind)).toEqual(['accepted', 'text', 'reply'])
    expect(events[0]).toEqual({ kind: 'accepted', responseId: 'resp_1' })
    expect(requests[0]?.body).toMatchObject({ background: true, store: true, stream: true })
  })

  test('in one piece is looked at until it is there', async () => {
    const later = Response.json(working.json, { headers: { 'openai-poll-after-ms': '500' } })
    const background = service(false, queued, working, later, { json: finished })
    const { requests } = background
    const { events, reply, times } = await looking(background)
    expect(events.map(({ kind }) => kind)).toEqual(['accepted', 'reply'])
    expect(times).toEqual([0, 0, 2_000, 2_500])
    expect(reply).toMatchObject({ items: [{ kind: 'assistant', text: 'Hi' }], costNano: 10 * 400 + 1600 })
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST http://x/v1/responses',
      ...Array.from({ length: 3 }, () => 'GET http://x/v1/responses/resp_1'),
    ])
  })

  test('is looked at often enough not to stand still', async () => {
    const { fetch, requests } = answering(working, working, { json: finished })
    const clock = manualClock()
    const timeouts = { idleMs: 1_000 }
    const model = openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch, background: true, clock, timeouts })
    const { times } = await looking({ model, requests, clock }, pending)
    expect(times).toEqual([0, 500, 1_000])
  })

  test.for([true, false])('that is pending is taken up and not asked for again (streaming: %s)', async (stream) => {
    const background = service(stream, working, { json: finished })
    const { events } = await looking(background, pending)
    expect(events.map(({ kind }) => kind)).toEqual(['reply'])
    expect(background.requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
  })

  test('that is pending is taken up by a model that has no background of its own', async () => {
    const { fetch, requests } = answering({ json: finished })
    await collect(openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch }), pending)
    expect(requests.map(({ method }) => method)).toEqual(['GET'])
  })

  test('whose stream is cut is still there', async () => {
    const { model } = service(true, eventStream([created, delta]))
    const events: ModelEvent[] = []
    const asked = (async () => {
      for await (const event of model.ask(requestOf(), new AbortController().signal)) events.push(event)
    })()
    await expect(asked).rejects.toMatchObject({ code: 'stream_cut', retryable: true })
    await expect(asked).rejects.not.toMatchObject({ details: { ended: true } })
    expect(events[0]).toEqual({ kind: 'accepted', responseId: 'resp_1' })
  })

  test('that cannot be looked at for now is still there', async () => {
    const { model } = service(false, Response.json({ error: { message: 'Overloaded' } }, { status: 503 }))
    const error = await failureOf(model, pending)
    expect(error).toMatchObject({ code: 'server_is_overloaded', retryable: true })
    expect(error.details).not.toHaveProperty('ended')
  })

  test('that is not kept any more is over, and asked for anew at once', async () => {
    const { model } = service(false, Response.json({ error: { message: 'Not found' } }, { status: 404 }))
    const error = await failureOf(model, pending)
    expect(error).toMatchObject({ code: 'response_gone', retryable: true, retryAfterMs: 0, details: { ended: true } })
    expect(error.message).toBe(
      'The response resp_1 is not kept at the service any more. Expected to take it up. It is asked for anew.',
    )
  })

  test.for([
    ['failed', { error: { code: 'server_error', message: 'Overheated' } }, 'server_error', true],
    ['cancelled', {}, 'response_cancelled', false],
    ['completed', { output: [] }, 'empty_reply', true],
  ] as const)('that is %s is over', async ([status, more, code, retryable]) => {
    const { model } = service(false, { json: { ...finished, status, ...more } })
    expect(await failureOf(model, pending)).toMatchObject({ code, retryable, details: { ended: true } })
  })

  test.for([
    [new CancelledError({ code: 'run_cancelled', message: 'The run was cancelled.' }), ['POST', 'POST']],
    [new CancelledError({ code: 'runtime_stopped', message: 'The runtime has stopped.' }), ['POST']],
  ] as const)('whose ask ends by %s is cancelled with its run alone', async ([reason, methods]) => {
    const { model, requests } = service(true, eventStream([created, delta, delta]), {
      json: { ...finished, status: 'cancelled' },
    })
    const controller = new AbortController()
    const events = model.ask(requestOf(), controller.signal)[Symbol.asyncIterator]()
    await events.next()
    controller.abort(reason)
    await expect(events.next()).rejects.toBe(reason)
    await setImmediate()
    await setImmediate()
    expect(requests.map(({ method }) => method)).toEqual(methods)
    if (methods.length > 1) expect(requests[1]?.url).toBe('http://x/v1/responses/resp_1/cancel')
  })
})
