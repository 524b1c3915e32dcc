// Workers that die with what they drive: what ends them is put into quarantine, and nothing else is.
import { type ManualClock, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTool,
  type Model,
  type Runtime,
  type Store,
} from '../src/index.ts'
import { quiet, workflow } from './flow.fixture.ts'

const never = () => new Promise<never>(() => undefined)

/** What may happen to a process in one of its lives. */
interface Life {
  readonly nth: number
  /** The process is gone: nothing that it does any more reaches the store, and nobody hears of it. */
  readonly die: () => void
}

interface World {
  readonly store: Store
  readonly clock: ManualClock
  readonly definitionsOf: (life: Life) => readonly AnyDefinition[]
  readonly model?: Model
  /** How long a process lives that does not die by itself, in milliseconds. @default 5000 */
  readonly longestMs?: number
}

/** Processes with one worker each, one after the other. */
async function live({ store, clock, definitionsOf, model, longestMs = 5_000 }: World, lives: number): Promise<void> {
  for (let nth = 1; nth <= lives; nth++) {
    let isDead = false
    const life: Life = { nth, die: () => void (isDead = true) }
    const runtime = mortal(store, () => isDead, { clock, nth, definitions: definitionsOf(life), model })
    runtime.work()
    const born = clock.now()
    while (!isDead && clock.now() - born < longestMs) await clock.advance(250)
    life.die()
  }
}

function mortal(
  store: Store,
  isDead: () => boolean,
  {
    clock,
    nth,
    definitions,
    model = scriptedModel(() => ({ text: 'done' })),
  }: { clock: ManualClock; nth: number; definitions: readonly AnyDefinition[]; model: Model | undefined },
): Runtime {
  const guarded = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => (isDead() ? never() : Reflect.apply(value, target, given))
    },
  })
  const isGone = (owner: string): boolean => owner !== `process ${nth}`
  const owners = { name: () => `process ${nth}`, isGone, isGoneWhole: isGone, livesElsewhere: () => false }
  return createRuntime({ store: guarded, models: model, definitions, clock, owners, log: quiet, random: () => 0 })
}

async function enqueueAll(store: Store, clock: ManualClock, definitions: readonly AnyDefinition[]): Promise<void> {
  const runtime = createRuntime({ store, models: scriptedModel([]), definitions, clock, log: quiet })
  for (const definition of definitions.filter(({ name }) => !name.startsWith('child')))
    await runtime.enqueue(definition as ReturnType<typeof workflow>, 'x', { id: definition.name })
  await runtime.close()
}

async function statuses(store: Store): Promise<Record<string, string>> {
  return Object.fromEntries((await store.runs({})).map(({ id, status }) => [id, status]))
}

describe('a run that ends its workers', () => {
  const poisonOf = (life: Life) =>
    workflow(
      (ctx) =>
        ctx.step('kill', () => {
          life.die()
          return never()
        }),
      'poison',
    )

  it(
    'is put into quarantine, and those that died beside it in a long step are not, and come to their ends',
    { tags: 'slow' },
    async () => {
      const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
      const definitionsOf = (life: Life) => {
        const long = (name: string) => workflow((ctx) => ctx.step('long', () => clock.sleep(90_000)), name)
        return [long('before'), poisonOf(life), long('after'), long('later')]
      }
      const some: Life = { nth: 0, die: () => undefined }
      await enqueueAll(store, clock, definitionsOf(some))
      await live({ store, clock, definitionsOf, longestMs: 200_000 }, 20)
      expect(await statuses(store)).toEqual({
        before: 'completed',
        poison: 'quarantined',
        after: 'completed',
        later: 'completed',
      })
    },
  )

  it('is put into quarantine after eight of them, since the first three may have died of another', async () => {
    const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
    const definitionsOf = (life: Life) => [poisonOf(life)]
    await enqueueAll(store, clock, definitionsOf({ nth: 0, die: () => undefined }))
    await live({ store, clock, definitionsOf }, 8)
    expect(await store.run('poison')).toMatchObject({ status: 'running', attempts: 8 })
    await live({ store, clock, definitionsOf }, 1)
    expect(await store.run('poison')).toMatchObject({
      status: 'quarantined',
      owner: null,
      waiting: { reason: 'Its last 8 owners died with it, and none got it further.' },
    })
  })

  it('is put into quarantine though it writes in each of its lives what gets it no further', async () => {
    const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
    let pays = 0
    const definitionsOf = (life: Life) => {
      const pay = defineTool({
        name: 'pay',
        description: 'Pays.',
        input: z.object({}),
        effect: 'once',
        reconcile: () => ({ happened: false }),
        execute: () => {
          pays++
          life.die()
        },
      })
      return [defineAgent({ name: 'payer', model: 'm', instructions: '', tools: [pay] })]
    }
    const model = scriptedModel(() => ({ calls: [{ name: 'pay' }] }))
    await enqueueAll(store, clock, definitionsOf({ nth: 0, die: () => undefined }))
    await live({ store, clock, definitionsOf, model }, 15)
    expect(await statuses(store)).toEqual({ payer: 'quarantined' })
    expect(pays).toBeLessThan(10)
  })
})

