import { createHmac } from 'node:crypto'
import { ModelError } from '@reprise/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { unwrapWebhook } from './webhook.ts'

const key = Buffer.from('a secret of the endpoint').toString('base64')
const secret = `whsec_${key}`
const body = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  created_at: 1,
  type: 'response.completed',
  data: { id: 'resp_1' },
})

function signed(text = body, seconds = Math.floor(Date.now() / 1000)) {
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(`wh_1.${seconds}.${text}`).digest('base64')
  return { 'webhook-id': 'wh_1', 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a webhook', () => {
  test('that OpenAI signed is read', async () => {
    expect(await unwrapWebhook(body, signed(), { secret })).toMatchObject({
      type: 'response.completed',
      data: { id: 'resp_1' },
    })
    vi.stubEnv('OPENAI_WEBHOOK_SECRET', secret)
    expect(await unwrapWebhook(body, new Headers(signed()))).toMatchObject({ id: 'evt_1' })
  })

  test.for([
    ['was changed', body.replace('resp_1', 'resp_2'), signed()],
    ['is an hour old', body, signed(body, Math.floor(Date.now() / 1000) - 3600)],
    ['is not signed', body, {}],
  ] as const)('that %s is not taken', async ([, text, headers]) => {
    const error: unknown = await unwrapWebhook(text, headers, { secret }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ code: 'bad_webhook', retryable: false })
  })

  test('without a secret to tell by is not taken', async () => {
    vi.stubEnv('OPENAI_WEBHOOK_SECRET', undefined)
    await expect(unwrapWebhook(body, signed())).rejects.toThrow(
      "The webhook is not taken: no secret was given and OPENAI_WEBHOOK_SECRET is not set. Expected one that OpenAI signed with the endpoint's secret. Check the secret, and pass the body as it came.",
    )
  })
})
