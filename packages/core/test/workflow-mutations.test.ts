// Each change of a workflow's code is named at the first entry that it touches, or comes to the very same.
import { setImmediate } from 'node:timers/promises'
import { memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineSignal, type Replay, ToolError, type WorkflowContext } from '../src/index.ts'
import { echo, runtimeOf, workflow } from './flow.fixture.ts'

type Code = (ctx: WorkflowContext, input: string) => Promise<unknown>

const go = defineSignal({ name: 'go', payload: z.number() })
const stop = defineSignal({ name: 'stop', payload: z.number() })
const twice = workflow(async (_ctx, input) => input + input, 'twice')
const other = defineAgent({ name: 'other', model: 'm', instructions: 'Echo.' })
const regional = defineAgent({
  name: 'regional',
  model: 'm',
  instructions: 'Echo.',
  context: z.object({ region: z.string(), city: z.string().optional() }),
})

/** Runs code to its end under a scripted outside: a message is there as soon as anybody waits for one. */
async function recorded(code: Code) {
  const flow = workflow(code)
  const store = memoryStore()
  const runtime = runtimeOf([flow, twice, other, regional], store)
  const run = await runtime.start(flow, 'a', { id: 'r' })
  for (let n = 0; (await run.outcome()).kind === 'waiting'; n++) {
    await runtime.send('r', go, n)
    run[Symbol.dispose]()
    await (await runtime.resume('r')).outcome()
  }
  return { store, runtime }
}

/** How code replays what other code has recorded. */
async function replayed(before: Code, after: Code): Promise<Replay> {
  const { store, runtime } = await recorded(before)
  expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  return runtimeOf([workflow(after), twice, other, regional], store).replay('r')
}

/** What is found, as `entry: it recorded, and would now`. */
function said({ divergence }: Replay): string {
  return divergence ? `${divergence.seq}: ${divergence.recorded} | ${divergence.today}` : 'the same'
}

const step = (ctx: WorkflowContext, name: string) => ctx.step(name, () => name)
const NOTHING = 'with nothing before it that has no entry of its own'

