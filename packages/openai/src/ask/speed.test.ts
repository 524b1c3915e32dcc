import { createRuntime, defineAgent, type Runtime } from '@reprise/core'
import { memoryStore } from '@reprise/testing'
import { expect, test } from 'vitest'
import { collect } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { stubFetch } from '../stub-fetch.fixture.ts'

const DELTAS = 4_000
const ROUNDS = 5
/** What a busy machine adds to the least of a few rounds goes with more of them; what the code costs stays. */
const MOST_ROUNDS = 60
const MOST_TIMES = 4

const bytes = new TextEncoder()

function chunksOf(events: readonly object[]): Uint8Array[] {
  return events.map((event) => bytes.encode(`data: ${JSON.stringify(event)}\n\n`))
}

const content = [{ type: 'output_text', text: 'x', annotations: [] }]
const completed = {
  id: 'r',
  status: 'completed',
  model: 'm',
  output: [{ type: 'message', role: 'assistant', content }],
}
const streams = {
  responses: chunksOf([
    ...Array.from({ length: DELTAS }, (_, n) => ({
      type: 'response.output_text.delta',
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: ' word',
      sequence_number: n,
    })),
    { type: 'response.completed', response: completed },
  ]),
  chat: chunksOf([
    ...Array.from({ length: DELTAS }, () => ({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: { content: ' word' }, finish_reason: null }],
    })),
    { id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ]),
}

/** What anybody would write who wants the words and nothing else. */
async function byHand(chunks: readonly Uint8Array[]): Promise<number> {
  const response = new Response(ReadableStream.from(chunks))
  const decoder = new TextDecoder()
  let rest = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true })
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const event = JSON.parse(rest.slice(6, end)) as { delta?: string; choices?: { delta: { content?: string } }[] }
      rest = rest.slice(end + 2)
      length += (event.delta ?? event.choices?.[0]?.delta.content ?? '').length
    }
  }
  return length
}

test.for(['responses', 'chat'] as const)(
  'a delta (%s) costs at most four times what a loop by hand costs, also when it is heard from a run',
  async (api) => {
    const chunks = streams[api]
    const headers = { 'content-type': 'text/event-stream' }
    const fetch = stubFetch(() => new Response(ReadableStream.from(chunks), { headers }))
    const model = openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch, api })
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [talker] })
    const best = { hand: Infinity, model: Infinity, run: Infinity }
    const timed = async (who: keyof typeof best, work: () => Promise<unknown>) => {
      const start = process.cpuUsage()
      await work()
      const { user, system } = process.cpuUsage(start)
      best[who] = Math.min(best[who], user + system)
    }
    const most = () => Math.max(best.model, best.run) / best.hand
    for (let round = 0; round < ROUNDS || (round < MOST_ROUNDS && most() >= MOST_TIMES); round += 1) {
      await timed('hand', () => byHand(chunks))
      await timed('model', () => collect(model))
      await timed('run', () => heard(runtime))
    }
    expect(best.model / best.hand).toBeLessThan(MOST_TIMES)
    expect(best.run / best.hand).toBeLessThan(MOST_TIMES)
  },
)

const talker = defineAgent({ name: 'talker', model: 'gpt-4.1-mini', instructions: 'Talk.' })

/** What a run's user hears. */
async function heard(runtime: Runtime<readonly [typeof talker]>): Promise<number> {
  const run = await runtime.start(talker, 'Go on.')
  let length = 0
  run.on('text.delta', ({ delta }) => (length += delta.length))
  await run.outcome()
  return length
}
