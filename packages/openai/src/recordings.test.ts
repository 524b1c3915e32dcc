import { existsSync, readFileSync } from 'node:fs'
import type { ModelReply, ReplyItem } from '@reprise/core'
import type { Response as FinalResponse } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { card, collect, failureOf, requestOf } from './ask.fixture.ts'
import { openai } from './openai.ts'

const file = new URL('../../../../shared/data/openai/sse.jsonl', import.meta.url)
const there = existsSync(file)

interface Recording {
  readonly file: string
  readonly step: number
  readonly endpoint: 'resp' | 'chat'
  readonly sse: string
  readonly final: FinalResponse
}

const recordings = there
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Recording)
  : []
const usable = recordings.filter(({ endpoint }) => endpoint === 'resp')

/** Numbers from 0 to 1 that are the same in each run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Cuts bytes at random places, inside characters and line ends too. */
function cutAtRandom(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const size = random() < 0.5 ? 1 + Math.floor(random() * 3) : 1 + Math.floor(random() * 400)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

/** A model whose service answers with these bytes. */
function replaying(pieces: readonly Uint8Array[]) {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_recorded' }
  const fetch = async () => new Response(ReadableStream.from<Uint8Array>(pieces), { headers })
  return openai({ apiKey: 'sk-test', baseURL: 'http://recorded/v1', fetch })
}

/** What the official final object says, as a reply would. */
function expected({ final }: Recording): Pick<ModelReply, 'items' | 'finish' | 'usage' | 'model' | 'responseId'> {
  const items = final.output.flatMap((item): ReplyItem[] => {
    if (item.type === 'function_call')
      return [{ kind: 'call', callId: item.call_id, name: item.name, arguments: item.arguments }]
    if (item.type !== 'message') return []
    return [
      { kind: 'assistant', text: item.content.map((part) => (part.type === 'output_text' ? part.text : '')).join('') },
    ]
  })
  const { usage } = final
  if (!usage) throw new Error('Expected a recording with usage.')
  return {
    items,
    finish: final.status === 'completed' ? 'stop' : 'length',
    usage: {
      inputTokens: usage.input_tokens,
      cachedTokens: usage.input_tokens_details.cached_tokens,
      ...(usage.input_tokens_details.cache_write_tokens > 0 && {
        cacheWriteTokens: usage.input_tokens_details.cache_write_tokens,
      }),
      outputTokens: usage.output_tokens,
      reasoningTokens: usage.output_tokens_details.reasoning_tokens,
    },
    model: final.model,
    responseId: final.id,
  }
}

describe.skipIf(!there)('recorded streams (skipped where ../shared/data is not there)', () => {
  test('the streams of the Responses API are usable; the others wait for the Chat API', () => {
    const others = recordings.filter((recording) => !usable.includes(recording))
    console.log(`${recordings.length} recorded streams: ${usable.length} folded here.`)
    console.log(`${others.length} not usable: they are of Chat Completions, which this package does not speak yet.`)
    expect([usable.length, others.length]).toEqual([91, 83])
  })

  test.for(usable.map((recording, index) => [index, recording.file, recording.step, recording] as const))(
    'stream %i (%s, step %i) folds to the official final object, however it is cut',
    async ([index, , , recording]) => {
      const random = randomFrom(index + 1)
      for (let round = 0; round < 3; round += 1) {
        const model = replaying(cutAtRandom(Buffer.from(recording.sse), random))
        const { deltas, reply } = await collect(
          model,
          requestOf(undefined, { card: { ...card, model: recording.final.model } }),
        )
        expect(reply).toMatchObject(expected(recording))
        expect(reply.usage).toEqual(expected(recording).usage)
        const words = reply.items.map((item) => (item.kind === 'assistant' ? item.text : '')).join('')
        expect(deltas.join('')).toBe(words)
      }
    },
  )

  test('a stream that stops at any byte before its last event is cut, and not taken for whole', async () => {
    const { sse = '' } = usable.find((recording) => recording.final.output[0]?.type === 'function_call') ?? {}
    const bytes = Buffer.from(sse)
    const last = bytes.lastIndexOf('event: response.completed')
    const random = randomFrom(7)
    for (let round = 0; round < 50; round += 1) {
      const end = Math.floor(random() * last)
      const error = await failureOf(replaying(cutAtRandom(bytes.subarray(0, end), random)))
      expect(error).toMatchObject({ code: 'stream_cut', retryable: true })
    }
  })
})
