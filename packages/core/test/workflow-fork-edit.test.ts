// Forks of workflows in which something is otherwise than in the run that they are of.
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSignal, defineWorkflow, type Outcome, type Store } from '../src/index.ts'
import { type Edit, refusal, runtimeOn } from './fork-edit.fixture.ts'
import { clerk, untilCrash } from './world.fixture.ts'

const go = defineSignal({ name: 'go', payload: z.string() })
const flow = defineWorkflow({
  name: 'flow',
  input: z.object({ word: z.string() }),
  async run(ctx, { word }) {
    const one = await ctx.step('one', () => 'one')
    const two = await ctx
      .step(
        'two',
        () => {
          throw new Error('down')
        },
        { retry: { attempts: 1 } },
      )
      .catch((error: Error) => error.message)
    const read = await ctx.agent(clerk, 'look').catch((error: Error) => error.message)
    const said = await ctx.receive(go)
    return [word, one, two, read, said]
  },
})

describe('a fork of a workflow', () => {
  const model = scriptedModel(() => ({ text: 'read' }))

  /** 0 starts, 1 step, 2 step fails, 3 child starts, 4 child ends, 5 waits, 6 message, 7 completed. */
  async function original(): Promise<Store> {
    const store = memoryStore()
    await using runtime = runtimeOn(store, model, [flow, clerk])
    await (await runtime.start(flow, { word: 'w' }, { id: 'r' })).outcome()
    await runtime.send('r', go, 'gone', { id: 'once' })
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ output: ['w', 'one', 'down', 'read', 'gone'] })
    return store
  }

  /** Says `go` where it is waited for. */
  async function toEnd(runtime: ReturnType<typeof runtimeOn>, id: string, first: Outcome): Promise<Outcome> {
    if (first.kind !== 'waiting' || first.waiting.kind !== 'signal') return first
    await runtime.send(id, go, 'gone', { id: 'once' })
    return (await runtime.resume(id)).outcome()
  }

  const cases: readonly [string, string, Edit, readonly string[]][] = [
    ['its input', 'run.started', { kind: 'input', input: { word: 'v' } }, ['v', 'one', 'down', 'read', 'gone']],
    ['the result of a step', 'step.returned', { kind: 'result', result: 'uno' }, ['w', 'uno', 'down', 'read', 'gone']],
    ['a step that failed', 'step.failed', { kind: 'result', result: 'two' }, ['w', 'one', 'two', 'read', 'gone']],
    ['what a child came to', 'child.ended', { kind: 'result', result: 'seen' }, ['w', 'one', 'down', 'seen', 'gone']],
    ['a message', 'message.received', { kind: 'message', payload: 'stay' }, ['w', 'one', 'down', 'read', 'stay']],
  ]
  it.each(cases)('goes on with %s edited, wherever its process dies', async (_, kind, edit, output) => {
    const fork = async (store: Store): Promise<Outcome | undefined> => {
      const runtime = runtimeOn(store, model, [flow, clerk])
      const at = (await store.entries('r')).findIndex((entry) => entry.kind === kind) + 1
      return untilCrash(runtime, async () => {
        const run = await runtime.fork('r', { at, id: 'f', effects: 'live', edit })
        return toEnd(runtime, 'f', await run.outcome())
      })
    }
    const counted = crashing(await original(), { at: Infinity, side: 'before' })
    expect(await fork(counted)).toMatchObject({ kind: 'completed', output })
    for (let at = 1; at <= counted.commits; at++) {
      const store = await original()
      const before = await store.entries('r')
      await fork(crashing(store, { at, side: at % 2 ? 'before' : 'after' }))
      await fork(store)
      expect(await fork(store), `commit ${at}`).toMatchObject({ kind: 'completed', output })
      expect(await store.entries('r')).toEqual(before)
      await using runtime = runtimeOn(store, model, [flow, clerk])
      for (const id of ['r', 'f']) expect(await runtime.replay(id)).toMatchObject({ status: 'matched' })
    }
  })

  it('has no instructions and no model of its own', async () => {
    const store = await original()
    expect(await refusal(store, { at: 1, edit: { kind: 'model', model: 'n' } }, [flow, clerk])).toBe(
      'The run "r" cannot be forked at 1 as it is edited: a workflow has no model of its own: its agents run as its children. Fork the run of the child.',
    )
    expect(await refusal(store, { at: 1, edit: { kind: 'input', input: { word: 1 } } }, [flow, clerk])).toMatch(
      /^The input given to workflow "flow" is wrong\./,
    )
  })
})
