// Mastra's agents, by its own router of models and by a model of the AI SDK.
import { deepEqual, equal } from 'node:assert/strict'
import { createOpenAI } from '@ai-sdk/openai'
import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'

const report = z.object({ city: z.string(), degrees: z.number() })
const get_weather = createTool({
  id: 'get_weather',
  description: 'Tells the weather',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `${city}: rain`,
})

const models = {
  router: (url) => ({ id: 'openai/gpt-4.1-mini', url, apiKey: 'sk-clients' }),
  responses: (baseURL) => createOpenAI({ apiKey: 'sk-clients', baseURL }).responses('gpt-4.1-mini'),
}

export const cases = Object.fromEntries(Object.entries(models).flatMap(([api, modelOf]) => casesOf(api, modelOf)))

function casesOf(api, modelOf) {
  const agentOf = (url, tools) =>
    new Agent({
      id: 'clerk',
      name: 'Clerk',
      instructions: 'Be kind.',
      model: modelOf(url),
      maxRetries: 0,
      ...(tools && { tools }),
    })
  return Object.entries({
    async text(url) {
      equal((await agentOf(url).generate('Hi')).text, 'Hello there, and welcome.')
    },
    async stream(url) {
      const { textStream } = await agentOf(url).stream('Hi')
      equal((await Array.fromAsync(textStream)).join(''), 'Hello there, and welcome.')
    },
    async 'tool loop'(url) {
      const { text } = await agentOf(url, { get_weather }).generate('The weather in Paris and Rome?')
      equal(text, 'It is so: Paris: rain, Rome: rain')
    },
    async 'tool loop, streamed'(url) {
      const { textStream } = await agentOf(url, { get_weather }).stream('The weather in Paris?')
      equal((await Array.fromAsync(textStream)).join(''), 'It is so: Paris: rain')
    },
    async 'structured output'(url) {
      const { object } = await agentOf(url).generate('Report', { structuredOutput: { schema: report } })
      deepEqual(object, { city: 'Paris', degrees: 21 })
    },
    async 'structured output, streamed'(url) {
      const { object } = await agentOf(url).stream('Report', { structuredOutput: { schema: report } })
      deepEqual(await object, { city: 'Paris', degrees: 21 })
    },
    async 'turns by history'(url) {
      const messages = [
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Hello there, and welcome.' },
        { role: 'user', content: 'What did I say first?' },
      ]
      equal((await agentOf(url).generate(messages)).text, 'You said: One')
    },
  }).map(([name, run]) => [`${api}: ${name}`, run])
}
