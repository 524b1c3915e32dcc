// A change of code that is planted, and the cause that is told of it.
import { memoryStore, type ScriptedAnswer } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  after,
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Model,
  type RunReplay,
  type WorkflowContext,
} from '../src/index.ts'
import { byTurn, call, look, mail, newWorld, pay } from './world.fixture.ts'

const offline: Model = {
  ask() {
    throw new Error('A replay asks no model')
  },
}

const base = { name: 'clerk', model: 'gpt-4.1-mini', instructions: 'Serve.', tools: [look, pay, mail] } as const
const clerk = defineAgent(base)
const served = [{ calls: [call('look', 'a')] }, { calls: [call('pay', 'a')] }, { text: '{"total":12}' }]

/** Records a run under some definitions, the first of which it is of, and replays it under others. */
async function replayed(
  recorded: readonly [AnyDefinition, ...AnyDefinition[]],
  answers: readonly ScriptedAnswer[],
  today: readonly AnyDefinition[],
): Promise<RunReplay> {
  const store = memoryStore()
  const [first] = recorded
  const runtime = createRuntime({ store, models: byTurn(answers), definitions: recorded, services: newWorld() })
  const run = await runtime.start(first as never, (first.kind === 'workflow' ? { n: 1 } : 'go') as never, { id: 'r' })
  await run.outcome()
  const later = createRuntime({ store, models: offline, definitions: today, services: newWorld() })
  for await (const replay of later.replay({ ids: ['r'] })) return replay
  throw new Error('The run is gone')
}

async function causeOf(...given: Parameters<typeof replayed>): Promise<readonly [string, string] | undefined> {
  const replay = await replayed(...given)
  const cause = replay.status === 'failed' ? replay.error.cause : replay.cause
  return cause ? [cause.kind, cause.said] : undefined
}

const under = (today: AnyDefinition, answers: readonly ScriptedAnswer[] = served) => causeOf([clerk], answers, [today])

const tool = (options: object) =>
  defineTool({
    name: 'pay',
    description: 'Pays something back.',
    input: z.object({ id: z.string(), usd: z.number().optional() }),
    effect: 'idempotent',
    execute: () => 'paid',
    ...options,
  })

describe('the likely cause of an agent that goes another way', () => {
  test('is a tool that is gone', async () => {
    expect(await under(defineAgent({ ...base, tools: [look, mail] }))).toEqual([
      'tool-removed',
      'the tool "pay" of agent "clerk" is gone',
    ])
  })

  test('is a tool that has another name', async () => {
    expect(await under(defineAgent({ ...base, tools: [look, mail, tool({ name: 'refund' })] }))).toEqual([
      'tool-renamed',
      'the tool "pay" of agent "clerk" is called "refund"',
    ])
  })

  test('is an effect', async () => {
    expect(await under(defineAgent({ ...base, tools: [look, mail, tool({ effect: 'once' })] }))).toEqual([
      'effect-changed',
      `the tool "pay" of agent "clerk" has the effect 'once', and had another`,
    ])
    const letter = [{ calls: [call('mail', 'a')] }, { text: 'done' }]
    const harmless = tool({ name: 'mail', input: z.object({ id: z.string() }), effect: 'read' })
    expect(await under(defineAgent({ ...base, tools: [look, pay, harmless] }), letter)).toEqual([
      'effect-changed',
      `the tool "mail" of agent "clerk" has the effect 'read', and had another`,
    ])
  })

  test('is a rule that is added, or gone', async () => {
    const ruled = defineAgent({ ...base, rules: [after(pay, mail)] })
    expect(await under(ruled)).toEqual([
      'rule-added',
      expect.stringMatching(/^a rule refuses "pay" of agent "clerk" here: .*mail/) as unknown,
    ])
    expect(await causeOf([ruled], served, [clerk])).toEqual([
      'rule-removed',
      'no rule refuses "pay" of agent "clerk" here any more',
    ])
  })

  test('is a schema of arguments that is narrower, with its place', async () => {
    const strict = tool({ input: z.object({ id: z.string().min(3), usd: z.number().optional() }) })
    expect(await under(defineAgent({ ...base, tools: [look, mail, strict] }))).toEqual([
      'arguments-tightened',
      expect.stringMatching(/^the arguments of "pay" of agent "clerk" are refused: id: /) as unknown,
    ])
  })

  test('is a schema that makes something else of arguments', async () => {
    const loud = z.object({ id: z.string().transform((id) => id.toUpperCase()), usd: z.number().optional() })
    expect(await under(defineAgent({ ...base, tools: [look, mail, tool({ input: loud })] }))).toEqual([
      'arguments-changed',
      'the schema of "pay" of agent "clerk" makes something else of its arguments',
    ])
  })

  test('is the schema of an output, with its place', async () => {
    const recorded = defineAgent({ ...base, output: z.object({ total: z.number() }) })
    const strict = defineAgent({ ...base, output: z.object({ total: z.number().min(100) }) })
    expect(await causeOf([recorded], served, [strict])).toEqual([
      'output-changed',
      'the schema of the output of agent "clerk" has changed at #/properties/total/minimum',
    ])
  })

  test('is a budget', async () => {
    expect(await under(defineAgent({ ...base, budget: { turns: 1 } }))).toEqual([
      'budget-lowered',
      expect.stringMatching(/^a budget is too small for it: .* 1 turns/) as unknown,
    ])
  })

  test('is no approval: the verdict that is recorded holds, and the difference is told', async () => {
    const replay = await replayed([clerk], served, [
      defineAgent({ ...base, tools: [look, tool({ approval: true }), mail] }),
    ])
    expect(replay).toMatchObject({
      status: 'matched',
      cause: null,
      differences: [{ field: 'approval of pay', recorded: '"not needed"', today: '"needed"' }],
    })
  })

  test('is a definition that is gone, or has another name', async () => {
    expect(await under(defineAgent({ ...base, name: 'other', tools: [] }))).toEqual([
      'definition-removed',
      'the agent "clerk" is not among the definitions',
    ])
    expect(await under(defineAgent({ ...base, name: 'teller' }))).toEqual([
      'definition-renamed',
      'the agent "clerk" is called "teller"',
    ])
  })
})

