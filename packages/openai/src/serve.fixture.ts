import type { Model } from '@reprise/core'
import { type FakeOpenAI, fakeOpenAI, type FakeOptions, type FakeScript } from '@reprise/fake-openai'
import { openai } from './openai.ts'
import { addressOf } from './stub-fetch.fixture.ts'

const PLATFORM = 'https://api.openai.com/v1'

/** A fake, and models that ask it. */
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
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}
