// LangChain's chat model for OpenAI, over both APIs.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { z } from 'zod'

const report = z.object({ city: z.string(), degrees: z.number() })
const weather = tool(({ city }) => `${city}: rain`, {
  name: 'get_weather',
  description: 'Tells the weather',
  schema: z.object({ city: z.string() }),
})

export const cases = {
  ...casesOf('responses', true),
  ...casesOf('chat', false),
  async 'responses: reasoning, streamed, and turns by history'(url) {
    const model = new ChatOpenAI({
      model: 'gpt-6-sol',
      apiKey: 'sk-clients',
      useResponsesApi: true,
      maxRetries: 0,
      reasoning: { effort: 'low', summary: 'auto' },
      configuration: { baseURL: url },
    })
    const first = new HumanMessage('One')
    let answer
    for await (const chunk of await model.stream([first])) answer = answer ? answer.concat(chunk) : chunk
    equal((await model.invoke([first, answer, new HumanMessage('What did I say first?')])).text, 'You said: One')
  },
  async 'responses: turns by previous response'(url) {
    const model = modelOf(url, true)
    const first = await model.invoke('One')
    const second = await model.invoke('What did I say first?', { previous_response_id: first.response_metadata.id })
    equal(second.text, 'You said: One')
  },
}

function modelOf(baseURL, useResponsesApi) {
  return new ChatOpenAI({
    model: 'gpt-4.1-mini',
    apiKey: 'sk-clients',
    useResponsesApi,
    maxRetries: 0,
    configuration: { baseURL },
  })
}

function casesOf(api, useResponsesApi) {
  const cases = {
    async text(url) {
      const { text, usage_metadata: usage } = await modelOf(url, useResponsesApi).invoke('Hi')
      equal(text, 'Hello there, and welcome.')
      ok(usage.total_tokens > 0)
    },
    async stream(url) {
      const chunks = await Array.fromAsync(await modelOf(url, useResponsesApi).stream('Hi'))
      equal(chunks.map(({ text }) => text).join(''), 'Hello there, and welcome.')
    },
    async 'tool loop'(url) {
      const model = modelOf(url, useResponsesApi).bindTools([weather])
      const messages = [new HumanMessage('The weather in Paris and Rome?')]
      const asked = await model.invoke(messages)
      messages.push(asked)
      for (const call of asked.tool_calls) {
        const content = await weather.invoke(call.args)
        messages.push(new ToolMessage({ content, tool_call_id: call.id }))
      }
      equal((await model.invoke(messages)).text, 'It is so: Paris: rain, Rome: rain')
    },
    async 'tool call, streamed'(url) {
      const model = modelOf(url, useResponsesApi).bindTools([weather], { strict: true })
      let whole
      for await (const chunk of await model.stream('The weather in Paris?')) whole = whole ? whole.concat(chunk) : chunk
      deepEqual(
        whole.tool_calls.map(({ name, args }) => [name, args]),
        [['get_weather', { city: 'Paris' }]],
      )
    },
    async 'structured output by schema'(url) {
      const model = modelOf(url, useResponsesApi).withStructuredOutput(report, { method: 'jsonSchema' })
      deepEqual(await model.invoke('Report'), { city: 'Paris', degrees: 21 })
    },
    async 'structured output by a call'(url) {
      const model = modelOf(url, useResponsesApi).withStructuredOutput(report, {
        method: 'functionCalling',
        name: 'report',
      })
      deepEqual(await model.invoke('Report'), { city: 'Paris', degrees: 21 })
    },
    async 'turns by history'(url) {
      const model = modelOf(url, useResponsesApi)
      const first = new HumanMessage('One')
      const answer = await model.invoke([first])
      equal((await model.invoke([first, answer, new HumanMessage('What did I say first?')])).text, 'You said: One')
    },
  }
  return Object.fromEntries(Object.entries(cases).map(([name, run]) => [`${api}: ${name}`, run]))
}
