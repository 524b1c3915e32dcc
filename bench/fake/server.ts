// A mock of OpenAI's API in a process of its own, which says what it took of a processor and what its heap holds when it
// is asked. usage: node --expose-gc server.js reprise|floor, with a channel to its parent
import { argv } from 'node:process'
import { LLMock } from '@copilotkit/aimock'
import { fakeOpenAI } from '@reprise/fake-openai'

/** What a server may be asked: microseconds of a processor since it began, or megabytes after a collection. */
export type Asked = 'cpu' | 'heap'

const REPLY = 'The order left the warehouse on Tuesday and is expected at the door before Friday noon. '.repeat(4)

/** The other mock sends twenty characters at a time. */
const DELTAS = Math.ceil(REPLY.length / 20)

/** Any number of requests a minute. */
const limits = { 'gpt-4.1-mini': { requestsPerMinute: 1e9, tokensPerMinute: 1e12 } }

const begin: Readonly<Record<string, () => Promise<string>>> = {
  reprise: async () => (await fakeOpenAI(() => ({ text: REPLY, deltas: DELTAS }), { limits })).url,
  floor: async () => {
    const mock = new LLMock({ port: 0 })
    mock.onMessage(/./, { content: REPLY })
    return `${await mock.start()}/v1`
  },
}

const tell: Readonly<Record<Asked, () => number>> = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  heap: () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed / 1e6
  },
}

process.on('message', (asked: Asked) => process.send?.(tell[asked]()))
process.on('disconnect', () => process.exit())
process.send?.(await begin[argv[2] ?? '']?.())
