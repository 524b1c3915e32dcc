import { ModelError } from '@reprise/core'
import { APIConnectionTimeoutError } from 'openai'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { stubFetch } from '../stub-fetch.fixture.ts'
import { toModelError } from './model-error.ts'

const asked = { url: 'http://127.0.0.1:1/v1', model: 'gpt-4.1-mini' }

/** The error of an ask whose fetch answers like this. */
function errorOf(answer: () => Response | Promise<Response>, stream = true): Promise<ModelError> {
  return failureOf(openai({ apiKey: 'sk-test', baseURL: asked.url, fetch: stubFetch(answer), stream }))
}

describe('a failure', () => {
  test('of a request that took too long is a timeout', async () => {
    const error = await errorOf(() => Promise.reject(new DOMException('The operation timed out.', 'TimeoutError')))
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    expect(error.message).toBe(
      'The model server at http://127.0.0.1:1/v1 did not answer in time: The operation timed out. Ask again.',
    )
  })

  test('by the SDK’s own clock is a timeout', () => {
    expect(toModelError(new APIConnectionTimeoutError(), asked)).toMatchObject({ code: 'timeout', retryable: true })
  })

  test('of a body that stands still is a timeout', () => {
    const cause = Object.assign(new Error('Body Timeout Error'), { code: 'UND_ERR_BODY_TIMEOUT' })
    expect(toModelError(new TypeError('terminated', { cause }), asked)).toMatchObject({
      code: 'timeout',
      retryable: true,
    })
  })

  test('of a server that answers with text is told by its status', async () => {
    const error = await errorOf(() => new Response('<html>Bad gateway</html>', { status: 502 }))
    expect(error).toMatchObject({ code: 'server_error', retryable: true })
    expect(error.message).toBe(
      'The server at http://127.0.0.1:1/v1 refused the request (502 server_error): 502 <html>Bad gateway</html>. Ask again.',
    )
  })

  test('of a server whose errors are text is told by its status', async () => {
    const error = await errorOf(() => Response.json({ error: 'model is loading' }, { status: 503 }))
    expect(error).toMatchObject({ code: 'server_is_overloaded', retryable: true })
  })

  test('inside a stream that names no event is told all the same', async () => {
    const event = { type: 'error', error: { type: 'server_error', code: null, message: 'Overheated.' } }
    const headers = { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' }
    const error = await errorOf(() => new Response(`data: ${JSON.stringify(event)}\n\n`, { headers }))
    expect(error).toMatchObject({ code: 'server_error', retryable: true, details: { requestId: 'req_1' } })
    expect(error.message).toBe('The reply failed while it was written (server_error): Overheated. Ask again.')
  })

  test('that says nothing is the server’s', async () => {
    const event = { type: 'response.failed', response: { status: 'failed', error: null, output: [] } }
    const headers = { 'content-type': 'text/event-stream' }
    const error = await errorOf(() => new Response(`data: ${JSON.stringify(event)}\n\n`, { headers }))
    expect(error).toMatchObject({ code: 'server_error', retryable: true })
  })

  test.for([
    ['queued', 'unfinished_response'],
    ['in_progress', 'unfinished_response'],
    ['cancelled', 'response_cancelled'],
  ] as const)('of a response that is %s is not asked again', async ([status, code]) => {
    const error = await errorOf(() => Response.json({ id: 'resp_1', status, output: [] }), false)
    expect(error).toMatchObject({ code, retryable: false, details: { status } })
  })

  test('that is already a ModelError stays what it is', () => {
    const error = new ModelError({ code: 'own', message: 'Own.' })
    expect(toModelError(error, asked)).toBe(error)
  })

  test('that nobody knows is not asked again', () => {
    expect(toModelError(new RangeError('Invalid array length'), asked)).toMatchObject({
      code: 'ask_failed',
      retryable: false,
    })
    expect(toModelError('thrown text', asked).message).toBe(
      'The request to the model server at http://127.0.0.1:1/v1 could not be made: thrown text. Check what openai() was given.',
    )
  })
})