const MUTATIONS: readonly [name: string, before: Code, after: Code, found: string][] = [
  [
    'another step',
    async (ctx) => step(ctx, 'one'),
    async (ctx) => step(ctx, 'two'),
    '1: step.returned at step:one | wait for step:two',
  ],
  [
    'a step that is gone',
    async (ctx) => [await step(ctx, 'one'), await step(ctx, 'two')].length,
    async (ctx) => [await step(ctx, 'two')].length + 1,
    '1: step.returned at step:one | wait for step:two',
  ],
  [
    'a step more at the end',
    async (ctx) => step(ctx, 'one'),
    async (ctx) => {
      const one = await step(ctx, 'one')
      await step(ctx, 'two')
      return one
    },
    '2: run.completed {"output":"one"} | wait for step:two',
  ],
  [
    'two steps in the other order',
    async (ctx) => [await step(ctx, 'one'), await step(ctx, 'two')].toSorted(),
    async (ctx) => [await step(ctx, 'two'), await step(ctx, 'one')].toSorted(),
    '1: step.returned at step:one | wait for step:two',
  ],
  [
    'a step with a key of its own',
    async (ctx) => step(ctx, 'one'),
    (ctx) => ctx.step('one', () => 'one', { key: 'eu' }),
    '1: step.returned at step:one | wait for step:one(eu)',
  ],
  [
    'other work in a step, and another policy, which its record stands for',
    async (ctx) => step(ctx, 'one'),
    (ctx) => ctx.step('one', () => 'another', { retry: { attempts: 9 } }),
    'the same',
  ],
  [
    'another sleep',
    async (ctx) => ctx.sleep(0),
    async (ctx) => ctx.sleep(10),
    '1: timer.set for 0 ms at sleep | set it for 10 ms',
  ],
  [
    'a sleep that is gone',
    async (ctx) => [await ctx.sleep(0), await step(ctx, 'one')][1],
    async (ctx) => step(ctx, 'one'),
    '1: timer.set at sleep | wait for step:one',
  ],
  [
    'another item of a map',
    async (ctx) => ctx.map([1, 2, 3], (n, branch) => branch.step('square', () => n * n)),
    async (ctx) => ctx.map([1, 5, 3], (n, branch) => branch.step('square', () => n * n)),
    '2: step.returned at map/item:1/step:square after item: | ask for it after item:',
  ],
  [
    'items of a map in another order',
    async (ctx) => ctx.map(['x', 'y'], (_text, branch) => step(branch, 'one')),
    async (ctx) => ctx.map(['y', 'x'], (_text, branch) => step(branch, 'one')),
    '1: step.returned at map/item:0/step:one after item: | ask for it after item:',
  ],
  [
    'an item of a map more',
    async (ctx) => (await ctx.map([1, 2], (_n, branch) => step(branch, 'one'))).slice(0, 2),
    async (ctx) => (await ctx.map([1, 2, 3], (_n, branch) => step(branch, 'one'))).slice(0, 2),
    '3: run.completed {"output":["one","one"]} | wait for map/item:2/step:one',
  ],
  [
    'an item of a map less',
    async (ctx) => (await ctx.map([1, 2], (_n, branch) => step(branch, 'one'))).length > 0,
    async (ctx) => (await ctx.map([1], (_n, branch) => step(branch, 'one'))).length > 0,
    '2: step.returned at map/item:1/step:one | have ended',
  ],
  [
    'other items of a map whose branches ask for nothing, where the output is the same',
    async (ctx) => (await ctx.map([1, 2], async (n) => n)).length,
    async (ctx) => (await ctx.map([3, 4], async (n) => n)).length,
    'the same',
  ],
  [
    'more items of a map at once',
    (ctx) => ctx.map([1, 2, 3], inTwoSteps, { concurrency: 1 }),
    (ctx) => ctx.map([1, 2, 3], inTwoSteps, { concurrency: 3 }),
    'the same',
  ],
  [
    'fewer items of a map at once',
    (ctx) => ctx.map([1, 2, 3], inTwoSteps, { concurrency: 3 }),
    (ctx) => ctx.map([1, 2, 3], inTwoSteps, { concurrency: 1 }),
    '2: step.returned at map/item:1/step:one | wait for map/item:0/step:two',
  ],
  [
    'an id more',
    async (ctx) => step(ctx, 'one'),
    async (ctx) => [ctx.uuid(), await step(ctx, 'one')][1],
    `1: step.returned at step:one ${NOTHING} | ask for it after uuid`,
  ],
  [
    'a random number less, before a race',
    async (ctx) => [ctx.random(), ctx.random(), await ctx.race([async () => 1])][2],
    async (ctx) => [ctx.random(), await ctx.race([async () => 1])][1],
    '1: race.won at race after random#2 | ask for it after random',
  ],
  [
    'an id more in a branch',
    (ctx) => ctx.all([(branch) => step(branch, 'one'), (branch) => step(branch, 'two')]),
    (ctx) => ctx.all([(branch) => step(branch, 'one'), (branch) => (branch.uuid(), step(branch, 'two'))]),
    `2: step.returned at all/branch:1/step:two ${NOTHING} | ask for it after uuid`,
  ],
  [
    'an id more in a branch that asks for nothing else',
    async (ctx) => [await ctx.all([async (branch) => branch.uuid()]), await step(ctx, 'pay')].length,
    async (ctx) => [await ctx.all([async (branch) => branch.uuid() + branch.uuid()]), await step(ctx, 'pay')].length,
    '1: step.returned at step:pay after all/branch:0/uuid | ask for it after all/branch:0/uuid#2',
  ],
  [
    'a random number more at the end of an item of a map',
    async (ctx) => [await ctx.map([1], async (_n, item) => step(item, 'one')), await step(ctx, 'pay')].length,
    async (ctx) => {
      await ctx.map([1], async (_n, item) => [await step(item, 'one'), item.random()])
      return [1, await step(ctx, 'pay')].length
    },
    `2: step.returned at step:pay ${NOTHING} | ask for it after map/item:0/random`,
  ],
  [
    'an id more in the branch that wins, two deep',
    async (ctx) => [await ctx.race([(branch) => branch.all([async () => 1])]), await step(ctx, 'pay')].length,
    async (ctx) => {
      await ctx.race([(branch) => branch.all([async (inner) => inner.uuid()])])
      return [1, await step(ctx, 'pay')].length
    },
    `2: step.returned at step:pay ${NOTHING} | ask for it after race/branch:0/all/branch:0/uuid`,
  ],
  [
    'an id more after all that is recorded',
    async (ctx) => step(ctx, 'one'),
    async (ctx) => [await step(ctx, 'one'), ctx.uuid()][0],
    '2: run.completed {"output":"one"} | run.completed {"output":"one","after":"uuid"}',
  ],
  [
    'another input of a child',
    (ctx) => ctx.agent(echo, 'x'),
    (ctx) => ctx.agent(echo, 'y'),
    '1: child.started echo at agent:echo | start it with another input: "y"',
  ],
  [
    'another context of a child',
    (ctx) => ctx.agent(regional, 'x', { context: { region: 'us' } }),
    (ctx) => ctx.agent(regional, 'x', { context: { region: 'eu' } }),
    '1: child.started regional at agent:regional | start it with another input: "x", or context: {"region":"eu"}',
  ],
  [
    'another agent',
    (ctx) => ctx.agent(echo, 'x'),
    (ctx) => ctx.agent(other, 'x'),
    '1: child.started at agent:echo | wait for agent:other',
  ],
  [
    'an agent that has become a workflow',
    async (ctx) => [await step(ctx, 'one'), await ctx.agent(echo, 'x')].length,
    async (ctx) => [await step(ctx, 'one'), await ctx.child(twice, 'x')].length,
    '2: child.started at agent:echo | wait for child:twice',
  ],
  [
    'another signal',
    (ctx) => ctx.receive(go),
    (ctx) => ctx.receive(stop),
    '1: run.waiting for receive:go | wait for receive:stop',
  ],
  [
    'a signal that is received no more',
    async (ctx) => [await step(ctx, 'one'), await ctx.receive(go), await step(ctx, 'two')][2],
    async (ctx) => [await step(ctx, 'one'), await step(ctx, 'two')][1],
    '2: run.waiting for receive:go | wait for step:two',
  ],
  [
    'a signal with a time',
    async (ctx) => [await ctx.receive(go), await step(ctx, 'one')][1],
    async (ctx) => [await ctx.receive(go, { timeoutMs: 9 }), await step(ctx, 'one')][1],
    `3: step.returned at step:one after receive:go | ask for it ${NOTHING}`,
  ],
  [
    'another branch that wins',
    (ctx) => ctx.race([async () => 'x', (branch) => step(branch, 'one')]),
    (ctx) => ctx.race([(branch) => step(branch, 'one'), async () => 'x']),
    '1: race.won by branch 0 at race | have branch 1 win',
  ],
  [
    'a branch more of a race',
    (ctx) => ctx.race([(branch) => step(branch, 'one')]),
    (ctx) => ctx.race([(branch) => step(branch, 'one'), (branch) => branch.sleep(1e6)]),
    '2: race.won by branch 0 of 1 at race | race 2 branches',
  ],
  [
    'a step that is gone before something else that is another without it',
    async (ctx) => [ctx.uuid(), await step(ctx, 'one'), await ctx.sleep(0)].length,
    async (ctx) => [ctx.uuid(), await ctx.sleep(0), 0].length,
    '1: step.returned at step:one | wait for sleep',
  ],
  [
    'a failure that is caught no more',
    (ctx) => failing(ctx).catch((error: Error) => error.message),
    (ctx) => failing(ctx),
    '2: run.completed {"output":"No."} | run.failed {"outcome":"failed","error":{"code":"no","message":"No."}}',
  ],
  [
    'a failure of other words, of which the code makes the same',
    async () => Promise.reject(new Error('One.')),
    async () => Promise.reject(new Error('Another.')),
    '1: run.failed {"outcome":"failed","error":{"code":"workflow_threw","message":"One."}} | run.failed {"outcome":"failed","error":{"code":"workflow_threw","message":"Another."}}',
  ],
  [
    'another input of the next round',
    async (ctx, input) => (input === 'a' ? ctx.continueAs('b') : null),
    async (ctx, input) => (input === 'a' ? ctx.continueAs('c') : null),
    '1: run.completed {"output":null,"continuedAs":"r~2","asked":"',
  ],
  [
    'no next round',
    async (ctx, input) => (input === 'a' ? ctx.continueAs('b') : null),
    async () => null,
    '1: run.completed {"output":null,"continuedAs":"r~2","asked":"',
  ],
  [
    'turns of the event loop',
    async (ctx) => [await step(ctx, 'one'), await step(ctx, 'two')],
    async (ctx) => {
      const one = await step(ctx, 'one')
      for (let turn = 0; turn < 20; turn++) await setImmediate()
      return [one, await step(ctx, 'two')]
    },
    'the same',
  ],
  [
    'an output whose keys are in another order',
    async (ctx) => ({ one: await step(ctx, 'one'), two: 2 }),
    async (ctx) => ({ two: 2, one: await step(ctx, 'one') }),
    'the same',
  ],
  [
    'an item of a map whose keys are in another order',
    async (ctx) => ctx.map([{ a: 1, b: 2 }], (_item, branch) => step(branch, 'one')),
    async (ctx) => ctx.map([{ b: 2, a: 1 }], (_item, branch) => step(branch, 'one')),
    'the same',
  ],
  [
    'what a child is given, with its keys in another order',
    (ctx) => ctx.agent(regional, 'x', { context: { region: 'us', city: 'Ely' } }),
    (ctx) => ctx.agent(regional, 'x', { context: { city: 'Ely', region: 'us' } }),
    'the same',
  ],
  [
    'a patch, which says by itself which way is taken',
    async (ctx) => step(ctx, 'one'),
    async (ctx) => (ctx.patched('two') ? step(ctx, 'two') : step(ctx, 'one')),
    'the same',
  ],
]

