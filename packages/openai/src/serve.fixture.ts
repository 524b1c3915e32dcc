import type { Model } from '@reprise/core'
import { type FakeOpenAI, fakeOpenAI, type FakeOptions, type FakeScript } from '@reprise/testing'
import { openapiComplaint, openapiIsThere } from '../../testing/src/fake-openai/openapi.fixture.ts'
import { openai } from './openai.ts'
import { addressOf } from './stub-fetch.fixture.ts'

const PLATFORM = 'https://api.openai.com/v1'

// Reading the description takes a while, which is not the first test's.
if (openapiIsThere) openapiComplaint('CreateResponse', undefined)

const described: Readonly<Record<string, string>> = {
  'POST /v1/responses': 'CreateResponse',
  'POST /v1/chat/completions': 'CreateChatCompletionRequest',
}

/** A fake, and models that ask it. When it is disposed, each request it took is held to the platform's description. */
export interface Service extends AsyncDisposable {
  readonly fake: FakeOpenAI
  readonly streaming: Model
  readonly whole: Model
  /** What `openai` is told to reach the fake, as if it were the platform itself. */
  readonly platform: { readonly apiKey: string; readonly baseURL: string; readonly fetch: typeof globalThis.fetch }
}

export async function serve(script: FakeScript, options?: FakeOptions): Promise<Service> {
  const fake = await fakeOpenAI(script, options)
  const connection = { apiKey: 'sk-test', baseURL: fake.url }
  return {
    fake,
    streaming: openai(connection),
    whole: openai({ ...connection, stream: false }),
    platform: {
      ...connection,
      baseURL: PLATFORM,
      fetch: (address, init) => globalThis.fetch(addressOf(address).replace(PLATFORM, fake.url), init),
    },
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]()
      if (!openapiIsThere) return
      for (const { method, path, body } of fake.requests) {
        const name = described[`${method} ${path}`]
        const complaint = name && openapiComplaint(name, body)
        if (complaint !== undefined) throw new Error(`A request is not as described: ${complaint}`)
      }
    },
  }
}
