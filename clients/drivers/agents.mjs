// The OpenAI Agents SDK, over both APIs.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents'
import { z } from 'zod'

setTracingDisabled(true)
const model = 'gpt-4.1-mini'
const report = z.object({ city: z.string(), degrees: z.number() })
const weather = tool({
  name: 'get_weather',
  description: 'Tells the weather',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `${city}: rain`,
})

export const cases = {
  ...casesOf('responses', true),
  ...casesOf('chat', false),
  async 'responses: reasoning, and a tool loop'(url) {
    const agent = new Agent({ name: 'Clerk', model: 'gpt-6-sol', tools: [weather] })
    equal((await runnerOf(url, true).run(agent, 'The weather in Paris?')).finalOutput, 'It is so: Paris: rain')
  },
  async 'responses: an agent as a tool'(url) {
    const helper = new Agent({ name: 'Helper', model })
    const asTool = helper.asTool({ toolName: 'get_weather', toolDescription: 'Tells the weather' })
    const result = await runnerOf(url, true).run(new Agent({ name: 'Clerk', model, tools: [asTool] }), 'The weather?')
    ok(result.finalOutput.startsWith('It is so: '))
  },
  async 'responses: turns by previous response'(url) {
    const agent = new Agent({ name: 'Clerk', model })
    const first = await runnerOf(url, true).run(agent, 'One')
    const { lastResponseId: previousResponseId } = first
    ok(previousResponseId)
    const second = await runnerOf(url, true).run(agent, 'What did I say first?', { previousResponseId })
    equal(second.finalOutput, 'You said: One')
  },
}

function runnerOf(baseURL, useResponses) {
  return new Runner({
    modelProvider: new OpenAIProvider({ apiKey: 'sk-clients', baseURL, useResponses }),
    tracingDisabled: true,
  })
}

function casesOf(api, useResponses) {
  const run = (url, agent, input, options) => runnerOf(url, useResponses).run(agent, input, options)
  const cases = {
    async text(url) {
      equal((await run(url, new Agent({ name: 'Clerk', model }), 'Hi')).finalOutput, 'Hello there, and welcome.')
    },
    async stream(url) {
      const streamed = await run(url, new Agent({ name: 'Clerk', model }), 'Hi', { stream: true })
      equal((await Array.fromAsync(streamed.toTextStream())).join(''), 'Hello there, and welcome.')
    },
    async 'tool loop'(url) {
      const agent = new Agent({ name: 'Clerk', model, tools: [weather] })
      equal((await run(url, agent, 'The weather in Paris and Rome?')).finalOutput, 'It is so: Paris: rain, Rome: rain')
    },
    async 'tool loop, streamed'(url) {
      const agent = new Agent({ name: 'Clerk', model, tools: [weather] })
      const streamed = await run(url, agent, 'The weather in Paris?', { stream: true })
      equal((await Array.fromAsync(streamed.toTextStream())).join(''), 'It is so: Paris: rain')
    },
    async 'structured output'(url) {
      const agent = new Agent({ name: 'Clerk', model, outputType: report })
      deepEqual((await run(url, agent, 'Report')).finalOutput, { city: 'Paris', degrees: 21 })
    },
    async handoff(url) {
      const cashier = new Agent({ name: 'Cashier', model, instructions: 'Pay.' })
      const result = await run(url, new Agent({ name: 'Clerk', model, handoffs: [cashier] }), 'I want a refund.')
      equal(result.lastAgent.name, 'Cashier')
    },
    async 'turns by history'(url) {
      const agent = new Agent({ name: 'Clerk', model })
      const { history } = await run(url, agent, 'One')
      const second = await run(url, agent, [...history, { role: 'user', content: 'What did I say first?' }])
      equal(second.finalOutput, 'You said: One')
    },
  }
  return Object.fromEntries(Object.entries(cases).map(([name, runCase]) => [`${api}: ${name}`, runCase]))
}