async function inTwoSteps(_n: number, item: WorkflowContext): Promise<string> {
  return (await step(item, 'one')) + (await step(item, 'two'))
}

function failing(ctx: WorkflowContext): Promise<never> {
  return ctx.step('fail', () => {
    throw new ToolError({ code: 'no', message: 'No.' })
  })
}

describe('changed code', () => {
  it.each(MUTATIONS)(
    'is named at the first entry that it touches, or is the same: %s',
    async (_, before, after, found) => {
      const replay = said(await replayed(before, after))
      // Digests and the rest of long bodies are cut off.
      for (const part of found.split(' | ')) expect(replay).toContain(part)
      expect(replay === 'the same').toBe(found === 'the same')
    },
  )
})

describe('errors', () => {
  it('that code is given, or makes, read the same with their stacks when it runs again', async () => {
    const stacks: (string | undefined)[][] = []
    const flow = workflow(async (ctx) => {
      const own = new Error('mine').stack
      const thrown = async (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.stack)
      const seen = [
        own,
        await thrown(failing(ctx)),
        await thrown(ctx.receive(go, { timeoutMs: 0 })),
        await thrown(ctx.child(refuses, 'x')),
        await thrown(ctx.all([(branch) => thrown(branch.receive(stop)), () => Promise.reject(new Error('mine'))])),
        new Error('mine again').stack,
      ]
      stacks.push(seen)
      await ctx.child(twice, seen.join('\n'))
      await ctx.receive(go)
    })
    const refuses = workflow(async () => Promise.reject(new Error('No.')), 'refuses')
    const store = memoryStore()
    const one = runtimeOf([flow, twice, refuses], store)
    await (await one.start(flow, '', { id: 'r' })).outcome()
    await one.close()
    const two = runtimeOf([flow, twice, refuses], store)
    await two.send('r', go, 1)
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
    expect(await two.replay('r')).toMatchObject({ status: 'matched' })
    expect(stacks).toHaveLength(3)
    expect(stacks[1]).toEqual(stacks[0])
    expect(stacks[2]).toEqual(stacks[0])
    expect(stacks[0]?.[1]).toBe('StepError: No.\n    at step:fail')
    expect(stacks[0]?.[2]).toBe('TimedOutError: The signal "go" did not come within 0 ms.\n    at receive:go')
  })
})
