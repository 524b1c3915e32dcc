import { setImmediate } from 'node:timers/promises'
import { changedStore, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineSignal,
  defineWorkflow,
  type Store,
  TimedOutError,
  ToolError,
  type WorkflowContext,
} from '../src/index.ts'
import { echo, quiet, runtimeOf, workflow } from './flow.fixture.ts'
import { hanging, outline, untilCrash } from './world.fixture.ts'

describe('a workflow run', () => {
  it('records its steps and its children, and gives back what its code returns', async () => {
    const flow = workflow(async (ctx, input) => {
      const doubled = await ctx.step('double', ({ idempotencyKey }) => `${input}${input} ${idempotencyKey}`)
      const [loud] = await ctx.map([doubled], (text, branch) => branch.agent(echo, text))
      return { loud, at: ctx.now() }
    })
    const runtime = runtimeOf([flow])
    const run = await runtime.start(flow, 'a', { id: 'r' })
    expect(await run.result()).toEqual({ loud: 'AA R/STEP:DOUBLE', at: 1_000 })
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'step.returned step:double',
      'child.started map/item:0/agent:echo',
      'child.ended map/item:0/agent:echo',
      'run.completed run',
    ])
    expect(await runtime.runs.get('r/map/item:0/agent:echo')).toMatchObject({
      parentId: 'r',
      parentKey: 'map/item:0/agent:echo',
      status: 'completed',
    })
    expect(await runtime.runs.get('r')).toMatchObject({
      kind: 'workflow',
      status: 'completed',
      totals: { turns: 1, calls: 1 },
    })
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  it('gives an agent text with pictures, as start does', async () => {
    const seen: unknown[] = []
    const models = scriptedModel(({ items }) => {
      seen.push(...items)
      return { text: 'a bill' }
    })
    const reader = defineAgent({ name: 'reader', model: 'm', instructions: 'Read.' })
    const parts = [{ kind: 'image', url: 'https://shop.example/bill.png' }] as const
    const flow = workflow((ctx) => ctx.agent(reader, { text: 'What is it?', parts }))
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [flow, reader] })
    expect(await (await runtime.start(flow, 'a', { id: 'r' })).result()).toBe('a bill')
    expect(seen).toEqual([{ kind: 'user', text: 'What is it?', parts }])
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  it('tries a step again by its policy, and tells the code what the last attempt threw', async () => {
    let attempts = 0
    const flow = workflow(async (ctx) => {
      const failing = ctx.step('fail', () => {
        attempts++
        throw new Error(`no ${attempts}`)
      })
      const message = await failing.catch((error: Error) => error.message)
      const final = await ctx
        .step('final', () => {
          throw new ToolError({ code: 'gone', message: 'gone for good' })
        })
        .catch((error: Error) => error.message)
      return [message, final]
    })
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toEqual(['no 3', 'gone for good'])
    expect(outline(await runtime.runs.entries('r')).slice(1, 5)).toEqual([
      'step.failed step:fail',
      'step.failed step:fail #2',
      'step.failed step:fail #3',
      'step.failed step:final',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('maps several at a time, keeps the order, and collects or throws failures as asked', async () => {
    let most = 0
    let now = 0
    const flow = workflow(async (ctx) => {
      const work = (item: number, branch: WorkflowContext) =>
        branch.step('work', async () => {
          most = Math.max(most, ++now)
          await setImmediate()
          now--
          if (item === 3) throw new ToolError({ code: 'bad', message: 'three' })
          return item * 10
        })
      const collected = await ctx.map([1, 2, 3, 4, 5], work, { concurrency: 2, failures: 'collect' })
      const thrown = await ctx.map([3, 4, 5, 6], work, { concurrency: 1 }).catch((error: Error) => error.message)
      return [collected.map((each) => (each.ok ? each.value : each.error.message)), thrown]
    })
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toEqual([[10, 20, 'three', 40, 50], 'three'])
    expect(most).toBe(2)
    expect(
      (await runtime.runs.entries('r')).filter((entry) => entry.key.startsWith('map#2/')).map((entry) => entry.key),
    ).toEqual(['map#2/item:0/step:work'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('races branches: the winner is recorded, the losers are aborted, cancelled and have ended', async () => {
    const seen: string[] = []
    const clock = manualClock()
    const flow = workflow(async (ctx) => {
      const winner = await ctx.race([
        async (branch) => {
          try {
            return await branch.step(
              'slow',
              ({ signal }) =>
                new Promise<string>((_resolve, reject) =>
                  signal.addEventListener('abort', () => reject(signal.reason as Error)),
                ),
            )
          } catch (error) {
            seen.push((error as Error).message)
            throw error
          }
        },
        async (branch) => {
          await branch.sleep(50)
          return 'quick'
        },
        (branch) => branch.sleep(10_000),
      ])
      return winner
    })
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, '', { id: 'r' })
    while ((await runtime.runs.entries('r')).length < 3) await clock.advance(0)
    await clock.advance(60)
    expect(await run.result()).toBe('quick')
    expect(seen).toEqual(['Another branch of race has won.'])
    const outlined = outline(await runtime.runs.entries('r'))
    expect(outlined.slice(3)).toEqual(['timer.fired race/branch:1/sleep', 'race.won race', 'run.completed run'])
    expect((await runtime.replay('r')).status).toBe('matched')
    await runtime.close()
  })

  it('tells the code of a loser by its signal, and all code by that of the run', async () => {
    const seen: string[] = []
    const hear = (name: string, { signal }: WorkflowContext): void =>
      signal.addEventListener('abort', () => seen.push(`${name}: ${(signal.reason as Error).message}`))
    const flow = workflow(async (ctx) => {
      hear('run', ctx)
      await ctx.race([
        (branch) => branch.step('quick', () => 1),
        async (branch) => {
          hear('loser', branch)
          await branch.all([(inner) => (hear('inner', inner), inner.sleep(1e6))])
        },
      ])
      await ctx.sleep(1e6)
    })
    const clock = manualClock()
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, '', { id: 'r' })
    while (seen.length < 2) await clock.advance(0)
    await run.cancel('enough')
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled' })
    expect(seen.toSorted()).toEqual([
      'inner: Another branch of race has won.',
      'loser: Another branch of race has won.',
      'run: The run "r" was cancelled: enough',
    ])
  })

  it('begins nothing for the losers of a race that is won at once', async () => {
    const begun: string[] = []
    const flow = workflow((ctx) =>
      ctx.race([
        async () => 'at once',
        (branch) => branch.step('slow', () => void begun.push('slow')),
        (branch) => branch.sleep(1_000),
        (branch) => branch.agent(echo, 'hello'),
      ]),
    )
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).result()).toBe('at once')
    expect(begun).toEqual([])
    expect(outline(await runtime.runs.entries('r'))).toEqual(['run.started run', 'race.won race', 'run.completed run'])
  })

  it('ends after the steps of losers have, or have had five seconds to', async () => {
    const clock = manualClock()
    const done: string[] = []
    const gate = Promise.withResolvers<void>()
    const flow = workflow(async (ctx) => {
      await ctx.race([
        (branch) => branch.step('winner', () => setImmediate()),
        (branch) => branch.step('obstinate', () => gate.promise.then(() => done.push('obstinate'))),
        (branch) => branch.step('deaf', () => new Promise<never>(() => undefined)),
      ])
      done.push('after the race')
    })
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, '', { id: 'r' })
    while ((await runtime.runs.entries('r')).length < 3) await clock.advance(0)
    gate.resolve()
    for (let turn = 0; turn < 20; turn++) await clock.advance(0)
    expect(done).toEqual(['after the race', 'obstinate'])
    expect((await runtime.runs.get('r')).status).toBe('running')
    await clock.advance(5_000)
    expect(await run.outcome()).toMatchObject({ kind: 'completed' })
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('that races to a failure fails with it', async () => {
    const flow = workflow((ctx) =>
      ctx.race([
        (branch) =>
          branch.step('fail', () => {
            throw new ToolError({ code: 'x', message: 'failed first' })
          }),
        (branch) => branch.sleep(1e6),
      ]),
    )
    const runtime = runtimeOf([flow])
    expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({
      kind: 'failed',
      error: { code: 'x', message: 'failed first' },
    })
    expect(outline(await runtime.runs.entries('r')).slice(2)).toEqual([
      'step.failed race/branch:0/step:fail',
      'race.won race',
      'run.failed run',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('cancels the other branches of all when one fails, a child run among them', async () => {
    const flow = workflow((ctx) =>
      ctx.all([
        (branch) => branch.agent(echo, 'never'),
        (branch) =>
          branch.step('fail', () => {
            throw new ToolError({ code: 'x', message: 'failed first' })
          }),
      ]),
    )
    const store = memoryStore()
    const runtime = createRuntime({ store, models: hanging, definitions: [flow, echo], log: quiet })
    expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({
      kind: 'failed',
      error: { message: 'failed first' },
    })
    expect(await runtime.runs.get('r/all/branch:0/agent:echo')).toMatchObject({ status: 'cancelled' })
    await runtime.close()
  })

  it('ends the other branches once what made them lose is written, and not before', async () => {
    const store = memoryStore()
    const childId = 'r/all/branch:0/agent:echo'
    const order: string[] = []
    const slow = changedStore(store, {
      commit: async (writes) => {
        const isFailure = writes.some(({ entries }) => entries.some(({ kind }) => kind === 'step.failed'))
        // Whoever did not wait for the write would have gone on by then.
        for (let turns = 0; isFailure && turns < 20; turns++) await setImmediate()
        const results = await store.commit(writes)
        if (isFailure) order.push('the failure is written')
        return results
      },
      send: (message) => {
        order.push(`${message.kind} for ${message.runId}`)
        return store.send(message)
      },
    })
    const flow = workflow((ctx) =>
      ctx.all([
        (branch) => branch.agent(echo, 'never'),
        (branch) =>
          branch.step('fail', async () => {
            while (!(await store.run(childId))) await setImmediate()
            throw new ToolError({ code: 'x', message: 'failed first' })
          }),
      ]),
    )
    await using runtime = createRuntime({ store: slow, models: hanging, definitions: [flow, echo], log: quiet })
    expect(await (await runtime.start(flow, '', { id: 'r' })).outcome()).toMatchObject({ kind: 'failed' })
    expect(order).toEqual(['the failure is written', `cancel for ${childId}`])
  })

  it('gives the same numbers and ids when it runs again', async () => {
    const given: unknown[] = []
    const flow = workflow(async (ctx) => {
      const mine = [ctx.random(), ctx.random(), ctx.uuid(), ctx.now()]
      given.push(mine)
      await ctx.step('one', () => 1)
      return mine
    })
    const runtime = runtimeOf([flow])
    await (await runtime.start(flow, '', { id: 'r' })).result()
    expect((await runtime.replay('r')).status).toBe('matched')
    expect(given[0]).toEqual(given[1])
    const [one, two, uuid] = given[0] as [number, number, string]
    expect(one).not.toBe(two)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('an agent as a tool', () => {
  it('is a child run, and is taken up again after a crash', async () => {
    const research = agentTool(echo, { name: 'research', description: 'Finds out.' })
    const writer = defineAgent({ name: 'writer', model: 'm', instructions: 'Write.', tools: [research] })
    const model = scriptedModel(({ card, items }) => {
      const [first, , result] = items
      if (card.agent === 'echo') return { text: first?.kind === 'user' ? first.text.toUpperCase() : '' }
      if (result?.kind === 'result') return { text: `wrote ${result.output}` }
      return { calls: [{ name: 'research', arguments: { task: 'facts' } }] }
    })
    const child = 'r/agent:0/turn:0/call:0'
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const run = async (store: Store) => {
      const runtime = createRuntime({ store, models: model, definitions: [writer, echo], log: quiet })
      const outcome = await runtime.start(writer, 'go', { id: 'r' }).then(
        (started) => started.outcome(),
        () => undefined,
      )
      await runtime.close()
      return outcome
    }
    expect(await run(counted)).toMatchObject({ kind: 'completed', output: 'wrote FACTS' })
    expect(await counted.run(child).catch(() => undefined)).toMatchObject({ status: 'completed', parentId: 'r' })
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      await run(crashing(store, { at, side: 'after' }))
      expect(await run(store), `commit ${at}`).toMatchObject({ kind: 'completed', output: 'wrote FACTS' })
      expect((await store.entries(child)).filter(({ kind }) => kind === 'run.completed').length).toBe(1)
    }
  })

  it('is refused where its agent is not among the definitions', () => {
    const research = agentTool(echo, { name: 'research', description: 'Finds out.' })
    const writer = defineAgent({ name: 'writer', model: 'm', instructions: 'Write.', tools: [research] })
    expect(() => createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [writer] })).toThrow(
      'Tool "research" runs the agent "echo", which is not one of this runtime\'s definitions. Add it to createRuntime({ definitions }).',
    )
  })
})

describe('waiting', () => {
  const review = defineSignal({ name: 'review', payload: z.object({ approved: z.boolean() }) })

  it('for a signal rests until it is sent, and keeps one that came before', async () => {
    const flow = workflow(async (ctx) => {
      const first = await ctx.receive(review)
      const second = await ctx.receive(review)
      return [first.approved, second.approved]
    })
    const runtime = runtimeOf([flow])
    const run = await runtime.start(flow, '', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'signal', signal: 'review' } })
    await expect(runtime.send('r', review, { approved: 'yes' } as never)).rejects.toThrow(
      'The signal "review" cannot be sent to the run "r".',
    )
    await runtime.send('r', review, { approved: true }, { id: 'ana' })
    await runtime.send('r', review, { approved: true }, { id: 'ana' })
    expect(await run.outcome()).toMatchObject({ kind: 'waiting' })
    await runtime.send('r', review, { approved: false })
    expect(await run.result()).toEqual([true, false])
    expect((await runtime.replay('r')).status).toBe('matched')
    await expect(runtime.send('r', review, { approved: true })).rejects.toThrow('it has ended (completed).')
  })

  it('for a signal with a time limit throws when it is over, and the message that comes later is for the next', async () => {
    const clock = manualClock()
    const flow = workflow(async (ctx) => {
      const late = await ctx.receive(review, { timeoutMs: 1_000 }).catch((error: Error) => error)
      const next = await ctx.receive(review, { timeoutMs: 1_000 })
      return [late instanceof TimedOutError, next]
    })
    const runtime = runtimeOf([flow], memoryStore(), clock)
    const run = await runtime.start(flow, '', { id: 'r' })
    while ((await runtime.runs.entries('r')).length < 2) await clock.advance(0)
    await clock.advance(1_000)
    while ((await runtime.runs.entries('r')).length < 4) await clock.advance(0)
    await runtime.send('r', review, { approved: true })
    expect(await run.result()).toEqual([true, { approved: true }])
    expect((await runtime.replay('r')).status).toBe('matched')
    await runtime.close()
  })

  it('for time goes on after a restart, for the rest of it', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    const flow = workflow(async (ctx) => {
      await ctx.sleep(60_000)
      return ctx.now()
    })
    const one = runtimeOf([flow], store, clock)
    await one.start(flow, '', { id: 'r' })
    while ((await store.entries('r')).length < 2) await clock.advance(0)
    await clock.advance(20_000)
    await one.close()
    expect(await store.run('r')).toMatchObject({ status: 'waiting', wakeAt: 61_000, owner: null })
    const two = runtimeOf([flow], store, clock)
    const run = await two.resume('r')
    await clock.advance(39_000)
    expect((await store.entries('r')).length).toBe(2)
    await clock.advance(2_000)
    expect(await run.result()).toBe(61_000)
    await two.close()
  })
})

describe('an endless workflow', () => {
  it('goes on as another run with a journal of its own, and ends as that one does', async () => {
    const count = defineWorkflow({
      name: 'count',
      input: z.object({ n: z.number() }),
      run: async (ctx, { n }) => {
        await ctx.step('work', () => n)
        return n < 3 ? ctx.continueAs({ n: n + 1 }) : `counted to ${n}`
      },
    })
    const runtime = runtimeOf([count])
    const run = await runtime.start(count, { n: 1 }, { id: 'c' })
    expect(await run.result()).toBe('counted to 3')
    const rows = await runtime.runs.list()
    expect(rows.map(({ id, status }) => `${id} ${status}`)).toEqual(['c completed', 'c~2 completed', 'c~3 completed'])
    for (const { id } of rows) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('is found by its first id after any number of rounds, in a few looks', async () => {
    const go = defineSignal({ name: 'go', payload: z.null() })
    const count = defineWorkflow({
      name: 'count',
      input: z.object({ left: z.number() }),
      run: async (ctx, { left }) => (left > 0 ? ctx.continueAs({ left: left - 1 }) : ctx.receive(go)),
    })
    for (const rounds of [1, 2, 3, 4, 7, 8, 100]) {
      const store = memoryStore()
      const one = runtimeOf([count], store)
      const run = await one.start(count, { left: rounds }, { id: 'c' })
      expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { signal: 'go' } })
      await one.close()
      let looks = 0
      const two = runtimeOf(
        [count],
        counting(store, () => looks++),
      )
      await two.send('c', go, null)
      expect(await (await two.resume('c')).outcome(), `${rounds} rounds`).toMatchObject({ kind: 'completed' })
      expect(looks).toBeLessThan(60)
      await two.close()
    }
  })

  it('leaves no id of its rounds to anybody else', async () => {
    const flow = workflow(async () => 'done')
    const runtime = runtimeOf([flow])
    await expect(runtime.start(flow, '', { id: 'c~2' })).rejects.toThrow(
      'A run cannot have the id "c~2": one that ends in "~" and a number is given to a run that goes on in another\'s place. Use another end.',
    )
  })
})

describe('a workflow whose process dies', () => {
  it('ends as if it had not, wherever it dies', async () => {
    const effects: string[] = []
    const flow = workflow(async (ctx, input) => {
      const parts = await ctx.map(['a', 'b'], async (item, branch) => {
        const key = await branch.step('effect', ({ idempotencyKey }) => {
          effects.push(idempotencyKey)
          return idempotencyKey
        })
        return `${await branch.agent(echo, item)} ${key}`
      })
      const raced = await ctx.race([(branch) => branch.step('x', () => 'x'), async (branch) => branch.sleep(1e6)])
      return { input, parts, raced, id: typeof ctx.uuid() }
    })
    const run = async (store: Store): Promise<unknown> => {
      const clock = manualClock()
      const runtime = runtimeOf([flow], store, clock)
      return untilCrash(runtime, async () => {
        const started = await runtime.start(flow, 'in', { id: 'r' })
        const outcome = await started.outcome()
        return outcome.kind === 'waiting' ? undefined : outcome
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await run(counted)
    expect(expected).toMatchObject({ kind: 'completed', output: { input: 'in', raced: 'x', id: 'string' } })
    const keys = [...effects].toSorted()
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        effects.length = 0
        const store = memoryStore()
        const outcome = (await run(crashing(store, { at, side }))) ?? (await run(store))
        expect(outcome, `commit ${at}, ${side}`).toEqual(expected)
        expect([...new Set(effects)].toSorted(), `commit ${at}, ${side}`).toEqual(keys)
        const runtime = runtimeOf([flow], store)
        expect(await runtime.replay('r'), `commit ${at}, ${side}`).toMatchObject({ status: 'matched' })
      }
    }
  })
})

/** A store that tells of each look at a run. */
function counting(store: Store, onLook: () => void): Store {
  return changedStore(store, {
    run: (runId) => {
      onLook()
      return store.run(runId)
    },
  })
}
