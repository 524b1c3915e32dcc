import { OpenAI } from 'openai'
import { fakeOpenAI } from './fake-openai.ts'
import type { FakeOptions } from './options.ts'
import type { FakeScript } from './script/script.ts'

/** The official SDK, on a fake. */
export async function sdk(script: FakeScript, options?: FakeOptions) {
  const fake = await fakeOpenAI(script, options)
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: fake.url, maxRetries: 0 })
  return { fake, client, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() }
}

/** A function that a model may call. */
export const tool = {
  type: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
} as const

/** The same one as Chat Completions has it. */
export const chatTool = {
  type: 'function',
  function: { name: tool.name, parameters: tool.parameters, strict: true },
} as const