describe('the likely cause of a team that goes another way', () => {
  const writer = defineAgent({ name: 'writer', model: 'gpt-4.1-mini', instructions: 'Write.', tools: [mail] })
  const desk = defineTeam({ name: 'desk', entry: clerk, handoffs: [[clerk, [writer]]] })
  const passed = [
    { calls: [{ name: 'transfer_to_writer', arguments: {} }] },
    { calls: [call('mail', 'a')] },
    { text: 'Sent.' },
  ]

  test('is a handoff that is gone', async () => {
    const reader = defineAgent({ name: 'reader', model: 'gpt-4.1-mini', instructions: 'Read.' })
    const today = defineTeam({
      name: 'desk',
      entry: clerk,
      handoffs: [
        [clerk, [reader]],
        [reader, [writer]],
      ],
    })
    expect(await causeOf([desk], passed, [today])).toEqual([
      'handoff-removed',
      'the handoff from "clerk" to "writer" is gone',
    ])
  })

  test('is an agent that is gone, or has another name', async () => {
    expect(await causeOf([desk], passed, [defineTeam({ name: 'desk', entry: clerk, handoffs: [] })])).toEqual([
      'agent-removed',
      'the agent "writer" is gone, and with it the handoff from "clerk" to "writer"',
    ])
    const author = defineAgent({ name: 'author', model: 'gpt-4.1-mini', instructions: 'Write.', tools: [mail] })
    const today = defineTeam({ name: 'desk', entry: clerk, handoffs: [[clerk, [author]]] })
    expect(await causeOf([desk], passed, [today])).toEqual([
      'agent-renamed',
      'the agent "writer" is called "author", or was replaced by it',
    ])
  })

  test('is the agent that the run is with', async () => {
    const teller = defineAgent({ ...base, name: 'teller' })
    const today = defineTeam({ name: 'desk', entry: teller, handoffs: [[teller, [writer]]] })
    expect(await causeOf([desk], served, [today])).toEqual([
      'agent-renamed',
      'the agent "clerk" of team "desk" is called "teller"',
    ])
  })
})

describe('the likely cause of a workflow that goes another way', () => {
  const input = z.object({ n: z.number() })
  const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
    defineWorkflow({ name: 'flow', input, run: (ctx) => run(ctx) as Promise<null> })
  const step = (ctx: WorkflowContext, name: string) => ctx.step(name, () => name)
  const recorded = flow(async (ctx) => [await step(ctx, 'a'), await step(ctx, 'b'), await step(ctx, 'c')])
  const underFlow = (run: (ctx: WorkflowContext) => Promise<unknown>) => causeOf([recorded], [], [flow(run)])

  test('is a step that has another name', async () => {
    expect(await underFlow(async (ctx) => [await step(ctx, 'a'), await step(ctx, 'B'), await step(ctx, 'c')])).toEqual([
      'step-renamed',
      'step:b of workflow "flow" is called step:B',
    ])
  })

  test('is a step that is added', async () => {
    expect(
      await underFlow(async (ctx) => [
        await step(ctx, 'a'),
        await step(ctx, 'new'),
        await step(ctx, 'b'),
        await step(ctx, 'c'),
      ]),
    ).toEqual(['step-added', 'workflow "flow" does step:new before step:b'])
    expect(
      await underFlow(async (ctx) => [
        await step(ctx, 'a'),
        await step(ctx, 'b'),
        await step(ctx, 'c'),
        await step(ctx, 'd'),
      ]),
    ).toEqual(['step-added', 'workflow "flow" does step:d before it ends'])
  })

  test('is a step that comes later, or is gone', async () => {
    expect(await underFlow(async (ctx) => [await step(ctx, 'b'), await step(ctx, 'a'), await step(ctx, 'c')])).toEqual([
      'step-moved',
      'step:a of workflow "flow" comes later than it did',
    ])
    expect(await underFlow(async (ctx) => [await step(ctx, 'a'), await step(ctx, 'c')])).toEqual([
      'step-removed',
      'step:b of workflow "flow" is gone',
    ])
    expect(await underFlow((ctx) => step(ctx, 'a'))).toEqual(['step-removed', 'workflow "flow" ends before step:b'])
  })

  test('is another child, or another input of it', async () => {
    const teller = defineAgent({ ...base, name: 'teller' })
    const asking = (agent: typeof clerk | typeof teller, what: string) => flow((ctx) => ctx.agent(agent, what))
    const answers = [{ text: 'done' }]
    expect(await causeOf([asking(clerk, 'go'), clerk], answers, [asking(teller, 'go'), teller])).toEqual([
      'child-renamed',
      'workflow "flow" starts agent:teller and not agent:clerk',
    ])
    expect(await causeOf([asking(clerk, 'go'), clerk], answers, [asking(clerk, 'stay'), clerk])).toEqual([
      'child-changed',
      'workflow "flow" gives the child at agent:clerk another input',
    ])
  })

  test('is another result', async () => {
    expect(
      await underFlow(async (ctx) => [await step(ctx, 'a'), await step(ctx, 'b'), await step(ctx, 'c'), 'more']),
    ).toEqual(['result-changed', 'workflow "flow" ends otherwise than it did'])
  })
})
