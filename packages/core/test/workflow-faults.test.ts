// What a workflow must survive: odd names, failures nobody awaits, children that end unseen.
import { setImmediate } from 'node:timers/promises'
import {
  changedStore,
  Crash,
  crashing,
  type ManualClock,
  manualClock,
  memoryStore,
  scriptedModel,
} from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineSignal,
  defineWorkflow,
  type Json,
  RepriseError,
  type RunWrite,
  type Store,
} from '../src/index.ts'
import { echo, quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { outline, untilCrash } from './world.fixture.ts'

const go = defineSignal({ name: 'go', payload: z.null() })
const gone = defineSignal({ name: 'gone', payload: z.null() })

describe('names', () => {
  it('that are odd are refused or kept apart, and each effect is made once', async () => {
    const effects: string[] = []
    const flow = workflow(async (ctx) => {
      const mark = (name: string) => () => effects.push(name)
      await ctx.step('patched', mark('patched'))
      await ctx.step('a', mark('a'))
      await ctx.step('a', mark('a again'))
      await ctx.step('a', mark('a(b) #/'), { key: 'b) #/' })
      return ctx.step('a#2', mark('never')).catch((error: Error) => error.message)
    })
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toBe(
      'A step has the name "a#2", which the API refuses. Use 1 to 64 letters, digits, "_" or "-".',
    )
    expect(effects).toEqual(['patched', 'a', 'a again', 'a(b) #/'])
    expect((await runtime.runs.entries('r')).slice(1, 5).map(({ key }) => key)).toEqual([
      'step:patched',
      'step:a',
      'step:a#2',
      'step:a(b%29%20%23%2F)',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('of signals that begin alike are apart: the timeout of one leaves the other open', async () => {
    const clock = manualClock()
    const flow = workflow((ctx) =>
      Promise.all([
        ctx.receive(go, { timeoutMs: 10 }).catch((error: Error) => error.name),
        ctx.receive(gone).catch((error: Error) => error.name),
      ]),
    )
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, '', { id: 'r' })
    while (clock.pending < 2) await clock.advance(0)
    await clock.advance(10)
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { signal: 'gone' } })
    await runtime.send('r', gone, null)
    expect(await (await runtime.resume('r')).result()).toEqual(['TimedOutError', null])
  })
})

describe('what nobody awaits', () => {
  it('fails without ending the process, and does not hold up a run that has failed', async () => {
    const flow = workflow(async (ctx) => {
      const late = ctx.step('late', () => Promise.reject(new Error('late')), { retry: { attempts: 1 } })
      await ctx.step('first', () => 1)
      await setImmediate()
      return late
    })
    const hanging = workflow(
      (ctx) =>
        Promise.all([
          ctx.sleep(1e9),
          ctx.step('fail', () => Promise.reject(new Error('no')), { retry: { attempts: 1 } }),
        ]),
      'hanging',
    )
    const runtime = runtimeOf([flow, hanging])
    expect(await (await runtime.start(flow, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: { message: 'late' },
    })
    expect(await (await runtime.start(hanging, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: { message: 'no' },
    })
  })

  it('is no endless wait: times must be finite, and a race needs a branch', async () => {
    const forever = workflow((ctx) => ctx.sleep(Infinity))
    const nobody = workflow((ctx) => ctx.race([]), 'nobody')
    const runtime = runtimeOf([forever, nobody])
    expect(await (await runtime.start(forever, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: { message: 'ctx.sleep has ms Infinity. It must be 0 milliseconds or more, and finite.' },
    })
    expect(await (await runtime.start(nobody, '')).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'bad_number' },
    })
  })
})

describe('a signal that comes just when its time is over', () => {
  const flow = workflow(async (ctx) => {
    const heard: string[] = []
    for (let n = 0; n < 2; n++) {
      const receiving = ctx.receive(go, { timeoutMs: 1_000 })
      heard.push(
        await receiving.then(
          () => 'signal',
          (error: Error) => error.name,
        ),
      )
    }
    return heard
  })

  /** One life of a process; undefined where it came to no end. What was sent before is sent again under the same id. */
  async function live(store: Store, clock: ManualClock, isFirst: 'signal' | 'time'): Promise<Json | undefined> {
    const runtime = runtimeOf([flow], store, clock)
    return untilCrash(runtime, async () => {
      const run = await runtime.start(flow, '', { id: 'r' })
      const settled = run.outcome()
      for (let turn = 0; turn < 50 && clock.pending < 2; turn++) await setImmediate()
      const send = (): Promise<void> => runtime.send('r', go, null, { id: 'once' })
      await Promise.all(isFirst === 'signal' ? [send(), clock.advance(1_000)] : [clock.advance(1_000), send()])
      for (let turn = 0; turn < 20; turn++) await clock.advance(100)
      const outcome = await settled
      return outcome.kind === 'completed' ? outcome.output : undefined
    })
  }

  it.each(['signal', 'time'] as const)('is heard once, the %s first, wherever the process dies', async (isFirst) => {
    const either = [
      ['signal', 'TimedOutError'],
      ['TimedOutError', 'signal'],
    ]
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    expect(either).toContainEqual(await live(counted, manualClock(), isFirst))
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const [store, clock] = [memoryStore(), manualClock()]
        const first = await live(crashing(store, { at, side }), clock, isFirst)
        const output = first ?? (await live(store, clock, isFirst))
        expect(either, `write ${at}, ${side}`).toContainEqual(output)
        const runtime = runtimeOf([flow], store)
        expect((await runtime.replay('r')).status, `write ${at}, ${side}`).toBe('matched')
      }
    }
  })
})

describe('a child run', () => {
  it('whose input is wrong fails in the code, which may catch that', async () => {
    const child = defineWorkflow({ name: 'child', input: z.object({ n: z.number() }), run: async (_ctx, { n }) => n })
    const flow = workflow((ctx) => ctx.child(child, { n: 'x' } as never).catch((error: Error) => error.message))
    const runtime = runtimeOf([flow, child])
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toContain(
      'The input given to workflow "child" is wrong.',
    )
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('that rests is followed to its end, whatever else its parent waits for, and wherever the process dies', async () => {
    const child = workflow(async (ctx) => {
      await ctx.receive(go)
      return 'from the child'
    }, 'child')
    const flow = workflow((ctx) => ctx.race([(branch) => branch.receive(gone), (branch) => branch.child(child, '')]))
    const childId = 'r/race/branch:1/child:child'
    const attempt = async (store: Store): Promise<unknown> => {
      const runtime = runtimeOf([flow, child], store)
      return untilCrash(runtime, async () => {
        const run = await runtime.start(flow, '', { id: 'r' })
        if ((await run.outcome()).kind !== 'waiting') return await run.outcome()
        await runtime.send(childId, go, null, { id: 'once' }).catch((error: unknown) => {
          if (error instanceof Crash) throw error
        })
        return await (await runtime.resume('r')).outcome()
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    await attempt(counted)
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      await attempt(crashing(store, { at, side: 'after' }))
      for (let life = 0; life < 3; life++) await attempt(store)
      const runtime = runtimeOf([flow, child], store)
      expect(await (await runtime.resume('r')).outcome(), `commit ${at}`).toMatchObject({
        kind: 'completed',
        output: 'from the child',
      })
      for (const { id } of await runtime.runs.list()) expect((await runtime.replay(id)).status, id).toBe('matched')
    }
  })

  it('of an agent is taken up again when its runtime was closed in its middle, and nothing false is told', async () => {
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const writer = defineAgent({
      name: 'writer',
      model: 'm',
      instructions: '',
      tools: [agentTool(echo, { name: 'ask', description: 'Asks.' })],
    })
    const slow = scriptedModel(async ({ card, items }) => {
      if (card.agent === 'writer')
        return items.length === 1
          ? { calls: [{ name: 'ask', arguments: { task: 'x' } }] }
          : { text: JSON.stringify(items.at(-1)) }
      asked.resolve()
      await gate.promise
      return { text: 'the answer' }
    })
    const store = memoryStore()
    const one = createRuntime({ store, models: slow, definitions: [writer, echo], log: quiet })
    await one.start(writer, 'go', { id: 'r' })
    await asked.promise
    const closing = one.close()
    gate.resolve()
    await closing
    const two = createRuntime({ store, models: slow, definitions: [writer, echo], log: quiet })
    expect(await (await two.resume('r')).result()).toContain('the answer')
    expect(outline(await two.runs.entries('r'))).not.toContain('call.failed agent:0/turn:0/call:0')
  })
})

describe('a cancelled run', () => {
  it('in the middle of a race has no winner, and replays', async () => {
    const clock = manualClock()
    const flow = workflow((ctx) => ctx.race([(branch) => branch.sleep(1_000), (branch) => branch.sleep(2_000)]))
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, '', { id: 'r' })
    while (clock.pending < 3) await clock.advance(0)
    await run.cancel('enough')
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled' })
    expect(outline(await runtime.runs.entries('r'))).not.toContain('race.won race')
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is cancelled as the run that it goes on as', async () => {
    const clock = manualClock()
    const flow = workflow(async (ctx, input) => (input === 'x' ? ctx.continueAs('y') : ctx.sleep(1e6)))
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, 'x', { id: 'c' })
    while ((await runtime.runs.list()).length < 2) await clock.advance(0)
    await run.cancel('enough')
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough' })
  })
})

describe('a run that goes on as another', () => {
  it('is resumed as that one, and fails where it cannot begin', async () => {
    const count = defineWorkflow({
      name: 'count',
      input: z.object({ n: z.number().max(3) }),
      run: async (ctx, { n }) => {
        await ctx.step('work', () => n)
        return n === 2 ? 'two' : ctx.continueAs({ n: n + 1 })
      },
    })
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const begin = async (store: Store) => {
      const runtime = runtimeOf([count], store)
      const outcome = await runtime.start(count, { n: 1 }, { id: 'c' }).then(
        (run) => run.outcome(),
        () => undefined,
      )
      await runtime.close()
      return outcome
    }
    await begin(counted)
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      await begin(crashing(store, { at, side: 'after' }))
      expect(await begin(store), `commit ${at}`).toMatchObject({ kind: 'completed', output: 'two' })
    }
    const runtime = runtimeOf([count])
    expect(await (await runtime.start(count, { n: 3 })).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'bad_input' },
    })
  })
})

