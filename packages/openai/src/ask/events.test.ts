import { describe, expect, test } from 'vitest'
import { readEvents } from './events.ts'

const words = ['Zoë', '日本語', '𝒳𝒴', 'end']

function streamed(text: string, size: number): Response {
  const bytes = new TextEncoder().encode(text)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return new Response(ReadableStream.from(pieces))
}

describe('a stream of events', () => {
  test.for(['\n', '\r\n', '\r'])('is read whole however its bytes are cut (lines end by %j)', async (end) => {
    const lines = words.flatMap((word) => [': a remark', 'event: word', `data: ${JSON.stringify({ word })}`, ''])
    for (let size = 1; size < 40; size += 1) {
      const batches = await Array.fromAsync(readEvents(streamed(`${lines.join(end)}${end}`, size)))
      expect(batches.flat()).toEqual(words.map((word) => ({ word })))
    }
  })

  test('hands the events of one piece on together', async () => {
    const text = words.map((word) => `data: ${JSON.stringify(word)}\n\n`).join('')
    expect(await Array.fromAsync(readEvents(streamed(text, 1000)))).toEqual([words])
  })

  test('tells its agreed end as nothing', async () => {
    expect(await Array.fromAsync(readEvents(streamed('data: 1\n\ndata: [DONE]\n\n', 1000)))).toEqual([[1, undefined]])
  })

  test('may lack the blank line after its last event', async () => {
    expect(await Array.fromAsync(readEvents(streamed('data: 1\n\ndata: {"a":2}', 3)))).toEqual([[1], [{ a: 2 }]])
  })

  test('breaks at half an event, after what came before it', async () => {
    const batches: unknown[] = []
    const read = async () => {
      for await (const batch of readEvents(streamed('data: 1\n\ndata: {"a"', 1000))) batches.push(batch)
    }
    await expect(read()).rejects.toThrow(SyntaxError)
    expect(batches).toEqual([[1]])
  })

  test('has a failure where an event is named so, whatever its data are', async () => {
    const named = (data: string) => Array.fromAsync(readEvents(streamed(`event: error\ndata: ${data}\n\n`, 1000)))
    expect(await named('{"message":"Down"}')).toEqual([
      [{ type: 'error', error: { message: 'Down' }, message: 'Down' }],
    ])
    expect(await named('Down')).toEqual([[{ error: 'Down' }]])
  })

  test('without a body has none', async () => {
    expect(await Array.fromAsync(readEvents(new Response(null)))).toEqual([])
  })
})
