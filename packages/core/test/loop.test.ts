import { changedStore, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { after, atMost, createRuntime, defineAgent, defineTool, type ModelRequest } from '../src/index.ts'
import { byTurn, call, clerk, clerkRuntime, look, newWorld, outline, pay } from './world.fixture.ts'

describe('an agent run', () => {
  it('asks, calls, tells the result and answers, with every step in the journal', async () => {
    const world = newWorld()
    await using runtime = clerkRuntime(byTurn([{ calls: [call('look', 'a')] }, { text: 'It costs 12.' }]), world)
    const run = await runtime.start(clerk, 'What does a cost?', { id: 'r' })
    expect(await run.result()).toBe('It costs 12.')
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'call.returned agent:0/turn:0/call:0',
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect(world.effects).toEqual(['look a r/agent:0/turn:0/call:0'])
    expect(await runtime.runs.get('r')).toMatchObject({
      status: 'completed',
      owner: null,
      totals: { turns: 2, calls: 1, unpriced: 2 },
    })
  })

  it('writes a reply with the intents of its calls in one commit, and its row when it ends', async () => {
    const store = memoryStore()
    const commits: string[] = []
    const watched = changedStore(store, {
      commit: (writes) => {
        for (const { entries, row } of writes)
          commits.push([...entries.map(({ kind }) => kind), ...(row ? [`and it is ${row.status}`] : [])].join(', '))
        return store.commit(writes)
      },
    })
    const model = byTurn([{ calls: [call('mail', 'a')] }, { text: 'Sent.' }])
    await using runtime = clerkRuntime(model, newWorld(), watched)
    expect(await (await runtime.start(clerk, 'Write to a.', { id: 'r' })).result()).toBe('Sent.')
    expect(commits).toEqual([
      'run.started',
      'model.replied, call.intended',
      'call.returned',
      'model.replied, run.completed, and it is completed',
    ])
  })

  it('runs the calls of one reply together and tells their results in the order of the calls', async () => {
    const gates = new Map<string, PromiseWithResolvers<void>>(
      ['a', 'b', 'c'].map((id) => [id, Promise.withResolvers<void>()]),
    )
    const gated = defineTool({
      name: 'gated',
      description: 'Waits to be let through.',
      input: z.object({ id: z.string() }),
      effect: 'read',
      execute: async ({ id }) => {
        await gates.get(id)?.promise
        return id
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [gated] })
    const asked: ModelRequest['items'][] = []
    const model = scriptedModel((request, nth) => {
      asked.push([...request.items])
      return nth === 1 ? { calls: ['a', 'b', 'c'].map((id) => call('gated', id)) } : { text: 'done' }
    })
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent] })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    const returned: string[] = []
    run.on('call.returned', ({ key, body }) => {
      returned.push(key)
      if (body.result === 'c') gates.get('b')?.resolve()
      if (body.result === 'b') gates.get('a')?.resolve()
    })
    gates.get('c')?.resolve()
    await run.result()
    expect(returned).toEqual(['agent:0/turn:0/call:2', 'agent:0/turn:0/call:1', 'agent:0/turn:0/call:0'])
    expect(asked[1]?.filter((item) => item.kind === 'result').map((item) => item.output)).toEqual(['a', 'b', 'c'])
  })

  it('tells the model of malformed arguments, unknown tools and repeated call ids, and runs nothing of them', async () => {
    const world = newWorld()
    const told: string[] = []
    const model = scriptedModel((request, nth) => {
      if (nth > 1) told.push(...request.items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
      if (nth > 1) return { text: 'sorry' }
      return {
        calls: [
          { name: 'pay', arguments: '{"id": "a"', callId: 'x' },
          { name: 'pay', arguments: { id: 7 }, callId: 'y' },
          { name: 'fly', arguments: {}, callId: 'z' },
          { name: 'look', arguments: { id: 'a' }, callId: 'w' },
          { name: 'look', arguments: { id: 'b' }, callId: 'w' },
        ],
      }
    })
    await using runtime = clerkRuntime(model, world)
    await (await runtime.start(clerk, 'go', { id: 'r' })).result()
    expect(world.effects).toEqual(['look a r/agent:0/turn:0/call:3'])
    expect(told).toEqual([
      "Not executed: the arguments of pay are not JSON (Expected ',' or '}' after property value in JSON at position 10 (line 1 column 11)). Call it again with one JSON object.",
      expect.stringContaining('Not executed: the arguments of pay are wrong.'),
      'Not executed: there is no tool "fly". You can call: look, pay, mail.',
      '{"id":"a","price":12}',
      'Not executed: the call id "w" was used twice in one reply. Call look again if you meant two calls.',
    ])
  })

  it('gives every call of a run an id of its own, whatever the model sends', async () => {
    const ids: string[][] = []
    const model = scriptedModel((request, nth) => {
      ids.push(request.items.flatMap((item) => (item.kind === 'call' ? [item.callId] : [])))
      return nth <= 2
        ? {
            calls: [
              { name: 'look', arguments: { id: 'a' }, callId: nth === 1 ? 'call_0' : '' },
              { ...call('look', 'b'), callId: 'call_0' },
            ],
          }
        : { text: '' + nth }
    })
    await using runtime = clerkRuntime(model, newWorld())
    await (await runtime.start(clerk, 'go')).result()
    expect(new Set(ids[2]).size).toBe(4)
  })

  it('sends an answer that breaks the output schema back with the exact complaint, and ends after three repairs', async () => {
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      output: z.object({ total: z.number(), note: z.string().optional() }),
    })
    const complaints: string[] = []
    const answers = ['twelve', '{"total":"12","note":null}', '{"total":12,"note":null}']
    const model = scriptedModel((request, nth) => {
      const last = request.items.at(-1)
      if (nth > 1 && last?.kind === 'user') complaints.push(last.text)
      return { text: answers[nth - 1] ?? 'no' }
    })
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent] })
    expect(await (await runtime.start(agent, 'sum')).result()).toEqual({ total: 12 })
    expect(complaints).toEqual([
      'Your answer does not fit what was asked for.\nIt is not JSON: Unexpected token \'w\', "twelve" is not valid JSON\nAnswer again, whole, with this mended.',
      expect.stringMatching(/total: .*expected number.*got "12"/s),
    ])
    const failed = await (await runtime.start(agent, 'again')).outcome()
    expect(failed).toMatchObject({
      kind: 'failed',
      error: { code: 'output_invalid' },
      text: 'no',
      totals: { turns: 4 },
    })
  })

  it('fails, naming the path, when the output schema makes something that is not JSON', async () => {
    const output = z
      .object({ tags: z.array(z.string()).overwrite((tags) => tags) })
      .transform(({ tags }) => ({ tags: new Set(tags) }))
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', output })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ text: '{"tags":["a"]}' }]),
      definitions: [agent],
    })
    expect(await (await runtime.start(agent, 'go')).outcome()).toMatchObject({
      kind: 'failed',
      error: {
        code: 'output_not_json',
        message: 'The output cannot be kept in a journal: .tags is a Set. Let the output schema give plain JSON.',
      },
    })
  })

  it('ends as refused, as incomplete, or over budget, with what the model said', async () => {
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [look], budget: { turns: 3 } })
    const model = scriptedModel((request) => {
      const [first] = request.items
      if (first?.kind !== 'user') return {}
      if (first.text === 'refuse') return { refusal: 'I will not.' }
      if (first.text === 'long') return { text: 'Once upon', calls: [call('look', 'a')], finish: 'length' }
      return { calls: [call('look', 'a')] }
    })
    const world = newWorld()
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent], services: world })
    expect(await (await runtime.start(agent, 'refuse')).outcome()).toMatchObject({
      kind: 'refused',
      text: 'I will not.',
    })
    expect(await (await runtime.start(agent, 'long')).outcome()).toMatchObject({
      kind: 'incomplete',
      text: 'Once upon',
      error: { code: 'length' },
    })
    expect(world.effects).toEqual([])
    const run = await runtime.start(agent, 'loop', { id: 'loop' })
    expect(await run.outcome()).toMatchObject({
      kind: 'over-budget',
      error: { code: 'out_of_turns' },
      totals: { turns: 3 },
    })
    await expect(run.result()).rejects.toThrow(
      'The run "loop" ended as over-budget: The run of agent "agent" has had all of its 3 turns without an answer. Raise budget.turns, or look at the run for what keeps it busy.',
    )
    expect((await runtime.runs.get('loop')).status).toBe('failed')
  })

  it('keeps the rules inside a batch: what must wait waits, what may not run is told why, the tools array never changes', async () => {
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      tools: [look, pay],
      rules: [after(pay, look), atMost(pay, 1)],
    })
    const world = newWorld()
    const allowed: (readonly string[] | undefined)[] = []
    const told: string[][] = []
    const model = scriptedModel((request, nth) => {
      allowed.push(request.allowedTools)
      told.push(request.items.slice(-3).flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
      expect(request.card.tools.map((tool) => tool.name)).toEqual(['look', 'pay'])
      if (nth === 1) return { calls: [call('pay', 'a')] }
      return nth === 2 ? { calls: [call('pay', 'a'), call('look', 'a'), call('pay', 'a')] } : { text: 'done' }
    })
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent], services: world })
    await (await runtime.start(agent, 'go', { id: 'r' })).result()
    expect(world.effects).toEqual(['look a r/agent:0/turn:1/call:1', 'pay a all r/agent:0/turn:1/call:0'])
    expect(allowed).toEqual([['look'], ['look'], ['look']])
    expect(told.slice(1)).toEqual([
      ['Not executed: pay may be called only after look has succeeded in this conversation. Call look first.'],
      [
        'paid a',
        '{"id":"a","price":12}',
        'Not executed: pay may be called only once in this conversation, and it was. Go on without it.',
      ],
    ])
  })
})

