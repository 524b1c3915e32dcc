import { type AgentCard, type Item, ModelError, type ModelEvent, type ModelRequest } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { scriptedModel, type ScriptedModel } from './scripted-model.ts'

const card: AgentCard = {
  agent: 'a',
  version: 1,
  model: 'gpt-4.1-mini',
  settings: {},
  maxOutputTokens: 16,
  tools: [],
  output: null,
}

function requestOf(items: readonly Item[] = [{ kind: 'user', text: 'Hi' }]): ModelRequest {
  return { runId: 'run-1', card, instructions: '', items }
}

async function ask(
  model: ScriptedModel,
  request = requestOf(),
  signal = new AbortController().signal,
): Promise<ModelEvent[]> {
  return Array.fromAsync(model.ask(request, signal))
}

describe('a scripted model', () => {
  test('answers by a function of the request and of how often it was asked', async () => {
    const model = scriptedModel(({ items }, nth) => ({ text: `${items.length} items, ask ${nth}` }))
    expect(await ask(model)).toEqual([
      { kind: 'text', delta: '1 items, ask 1' },
      {
        kind: 'reply',
        reply: { items: [{ kind: 'assistant', text: '1 items, ask 1' }], finish: 'stop', model: 'scripted' },
      },
    ])
    await ask(model)
    expect(model.requests).toBe(2)
  })

  test('answers from a list, and says when the list is over', async () => {
    const model = scriptedModel([{ text: 'one' }, { refusal: 'no', finish: 'content-filter' }])
    await ask(model)
    expect((await ask(model)).at(-1)).toMatchObject({
      reply: { items: [{ kind: 'refusal', text: 'no' }], finish: 'content-filter' },
    })
    await expect(ask(model)).rejects.toThrow(
      new ModelError({
        code: 'script_over',
        message: 'The scripted model has 2 answers and was asked 3 times. Add an answer, or pass a function.',
      }),
    )
  })

  test('streams a text in pieces that make the text', async () => {
    const model = scriptedModel([{ text: 'a😀bcde', deltas: 3 }])
    const events = await ask(model)
    expect(events.slice(0, -1)).toEqual([
      { kind: 'text', delta: 'a😀' },
      { kind: 'text', delta: 'bc' },
      { kind: 'text', delta: 'de' },
    ])
  })

  test('gives calls ids of their own that the same request gets again', async () => {
    const calls = [
      { name: 'f', arguments: { a: 1 } },
      { name: 'g', arguments: '{"a":' },
      { name: 'h', callId: 'mine' },
    ]
    const model = scriptedModel(() => ({ calls }))
    const expected = [
      { kind: 'call', callId: 'call_1_0', name: 'f', arguments: '{"a":1}' },
      { kind: 'call', callId: 'call_1_1', name: 'g', arguments: '{"a":' },
      { kind: 'call', callId: 'mine', name: 'h', arguments: '{}' },
    ]
    for (let nth = 0; nth < 2; nth += 1) expect((await ask(model)).at(-1)).toMatchObject({ reply: { items: expected } })
    const longer = requestOf([
      { kind: 'user', text: 'Hi' },
      { kind: 'assistant', text: 'Hi' },
    ])
    expect((await ask(model, longer)).at(-1)).toMatchObject({ reply: { items: [{ callId: 'call_2_0' }, {}, {}] } })
  })

  test('gives a full reply as it is', async () => {
    const reply = { items: [{ kind: 'assistant', text: 'x' }], finish: 'stop', model: 'm', costNano: 3 } as const
    expect((await ask(scriptedModel([reply]))).at(-1)).toEqual({ kind: 'reply', reply })
  })

  test('throws the error that the script gives', async () => {
    const error = new ModelError({ code: 'server_error', message: 'Down.', retryable: true })
    await expect(ask(scriptedModel([error]))).rejects.toBe(error)
  })

  test('gives up when the signal aborts, with its reason', async () => {
    const controller = new AbortController()
    const model = scriptedModel(() => {
      controller.abort(new Error('enough'))
      return { text: 'late' }
    })
    await expect(ask(model, requestOf(), controller.signal)).rejects.toThrow('enough')
    await expect(ask(model, requestOf(), controller.signal)).rejects.toThrow('enough')
    expect(model.requests).toBe(1)
  })
})
