import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Entry,
  type OnError,
  ToolError,
  type WorkflowContext,
} from '../src/index.ts'
import { byTurn } from './world.fixture.ts'

const WORDS = 'connect postgres://app:hunter2@db/shop'

interface Options {
  /** Of the tool. */
  readonly tool?: OnError
  /** Of the runtime. */
  readonly runtime?: OnError
  readonly recordStacks?: boolean
}

/** Runs an agent whose tool throws, and gives what its model was told, what is recorded, and what was logged. */
async function failing(error: unknown, { tool, runtime: onError, recordStacks = false }: Options = {}) {
  const find = defineTool({
    name: 'find',
    description: 'Finds.',
    input: z.object({}),
    effect: 'read',
    retry: { attempts: 1 },
    ...(tool && { onError: tool }),
    execute: () => {
      throw error
    },
  })
  const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [find] })
  const told: string[] = []
  const models = scriptedModel(({ items }) => {
    for (const item of items) if (item.kind === 'result') told.push(item.output)
    return told.length > 0 ? { text: 'done' } : { calls: [{ name: 'find' }] }
  })
  const logged = logOf()
  await using runtime = createRuntime({
    store: memoryStore(),
    models,
    definitions: [agent],
    log: logged.log,
    recordStacks,
    ...(onError && { onError }),
  })
  await (await runtime.start(agent, 'go', { id: 'r' })).result()
  return { told, errors: errorsOf(await runtime.runs.entries('r')), lines: logged.lines }
}

function logOf() {
  const lines: string[] = []
  const push = (line: string): unknown => lines.push(line)
  return { lines, log: { info: push, warn: push, error: push } }
}

function errorsOf(entries: readonly Entry[]) {
  return entries.flatMap(({ body }) => ('error' in body ? [body.error] : []))
}

function raise(): never {
  throw new TypeError('my bug\nwith a second line')
}

function thrownBy(code: () => unknown): unknown {
  try {
    return code()
  } catch (error) {
    return error
  }
}

describe('a model is told', () => {
  it.each([
    ['the message of a ToolError as it was written', new ToolError({ code: 'down', message: WORDS }), WORDS],
    [
      'the first line of any other error, with its credentials covered',
      new Error(`${WORDS}\nat once`),
      'connect postgres://***@db/shop',
    ],
    ['its name where it has one', new TypeError('x is not a function'), 'TypeError: x is not a function'],
    ['what was thrown that is no error', 'no luck', 'no luck'],
    ['at most 1,000 characters of it', new RangeError('x'.repeat(9_000)), `RangeError: ${'x'.repeat(988)}\u2026`],
  ])('%s', async (_, error, expected) => {
    const { told, errors } = await failing(error)
    expect(told).toEqual([expect.stringContaining(expected)])
    expect(errors.map(({ message }) => message)).toEqual([expected])
  })

  it('what onError says: of the tool first, then of the runtime, then neither', async () => {
    const error = new Error('secret plans')
    const say: OnError = (given, { tool, runId, idempotencyKey, attempt }) =>
      given === error ? `${tool} of ${runId} at ${idempotencyKey}, ${attempt}` : undefined
    const said = 'find of r at r/agent:0/turn:0/call:0, 1'
    const toldOf = async (options: Options) => (await failing(error, options)).errors.map(({ message }) => message)
    expect(await toldOf({ tool: say, runtime: () => 'never' })).toEqual([said])
    expect(await toldOf({ runtime: say })).toEqual([said])
    expect(await toldOf({ tool: () => undefined, runtime: () => 'never' })).toEqual(['secret plans'])
    expect(await toldOf({ runtime: () => 'It did not work.' })).toEqual(['It did not work.'])
  })

  it.each([
    ['throws', () => raise(), 'onError of tool "find" threw: my bug'],
    ['gives no text', () => 5 as never, 'onError of tool "find" gave no text, but number'],
  ])('as if there were no onError where that %s, which is logged', async (_, tool, line) => {
    const { errors, lines } = await failing(new Error('plans'), { tool })
    expect(errors.map(({ message }) => message)).toEqual(['plans'])
    expect(lines.filter((logged) => logged.startsWith(line))).toHaveLength(1)
  })
})