describe('start', () => {
  it('gives the same run for the same id and input, and refuses another input', async () => {
    const model = byTurn([{ text: 'hello' }])
    await using runtime = clerkRuntime(model, newWorld())
    const [one, two] = await Promise.all([
      runtime.start(clerk, 'hi', { id: 'r' }),
      runtime.start(clerk, 'hi', { id: 'r' }),
    ])
    expect(await one.result()).toBe('hello')
    expect(await two.result()).toBe('hello')
    expect(await (await runtime.start(clerk, 'hi', { id: 'r' })).result()).toBe('hello')
    expect(model.requests).toBe(1)
    await expect(runtime.start(clerk, 'ho', { id: 'r' })).rejects.toThrow(
      'The run "r" exists with another input: "hi", and now "ho". Use another id, or the same input.',
    )
  })

  it('refuses what cannot be right before anything is written', async () => {
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      context: z.object({ customerId: z.string() }),
    })
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [agent] })
    const other = defineAgent({ name: 'other', model: 'm', instructions: '' })
    await expect(
      runtime.start(other as unknown as typeof agent, 'x', { context: { customerId: 'c' } }),
    ).rejects.toThrow(
      'The agent "other" is not one of this runtime\'s definitions: agent agent. Add it to createRuntime({ definitions }).',
    )
    await expect(runtime.start(agent, 'x', { id: 'a b', context: { customerId: 'c' } })).rejects.toThrow(
      'A run cannot have the id "a b". Use 1 to 200 printable characters without spaces.',
    )
    await expect(runtime.start(agent, 7 as never, { context: { customerId: 'c' } })).rejects.toThrow(
      'takes text, and was given a number',
    )
    await expect(runtime.start(agent, 'x', { context: { customerId: 7 } as never })).rejects.toThrow(
      'The context given to agent "agent" is wrong.',
    )
    expect(await runtime.runs.list()).toEqual([])
    await expect(runtime.resume('nope')).rejects.toThrow(
      'There is no run "nope" in this store. It has none yet. Check the id, and that this is the right store.',
    )
  })

  it('journals the context as its schemas accept it, and gives tools that', async () => {
    const seen: unknown[] = []
    const tool = defineTool({
      name: 'see',
      description: 'Sees.',
      input: z.object({}),
      effect: 'read',
      execute: (_input, { context }) => {
        seen.push(context)
        return null
      },
    })
    const context = z.object({ customerId: z.string(), region: z.string().default('eu') })
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: ({ context: { region } }) => `In ${region}.`,
      context,
      tools: [tool],
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ calls: [{ name: 'see' }] }]),
      definitions: [agent],
    })
    const run = await runtime.start(agent, 'x', { id: 'r', context: { customerId: 'c' } })
    await run.result()
    expect(seen).toEqual([{ customerId: 'c', region: 'eu' }])
    const [first] = await runtime.runs.entries('r')
    expect(first?.body).toMatchObject({ context: { customerId: 'c', region: 'eu' }, instructions: 'In eu.' })
  })
})
