import type { Model } from '@reprise/core'
import { type FakeOpenAI, fakeOpenAI, type FakeOptions, type FakeScript } from '@reprise/testing'
import { openapiComplaint, openapiIsThere } from '../../testing/src/fake-openai/openapi.fixture.ts'
import { openai } from './openai.ts'

// Reading the description takes a while, which is not the first test's.
if (openapiIsThere) openapiComplaint('CreateResponse', undefined)

/** A fake, and models that ask it. When it is disposed, each request it took is held to the platform's description. */
export interface Service extends AsyncDisposable {
  readonly fake: FakeOpenAI
  readonly streaming: Model
  readonly whole: Model
}

export async function serve(script: FakeScript, options?: FakeOptions): Promise<Service> {
  const fake = await fakeOpenAI(script, options)
  const connection = { apiKey: 'sk-test', baseURL: fake.url }
  return {
    fake,
    streaming: openai(connection),
    whole: openai({ ...connection, stream: false }),
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]()
      if (!openapiIsThere) return
      for (const { body } of fake.requests) {
        const complaint = openapiComplaint('CreateResponse', body)
        if (complaint !== undefined) throw new Error(`A request is not as described: ${complaint}`)
      }
    },
  }
}
