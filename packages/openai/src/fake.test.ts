import type { ModelEvent } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { card, collect, failureOf, requestOf } from './ask.fixture.ts'
import { openai } from './openai.ts'
import { serve } from './serve.fixture.ts'
import { countTokens } from './tokens/count-tokens.ts'

describe('the platform, as the fake server has it', () => {
  test.for([true, false])('says the same over either API (streaming: %s)', async (stream) => {
    const calls = [
      { name: 'find_order', arguments: { id: '1' }, callId: 'call_a' },
      { name: 'refund_order', arguments: { id: '1' }, callId: 'call_b' },
    ]
    await using service = await serve(() => ({ text: 'I look.', calls }))
    const request = requestOf(undefined, { allowedTools: ['find_order'] })
    const overChat = await collect(openai({ ...service.platform, stream, api: 'chat' }), request)
    const overResponses = await collect(openai({ ...service.platform, stream }), request)
    const said = ({ reply: { items, finish, model } }: typeof overChat) => ({ items, finish, model })
    expect(said(overChat)).toEqual(said(overResponses))
    expect(overChat.deltas).toEqual(overResponses.deltas)
    expect(overChat.reply.usage?.outputTokens).toBeGreaterThan(0)
    expect(overChat.reply.costNano).toBeGreaterThan(0)
  })

  test.for(['length', 'content-filter'] as const)('ends a reply of Chat Completions early by %s', async (finish) => {
    await using service = await serve(() => ({ text: 'Once upon a', finish }))
    const { reply } = await collect(openai({ ...service.platform, api: 'chat' }))
    expect(reply).toMatchObject({ items: [{ kind: 'assistant', text: 'Once upon a' }], finish })
  })

  test('tells a refusal and an error over Chat Completions', async () => {
    await using service = await serve(({ n }) =>
      n === 1 ? { refusal: 'No.' } : { error: { status: 429, code: 'rate_limit_exceeded', retryAfter: 2 } },
    )
    const model = openai({ ...service.platform, api: 'chat' })
    expect((await collect(model)).reply.items).toEqual([{ kind: 'refusal', text: 'No.' }])
    expect(await failureOf(model)).toMatchObject({ code: 'rate_limit_exceeded', retryable: true, retryAfterMs: 2000 })
  })

  test('never takes a cut stream of Chat Completions for a whole one', async () => {
    let cut = 0
    await using service = await serve(() => ({ text: 'one two', cut, cutBy: 'end' }))
    const model = openai({ ...service.platform, api: 'chat' })
    for (cut = 1; cut < 4; cut += 1)
      expect(await failureOf(model)).toMatchObject({ code: 'stream_cut', retryable: true })
  })

  test.for(['end', 'reset'] as const)(
    'takes a stream of Chat Completions that only lacks its usage (%s)',
    async (cutBy) => {
      await using service = await serve(() => ({ text: 'one two', cut: -2, cutBy }))
      const { reply } = await collect(openai({ ...service.platform, api: 'chat' }))
      expect(reply).toMatchObject({ items: [{ kind: 'assistant', text: 'one two' }], finish: 'stop' })
      expect(reply).not.toHaveProperty('usage')
    },
  )

  test('charges a response in the background once, however often its stream breaks', async () => {
    await using service = await serve(() => ({ text: 'one two three', cut: 5 }))
    const model = openai({ ...service.platform, background: true })
    const events: ModelEvent[] = []
    const first = async () => {
      for await (const event of model.ask(requestOf(), new AbortController().signal)) events.push(event)
    }
    await expect(first()).rejects.toMatchObject({ code: 'stream_cut', retryable: true })
    const accepted = events.find((event) => event.kind === 'accepted')
    if (!accepted) throw new Error('Expected the response to be accepted.')
    const { reply } = await collect(model, requestOf(undefined, { pending: { responseId: accepted.responseId } }))
    expect(reply.items).toEqual([{ kind: 'assistant', text: 'one two three' }])
    const { lines, costNano } = await service.fake.invoice()
    expect(lines.map(({ requests }) => requests)).toEqual([1])
    expect(reply.costNano).toBe(costNano)
  })

  test('counts what is counted here', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const request = requestOf([{ kind: 'user', text: 'Where is order 4711? It was sent on Monday.' }])
    const { reply } = await collect(service.streaming, request)
    const counted = await countTokens(request)
    expect(Math.abs(counted - (reply.usage?.inputTokens ?? 0))).toBeLessThanOrEqual(3)
  })

  test('says how much more it would take', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const { events } = await collect(service.streaming, requestOf(undefined, { card }))
    expect(events[0]).toMatchObject({ kind: 'limits', limits: { requests: { limit: expect.any(Number) as number } } })
  })
})
