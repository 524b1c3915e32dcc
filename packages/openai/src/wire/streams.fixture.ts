import { isDeepStrictEqual } from 'node:util'
import type { ModelReply, ReplyItem } from '@reprise/core'
import { card, collect, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { stubFetch } from '../stub-fetch.fixture.ts'
import { cutAtRandom, randomFrom } from './cut.fixture.ts'
import type { RecordedStream } from './recordings.fixture.ts'

/** A model of the recording's API whose service answers with these bytes. */
export function replaying({ endpoint }: RecordedStream, pieces: readonly Uint8Array[]) {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_recorded' }
  const fetch = stubFetch(() => new Response(ReadableStream.from<Uint8Array>(pieces), { headers }))
  const connection = { apiKey: 'sk-test', baseURL: 'http://recorded/v1', fetch }
  return openai({ ...connection, api: endpoint === 'chat' ? 'chat' : 'responses' })
}

/** Cuts a recorded stream at random; by every other seed with line ends of two bytes, which recordings have not. */
export function cutRecording({ sse }: RecordedStream, seed: number): Uint8Array[] {
  return cutAtRandom(Buffer.from(seed % 2 === 0 ? sse : sse.replaceAll('\n', '\r\n')), randomFrom(seed))
}

/** Complains where a recorded stream, cut into these pieces, does not fold to the official final object. */
export async function streamComplaint(
  recording: RecordedStream,
  pieces: readonly Uint8Array[],
): Promise<string | undefined> {
  const expected = finalOf(recording)
  const request = requestOf(undefined, { card: { ...card, model: recording.final.model } })
  const { deltas, reply } = await collect(replaying(recording, pieces), request)
  const { items, finish, usage, responseId, model } = reply
  const heard = { items, finish, usage, responseId, model }
  if (!isDeepStrictEqual(heard, expected)) return `got ${JSON.stringify(heard)}, expected ${JSON.stringify(expected)}`
  const words = items.map((item) => (item.kind === 'assistant' ? item.text : '')).join('')
  return deltas.join('') === words ? undefined : `the words on the way differ: ${JSON.stringify(deltas)}`
}

type Final = Pick<ModelReply, 'items' | 'finish' | 'responseId' | 'model'> & { readonly usage: ModelReply['usage'] }

/** What the official final object says, as a reply would. */
function finalOf(recording: RecordedStream): Final {
  return recording.endpoint === 'chat' ? chatFinal(recording) : responsesFinal(recording)
}

function responsesFinal({ final }: Extract<RecordedStream, { endpoint: 'resp' }>): Final {
  const items = final.output.flatMap((item): ReplyItem[] => {
    if (item.type === 'function_call')
      return [{ kind: 'call', callId: item.call_id, name: item.name, arguments: item.arguments }]
    if (item.type === 'reasoning') {
      const text = item.summary.map((part) => part.text).join('\n\n')
      const encrypted = item.encrypted_content
      return [{ kind: 'reasoning', text, id: item.id, ...(encrypted ? { encrypted } : {}), from: final.model }]
    }
    if (item.type !== 'message') throw new Error(`Expected no ${item.type} in a recorded stream.`)
    const phase = item.phase ? { phase: item.phase } : {}
    return item.content.map((part) => ({
      kind: 'assistant',
      text: part.type === 'output_text' ? part.text : '',
      ...phase,
    }))
  })
  const { usage } = final
  const written = usage?.input_tokens_details.cache_write_tokens ?? 0
  return {
    items,
    finish: final.status === 'completed' ? 'stop' : 'length',
    usage: usage && {
      inputTokens: usage.input_tokens,
      cachedTokens: usage.input_tokens_details.cached_tokens,
      ...(written > 0 && { cacheWriteTokens: written }),
      outputTokens: usage.output_tokens,
      reasoningTokens: usage.output_tokens_details.reasoning_tokens,
    },
    model: final.model,
    responseId: final.id,
  }
}

function chatFinal({ final }: Extract<RecordedStream, { endpoint: 'chat' }>): Final {
  const [choice] = final.choices
  if (!choice) throw new Error('Expected a recorded stream with a choice.')
  const { content, tool_calls: calls = [] } = choice.message
  const items: ReplyItem[] = content ? [{ kind: 'assistant', text: content }] : []
  for (const call of calls) {
    if (call.type !== 'function') throw new Error(`Expected no ${call.type} call in a recorded stream.`)
    const { name, arguments: written } = call.function
    items.push({ kind: 'call', callId: call.id, name, arguments: written })
  }
  const { usage } = final
  return {
    items,
    finish: choice.finish_reason === 'length' ? 'length' : 'stop',
    usage: usage && {
      inputTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      outputTokens: usage.completion_tokens,
      reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    },
    model: final.model,
    responseId: final.id,
  }
}