describe('a run whose workers die', () => {
  it('goes on as long as a run below it gets further in each of their lives', async () => {
    const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
    const definitionsOf = (life: Life) => {
      const grandchild = workflow(async (ctx) => {
        for (let step = 1; step <= 12; step++)
          await ctx.step('work', () => {
            if (step <= life.nth) return step
            life.die()
            return never()
          })
        return 'done'
      }, 'child-of-child')
      const child = workflow((ctx) => ctx.child(grandchild, 'x'), 'child')
      return [workflow((ctx) => ctx.child(child, 'x'), 'parent'), child, grandchild]
    }
    await enqueueAll(store, clock, definitionsOf({ nth: 0, die: () => undefined }))
    await live({ store, clock, definitionsOf }, 11)
    expect((await store.run('parent'))?.attempts).toBe(1)
    await live({ store, clock, definitionsOf: (life) => definitionsOf({ ...life, nth: 12 }) }, 1)
    expect(Object.values(await statuses(store))).toEqual(['completed', 'completed', 'completed'])
  })

  it('goes on as long as one of its calls turns out to have happened in each of their lives', async () => {
    const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
    const paid: number[] = []
    const definitionsOf = (life: Life) => {
      const pay = defineTool({
        name: 'pay',
        description: 'Pays.',
        input: z.object({ n: z.number() }),
        effect: 'once',
        reconcile: ({ n }) => (paid.includes(n) ? { happened: true, result: undefined } : { happened: false }),
        execute: ({ n }) => {
          paid.push(n)
          life.die()
        },
      })
      return [defineAgent({ name: 'payer', model: 'm', instructions: '', tools: [pay] })]
    }
    // Each turn pays once.
    const model = scriptedModel(({ items }) => {
      const n = items.filter(({ kind }) => kind === 'result').length
      return n < 12 ? { calls: [{ name: 'pay', arguments: { n } }] } : { text: 'done' }
    })
    await enqueueAll(store, clock, definitionsOf({ nth: 0, die: () => undefined }))
    await live({ store, clock, definitionsOf, model }, 13)
    expect(await statuses(store)).toEqual({ payer: 'completed' })
    expect(paid).toHaveLength(12)
  })

  it('goes on where the calls of one reply turn out to have happened, one in each life', async () => {
    const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
    const paid = new Set<number>()
    const definitionsOf = (life: Life) => {
      const pay = defineTool({
        name: 'pay',
        description: 'Pays.',
        input: z.object({ n: z.number() }),
        effect: 'once',
        reconcile: ({ n }) => (paid.has(n) ? { happened: true, result: undefined } : { happened: false }),
        execute: ({ n }) => {
          // One a life, in any order.
          if (paid.size < life.nth) paid.add(n)
          if (paid.size >= life.nth) life.die()
        },
      })
      return [defineAgent({ name: 'payer', model: 'm', instructions: '', tools: [pay] })]
    }
    const calls = Array.from({ length: 12 }, (_, n) => ({ name: 'pay', arguments: { n } }))
    const model = scriptedModel(({ items }) => (items.length > 1 ? { text: 'done' } : { calls }))
    await enqueueAll(store, clock, definitionsOf({ nth: 0, die: () => undefined }))
    await live({ store, clock, definitionsOf, model }, 13)
    expect(await statuses(store)).toEqual({ payer: 'completed' })
  })
})