describe('a signal to a run that goes on as another', () => {
  const items = defineSignal({ name: 'item', payload: z.number() })
  /** Takes one item a round, and gives all of them back when it has four. */
  const collect = defineWorkflow({
    name: 'collect',
    input: z.object({ had: z.array(z.number()) }),
    run: async (ctx, { had }) => {
      const all = [...had, await ctx.receive(items)]
      return all.length < 4 ? ctx.continueAs({ had: all }) : all
    },
  })

  it('is heard once and in its order, by the round that receives it, wherever the process dies', async () => {
    const live = async (store: Store): Promise<unknown> => {
      const runtime = runtimeOf([collect], store)
      return untilCrash(runtime, async () => {
        const run = await runtime.start(collect, { had: [] }, { id: 'c' })
        await run.outcome()
        // Several at once: a round receives one of them, and those after it the rest.
        for (const n of [1, 2, 3, 4]) await runtime.send('c', items, n, { id: `item-${n}` }).catch(unlessEnded)
        return await (await runtime.resume('c')).outcome()
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    expect(await live(counted)).toMatchObject({ kind: 'completed', output: [1, 2, 3, 4] })
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      await live(crashing(store, { at, side: 'after' }))
      expect(await live(store), `commit ${at}`).toMatchObject({ kind: 'completed', output: [1, 2, 3, 4] })
      const runtime = runtimeOf([collect], store)
      for (const { id } of await runtime.runs.list()) expect((await runtime.replay(id)).status, id).toBe('matched')
    }
  })

  it('that comes just when a round ends is heard by the next', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const ending = Promise.withResolvers<void>()
    const flow = workflow(async (ctx, input) => {
      if (input === 'next') return ctx.receive(go)
      return ctx.continueAs('next')
    })
    // The message comes when the inbox has been read, and before the end is written.
    const slow = slowCommits(store, async (writes) => {
      if (!begins(writes, 'c~2')) return
      ending.resolve()
      await gate.promise
    })
    const runtime = runtimeOf([flow], slow)
    const run = await runtime.start(flow, '', { id: 'c' })
    await ending.promise
    await runtimeOf([flow], store).send('c', go, null, { id: 'late' })
    gate.resolve()
    expect(await run.result()).toBe(null)
    expect(outline(await runtime.runs.entries('c~2'))).toContain('message.received message:go/0')
  })

  it('is cancelled with the round that has just begun', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const ending = Promise.withResolvers<void>()
    const flow = workflow(async (ctx, input) => (input === 'next' ? ctx.receive(go) : ctx.continueAs('next')))
    const slow = slowCommits(store, async (writes) => {
      if (!begins(writes, 'c~2')) return
      ending.resolve()
      await gate.promise
    })
    const runtime = runtimeOf([flow], slow)
    const run = await runtime.start(flow, '', { id: 'c' })
    await ending.promise
    const cancelling = run.cancel('enough')
    await setImmediate()
    gate.resolve()
    await cancelling
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough' })
  })

  it('is the same when it is sent again after the end', async () => {
    const flow = workflow((ctx) => ctx.receive(go))
    const runtime = runtimeOf([flow])
    const run = await runtime.start(flow, '', { id: 'r' })
    await run.outcome()
    await runtime.send('r', go, null, { id: 'once' })
    expect(await run.result()).toBe(null)
    await runtime.send('r', go, null, { id: 'once' })
    await expect(runtime.send('r', go, null, { id: 'twice' })).rejects.toThrow('it has ended (completed).')
  })
})

