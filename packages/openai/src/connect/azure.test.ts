import { describe, expect, test } from 'vitest'
import { card, collect, failureOf, requestOf } from '../ask.fixture.ts'
import type { OpenAIOptions } from '../dialect/settings.ts'
import { openai } from '../openai.ts'
import { answering, firstOf, type StubRequest } from '../stub-fetch.fixture.ts'
import { azureBase } from './azure.ts'

const RESOURCE = 'https://acme.openai.azure.com'

const response = {
  id: 'resp_1',
  status: 'completed',
  model: 'support-mini',
  output: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }],
  usage: { input_tokens: 10, output_tokens: 1, total_tokens: 11 },
}
const completion = {
  id: 'c1',
  model: 'gpt-4.1-mini-2025-04-14',
  choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
}

async function sent(options: OpenAIOptions): Promise<StubRequest & { readonly costNano: number | undefined }> {
  const service = answering({ json: options.api === 'chat' ? completion : response })
  const { reply } = await collect(openai({ stream: false, fetch: service.fetch, ...options } as OpenAIOptions))
  return { ...firstOf(service.requests), costNano: reply.costNano }
}

describe('Azure', () => {
  test.for([
    [RESOURCE, undefined, `${RESOURCE}/openai/v1`],
    [`${RESOURCE}/`, undefined, `${RESOURCE}/openai/v1`],
    [`${RESOURCE}/openai`, undefined, `${RESOURCE}/openai/v1`],
    [`${RESOURCE}/openai/v1/`, undefined, `${RESOURCE}/openai/v1`],
    [`${RESOURCE}/openai/v1/responses`, undefined, `${RESOURCE}/openai/v1`],
    [RESOURCE, '2025-04-01-preview', `${RESOURCE}/openai`],
    [`${RESOURCE}/openai/v1`, 'preview', `${RESOURCE}/openai/v1`],
    [
      `${RESOURCE}/openai/deployments/d/chat/completions?api-version=x`,
      '2024-10-21',
      `${RESOURCE}/openai/deployments/d`,
    ],
    ['https://gateway.acme.com/ai', '2024-10-21', 'https://gateway.acme.com/ai/openai'],
  ] as const)('at %s (version %s) has its API at %s', ([url, version, base]) => {
    expect(azureBase(url, version)).toBe(base)
  })

  test('takes a key by its own header, and a model by the name of its deployment', async () => {
    const deployments = { 'gpt-4.1-mini': 'support-mini' }
    const { url, headers, body, costNano } = await sent({ baseURL: RESOURCE, apiKey: 'k', deployments })
    expect(url).toBe(`${RESOURCE}/openai/v1/responses`)
    expect([headers.get('api-key'), headers.get('authorization')]).toEqual(['k', null])
    expect(body['model']).toBe('support-mini')
    // The answer is by the deployment's name; the price is the model's.
    expect(costNano).toBe(10 * 400 + 1600)
  })

  test('takes Entra tokens from a function', async () => {
    const { headers } = await sent({ baseURL: RESOURCE, apiKey: async () => 'token' })
    expect([headers.get('api-key'), headers.get('authorization')]).toEqual([null, 'Bearer token'])
  })

  test('of a dated API has the version in each address, and the deployment in those of Chat Completions', async () => {
    const dated = {
      baseURL: RESOURCE,
      apiKey: 'k',
      apiVersion: '2025-04-01-preview',
      deployments: { 'gpt-4.1-mini': 'd' },
    }
    const responses = await sent(dated)
    expect(responses.url).toBe(`${RESOURCE}/openai/responses?api-version=2025-04-01-preview`)
    expect(responses.headers.get('api-key')).toBe('k')
    const chat = await sent({ ...dated, api: 'chat' })
    expect(chat.url).toBe(`${RESOURCE}/openai/deployments/d/chat/completions?api-version=2025-04-01-preview`)
    // It is the platform's own API, strict schemas and all.
    expect(chat.body).toMatchObject({ max_completion_tokens: 256, tools: [{ function: { strict: true } }, {}] })
  })

  test('says where the name of a deployment comes from that is not there', async () => {
    const error = { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' }
    const { fetch } = answering(Response.json({ error }, { status: 404 }))
    expect(await failureOf(openai({ baseURL: RESOURCE, apiKey: 'k', fetch }))).toMatchObject({
      code: 'DeploymentNotFound',
      retryable: false,
      message: `The server at ${RESOURCE}/openai/v1 refused the request (404 DeploymentNotFound): The API deployment for this resource does not exist. Check openai({ deployments }): a deployment goes by its own name.`,
    })
  })

  test('sends a model that has no deployment of its own as it is', async () => {
    const service = answering({ json: response })
    const model = openai({
      baseURL: RESOURCE,
      apiKey: 'k',
      stream: false,
      deployments: { o3: 'd' },
      fetch: service.fetch,
    })
    await collect(model, requestOf(undefined, { card: { ...card, model: 'gpt-4o' } }))
    expect(service.requests[0]?.body['model']).toBe('gpt-4o')
  })
})
