// Every write of a conversation is a crash point: the process dies before or after it, and another goes on. Nothing is lost, said
// twice or done twice.
import { Crash, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type Model, type Store } from '../src/index.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

function deskOf(paid: string[]) {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ id: z.string() }),
    effect: 'idempotent',
    execute: ({ id }, { idempotencyKey }) => {
      if (!paid.includes(idempotencyKey)) paid.push(idempotencyKey)
      return `paid ${id}`
    },
  })
  return defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Help.', tools: [pay] })
}

const model: Model = scriptedModel(({ items }) => {
  const last = items.at(-1)
  if (last?.kind === 'user' && last.text.startsWith('pay'))
    return { calls: [{ name: 'pay', arguments: { id: last.text.slice(4) } }] }
  const said = items.filter(({ kind }) => kind === 'user').map((item) => ('text' in item ? item.text : ''))
  return { text: `Heard ${said.join(', ')}.` }
})

const SAID = ['hello', 'pay 1', 'and', 'pay 2'] as const

/** Sends all that the customer says, and waits for the last answer; as often as it takes. */
async function talk(store: Store, paid: string[]): Promise<string | undefined> {
  const desk = deskOf(paid)
  const runtime = createRuntime({ store, models: model, definitions: [desk], random: () => 0, log: quiet })
  try {
    const session = runtime.session('chat', { agent: desk })
    const runs = []
    for (const [at, text] of SAID.entries()) runs.push(await session.send(text, { id: `m${at}` }))
    const outcomes = await Promise.all(runs.map((run) => run.outcome()))
    const last = outcomes.at(-1)
    return last?.kind === 'completed' ? last.output : undefined
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    return undefined
  } finally {
    await runtime.close()
  }
}

async function saidIn(store: Store): Promise<string[]> {
  const desk = deskOf([])
  await using runtime = createRuntime({ store, models: model, definitions: [desk] })
  const session = runtime.session('chat', { agent: desk })
  for (const { id } of await session.runs()) expect(await runtime.replay(id)).toMatchObject({ status: 'matched' })
  return (await session.history()).map(({ item, turn }) => `${turn} ${JSON.stringify(item)}`)
}

describe('a conversation whose process dies', () => {
  it('is the same as if it had not, wherever it dies', async () => {
    const whole = memoryStore()
    const counted = crashing(whole, { of: 'write', at: Infinity, side: 'before' })
    const paid: string[] = []
    expect(await talk(counted, paid)).toBe('Heard hello, pay 1, and, pay 2.')
    const expected = await saidIn(whole)
    expect(expected).toHaveLength(12)

    for (let at = 1; at <= counted.writes; at++)
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const again: string[] = []
        await talk(crashing(store, { of: 'write', at, side }), again)
        const place = `${side} write ${at}`
        expect(await talk(store, again), place).toBe('Heard hello, pay 1, and, pay 2.')
        expect(await saidIn(store), place).toEqual(expected)
        expect(again.toSorted(), place).toEqual(paid.toSorted())
      }
  })

  it('is gone on with by a worker, whoever had sent what waits', async () => {
    const counted = crashing(memoryStore(), { of: 'write', at: Infinity, side: 'before' })
    await talk(counted, [])
    for (let at = 2; at <= counted.writes; at += 2) {
      const store = memoryStore()
      const paid: string[] = []
      await talk(crashing(store, { of: 'write', at, side: 'after' }), paid)
      const sent = await store.runs({ sessionId: 'chat' })
      const clock = manualClock({ now: Date.now() })
      const desk = deskOf(paid)
      await using runtime = createRuntime({ store, models: model, definitions: [desk], clock, log: quiet })
      runtime.work()
      const ended = async (): Promise<boolean> =>
        (await store.runs({ sessionId: 'chat' })).every(({ endedAt }) => endedAt !== null)
      for (let n = 0; n < 200 && !(await ended()); n++) await clock.advance(2_000)

      const runs = await store.runs({ sessionId: 'chat' })
      expect(
        runs.map(({ id, status }) => `${id} ${status}`),
        `write ${at}`,
      ).toEqual(sent.map(({ id }) => `${id} completed`))
      expect(paid).toHaveLength(sent.filter(({ turn }) => turn === 2 || turn === 4).length)
    }
  })
})