/** Holds commits up before they are made. */
function begins(writes: readonly RunWrite[], runId: string): boolean {
  return writes.some((write) => write.begins?.some(({ row }) => row.id === runId))
}

function slowCommits(store: Store, before: (writes: readonly RunWrite[]) => Promise<void>): Store {
  return changedStore(store, { commit: (writes) => before(writes).then(() => store.commit(writes)) })
}

function unlessEnded(error: unknown): void {
  if (!RepriseError.is(error) || error.code !== 'run_ended') throw error
}

describe('a patch', () => {
  it('that a run met first without it stays so for that run, in a loop and after a resume', async () => {
    const old = workflow(async (ctx) => {
      for (let n = 0; n < 2; n++) await ctx.receive(go)
    })
    const seen: boolean[][] = []
    const patched = workflow(async (ctx) => {
      const mine: boolean[] = []
      seen.push(mine)
      for (let n = 0; n < 2; n++) {
        mine.push(ctx.patched('new'))
        await ctx.receive(go)
      }
    })
    const store = memoryStore()
    const one = runtimeOf([old], store)
    await (await one.start(old, '', { id: 'r' })).outcome()
    await one.send('r', go, null)
    await (await one.resume('r')).outcome()
    await one.close()
    const two = runtimeOf([patched], store)
    await two.send('r', go, null)
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
    expect(seen[0]).toEqual([false, false])
    expect((await two.replay('r')).status).toBe('matched')
  })
})
