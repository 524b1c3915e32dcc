import type { Model } from '@reprise/core'
import { openai } from '@reprise/openai'
import { fakeOpenAI, type FakeScript } from '@reprise/fake-openai'
import { MODEL } from '../desk/agents.ts'
import { writtenPart } from '../part/part.ts'
import { checkServer } from './check-server.ts'

/** Who answers the tickets of this process. */
export interface Voice {
  readonly models: Model
  /** Whether it is the written part. */
  readonly isPart: boolean
  /** Where the written part answers, for other processes of the demo. */
  readonly url?: string
  /** One line that says who it is. */
  readonly says: string
  close(): Promise<void>
}

/**
 * Finds the model: the one of the environment, or else the written part on a server of this process.
 *
 * @param seed of the part's mistakes.
 * @param part that is played where no model is named.
 * @throws Complaint when the environment's server cannot serve.
 */
export async function connect(seed: number, part: (seed: number) => FakeScript = writtenPart): Promise<Voice> {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseURL } = process.env
  if (key || baseURL) {
    const url = (baseURL || 'https://api.openai.com/v1').replace(/\/$/, '')
    await checkServer(url, key, MODEL)
    return { models: openai(), isPart: false, says: `${MODEL} at ${url} answers.`, close: () => Promise.resolve() }
  }
  const server = await fakeOpenAI(part(seed))
  return {
    models: openai({ baseURL: server.url, apiKey: 'none' }),
    isPart: true,
    url: server.url,
    says: `OPENAI_API_KEY is not set: no model answers, but a written part with the bad habits of one (seed ${seed}), from a server on ${server.url}.`,
    close: async () => server[Symbol.asyncDispose](),
  }
}