describe('the stack of what code threw', () => {
  it('is logged once an attempt, with its causes, without credentials, and nobody else is told it', async () => {
    const error = new Error(WORDS, { cause: thrownBy(raise) })
    const { told, errors, lines } = await failing(error)
    expect(lines).toEqual([
      expect.stringMatching(/^Tool "find" of the run "r" threw at agent:0\/turn:0\/call:0, attempt 1: /),
    ])
    expect(lines[0]).toContain('told-errors.test.ts')
    expect(lines[0]).toMatch(/Caused by: TypeError: my bug\nwith a second line\n +at raise/)
    expect(lines[0]).not.toContain('hunter2')
    expect(JSON.stringify([told, errors])).not.toContain('told-errors.test.ts')
  })

  it('is kept in the journal where that is asked for', async () => {
    const { told, errors } = await failing(thrownBy(raise), { recordStacks: true })
    expect(errors).toEqual([
      {
        code: 'tool_threw',
        message: 'TypeError: my bug',
        stack: expect.stringMatching(/^TypeError: my bug\n.*\n +at raise/),
      },
    ])
    expect(told.join()).not.toContain('at raise')
  })

  it('of a step and of a workflow is logged and kept too, and replays', async () => {
    const flow = defineWorkflow({
      name: 'flow',
      input: z.object({}),
      run: async (ctx) => {
        await ctx.step('try', raise, { retry: { attempts: 1 } }).catch(() => undefined)
        return raise()
      },
    })
    const { lines, log } = logOf()
    const options = { store: memoryStore(), models: scriptedModel([]), definitions: [flow], log }
    await using runtime = createRuntime({ ...options, recordStacks: true })
    await (await runtime.start(flow, {}, { id: 'r' })).outcome()
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'Step "try" of the run "r" threw at step',
      'Workflow "flow" of the run "r" failed',
    ])
    const stack = expect.stringMatching(/^TypeError: my bug\n.*\n +at raise/)
    expect(errorsOf(await runtime.runs.entries('r'))).toMatchObject([{ stack }, { stack }])
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched' })
  })

  it.each([
    ['The workflow ended while it had not awaited: sleep.', (ctx: WorkflowContext) => void ctx.sleep(1_000)],
    ['The output cannot be kept in a journal: it is a bigint.', () => 7n],
  ])('of a workflow that fails without a throw is its message: %s', async (message, run) => {
    const flow = defineWorkflow({ name: 'flow', input: z.object({}), run: async (ctx) => run(ctx) })
    const { lines, log } = logOf()
    const options = { store: memoryStore(), models: scriptedModel([]), definitions: [flow], log }
    await using runtime = createRuntime(options)
    await (await runtime.start(flow, {}, { id: 'r' })).outcome()
    expect(lines).toEqual([expect.stringContaining(`Workflow "flow" of the run "r" failed: ${message}`)])
  })

  it('of instructions that throw is logged with why the run was interrupted', async () => {
    const triage = defineAgent({ name: 'triage', model: 'm', instructions: '' })
    const orders = defineAgent({ name: 'orders', model: 'm', instructions: () => raise() })
    const desk = defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders]]] })
    const { lines, log } = logOf()
    const models = byTurn([{ calls: [{ name: 'transfer_to_orders' }] }])
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk], log })
    await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
    expect(lines).toEqual([expect.stringMatching(/^The run "r" was interrupted: .*TypeError: my bug\n.*\n +at raise/s)])
  })

  it('has no secret values, wherever it goes', async () => {
    const find = defineTool({
      name: 'find',
      description: 'Finds.',
      input: z.object({ key: z.string().meta({ secret: true }) }),
      effect: 'read',
      retry: { attempts: 1 },
      execute: ({ key }) => {
        throw new Error(`no such key: ${key}`)
      },
    })
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      context: z.object({ key: z.string().meta({ secret: true }) }),
      tools: [find],
    })
    const { lines, log } = logOf()
    const models = byTurn([{ calls: [{ name: 'find', arguments: { key: 'blue-parrot-77' } }] }, { text: 'done' }])
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent], log, recordStacks: true })
    await (await runtime.start(agent, 'go', { id: 'r', context: { key: 'blue-parrot-77' } })).result()
    const errors = errorsOf(await runtime.runs.entries('r'))
    expect(errors).toMatchObject([{ stack: expect.stringContaining('no such key') }])
    expect(lines).toEqual([expect.stringContaining('no such key')])
    expect(JSON.stringify([errors, lines])).not.toContain('blue-parrot-77')
  })
})
