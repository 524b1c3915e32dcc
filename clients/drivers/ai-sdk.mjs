// The AI SDK with its provider for OpenAI: the Responses API, and Chat Completions by `chat`.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, isStepCount, Output, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'

const stopAfter = stepCountIs ?? isStepCount
const report = z.object({ city: z.string(), degrees: z.number() })
const tools = {
  get_weather: tool({
    description: 'Tells the weather',
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => `${city}: rain`,
  }),
}

function provider(baseURL) {
  return createOpenAI({ apiKey: 'sk-clients', baseURL })
}

const models = {
  responses: (url) => provider(url).responses('gpt-4.1-mini'),
  chat: (url) => provider(url).chat('gpt-4.1-mini'),
}

export const cases = {
  ...Object.fromEntries(Object.entries(models).flatMap(([api, modelOf]) => casesOf(api, modelOf))),
  async 'responses: reasoning, and a tool loop'(url) {
    await reason(url, {})
  },
  async 'responses: reasoning, and a tool loop that is not stored'(url) {
    await reason(url, { store: false, include: ['reasoning.encrypted_content'] })
  },
  async 'responses: turns by previous response'(url) {
    const model = models.responses(url)
    const first = await generateText({ model, prompt: 'One', maxRetries: 0 })
    const { responseId: previousResponseId } = first.providerMetadata.openai
    const providerOptions = { openai: { previousResponseId } }
    const second = await generateText({ model, prompt: 'What did I say first?', providerOptions, maxRetries: 0 })
    equal(second.text, 'You said: One')
  },
}

function casesOf(api, modelOf) {
  return Object.entries({
    async text(url) {
      const { text, usage } = await generateText({ model: modelOf(url), prompt: 'Hi', maxRetries: 0 })
      equal(text, 'Hello there, and welcome.')
      ok(usage.totalTokens > 0)
    },
    async stream(url) {
      const { textStream } = streamText({ model: modelOf(url), prompt: 'Hi', maxRetries: 0 })
      equal((await Array.fromAsync(textStream)).join(''), 'Hello there, and welcome.')
    },
    async 'tool loop'(url) {
      const { text, steps } = await generateText({
        model: modelOf(url),
        prompt: 'The weather in Paris and Rome?',
        tools,
        stopWhen: stopAfter(4),
        maxRetries: 0,
      })
      deepEqual([text, steps.length], ['It is so: Paris: rain, Rome: rain', 2])
    },
    async 'tool loop, streamed'(url) {
      const { textStream } = streamText({
        model: modelOf(url),
        prompt: 'The weather in Paris?',
        tools,
        stopWhen: stopAfter(4),
        maxRetries: 0,
      })
      equal((await Array.fromAsync(textStream)).join(''), 'It is so: Paris: rain')
    },
    async 'structured output'(url) {
      const { output } = await generateText({
        model: modelOf(url),
        prompt: 'Report',
        output: Output.object({ schema: report }),
        maxRetries: 0,
      })
      deepEqual(output, { city: 'Paris', degrees: 21 })
    },
    async 'structured output, streamed'(url) {
      const { output } = streamText({
        model: modelOf(url),
        prompt: 'Report',
        output: Output.object({ schema: report }),
        maxRetries: 0,
      })
      deepEqual(await output, { city: 'Paris', degrees: 21 })
    },
    async 'turns by history'(url) {
      const model = modelOf(url)
      const messages = [{ role: 'user', content: 'One' }]
      const { response } = await generateText({ model, messages, maxRetries: 0 })
      messages.push(...response.messages, { role: 'user', content: 'What did I say first?' })
      equal((await generateText({ model, messages, maxRetries: 0 })).text, 'You said: One')
    },
  }).map(([name, run]) => [`${api}: ${name}`, run])
}

async function reason(url, options) {
  const { text, steps, reasoningText } = await generateText({
    model: provider(url).responses('gpt-6-sol'),
    prompt: 'The weather in Paris?',
    tools,
    stopWhen: stopAfter(4),
    maxRetries: 0,
    providerOptions: { openai: { reasoningSummary: 'auto', ...options } },
  })
  deepEqual([text, steps.length, reasoningText], ['It is so: Paris: rain', 2, 'I look outside.'])
}
