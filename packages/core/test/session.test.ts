// A session: messages that each begin a run, which goes on from the one before.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  type Item,
  type Model,
  type ModelRequest,
  requestAt,
  requestsOf,
  type Runtime,
  type Store,
} from '../src/index.ts'

const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input: z.object({ id: z.string() }),
  effect: 'read',
  execute: ({ id }) => ({ id, price: 12 }),
})
const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back.',
  input: z.object({ id: z.string() }),
  effect: 'idempotent',
  approval: true,
  execute: ({ id }) => `paid ${id}`,
})
const desk = defineAgent({
  name: 'desk',
  model: 'gpt-4.1-mini',
  instructions: 'Help the customer.',
  tools: [look, refund],
})

/** Says back what the customer said last, and keeps what it was asked with. */
function parrot(asked: (readonly Item[])[] = []): Model {
  return scriptedModel(({ items }: ModelRequest) => {
    asked.push([...items])
    const last = items.at(-1)
    if (last?.kind === 'user' && last.text.startsWith('look'))
      return { calls: [{ name: 'look', arguments: { id: last.text.slice(5) } }] }
    if (last?.kind === 'user' && last.text.startsWith('refund'))
      return { calls: [{ name: 'refund', arguments: { id: last.text.slice(7) } }] }
    if (last?.kind === 'result') return { text: `It says ${last.output}` }
    return { text: `You said: ${last?.kind === 'user' ? last.text : last?.kind}` }
  })
}

function open(store: Store, models: Model = parrot()): Runtime {
  return createRuntime({ store, models, definitions: [desk], random: () => 0 })
}

/** A conversation in short: `u:` what a user said, `a:` the model, `c:` a call, `r:` its result. */
function short(items: readonly Item[]): string {
  return items
    .map((item) => {
      if (item.kind === 'call') return `c:${item.name}`
      if (item.kind === 'result') return `r:${item.output}`
      return `${item.kind.slice(0, 1)}:${'text' in item ? item.text : ''}`
    })
    .join(' | ')
}

describe('a session', () => {
  it('asks the model with all that was said and done before, as it was', async () => {
    const asked: (readonly Item[])[] = []
    await using runtime = open(memoryStore(), parrot(asked))
    const session = runtime.session('chat', { agent: desk })

    const first = await session.send('look 4711', { id: 'm1', by: 'ann' })
    expect(first.id).toBe('chat/m1')
    await first.result()
    expect(await (await session.send('Thanks', { id: 'm2' })).result()).toBe('You said: Thanks')
    await (await session.send('Bye')).result()

    expect(asked.map(short)).toEqual([
      'u:look 4711',
      'u:look 4711 | c:look | r:{"id":"4711","price":12}',
      'u:look 4711 | c:look | r:{"id":"4711","price":12} | a:It says {"id":"4711","price":12} | u:Thanks',
      'u:look 4711 | c:look | r:{"id":"4711","price":12} | a:It says {"id":"4711","price":12} | u:Thanks | a:You said: Thanks | u:Bye',
    ])
    expect((await session.history()).map(({ item, turn, runId }) => [item.kind, turn, runId.slice(0, 7)])).toEqual([
      ['user', 1, 'chat/m1'],
      ['call', 1, 'chat/m1'],
      ['result', 1, 'chat/m1'],
      ['assistant', 1, 'chat/m1'],
      ['user', 2, 'chat/m2'],
      ['assistant', 2, 'chat/m2'],
      ['user', 3, expect.any(String)],
      ['assistant', 3, expect.any(String)],
    ])
    const runs = await session.runs()
    expect(runs.map(({ sessionId, turn, lineageId, status }) => [sessionId, turn, lineageId, status])).toEqual(
      [1, 2, 3].map((turn) => ['chat', turn, 'session chat', 'completed']),
    )
    expect(await session.totals()).toMatchObject({ turns: 4, calls: 1 })
  })

  it('copies nothing: a turn has what is new in it', async () => {
    await using runtime = open(memoryStore())
    const session = runtime.session('chat', { agent: desk })
    for (const id of ['m1', 'm2', 'm3']) await (await session.send('Hello', { id })).result()

    const [second, third] = [await runtime.runs.entries('chat/m2'), await runtime.runs.entries('chat/m3')]
    expect(third.map(({ kind }) => kind)).toEqual(['run.started', 'history.joined', 'model.replied', 'run.completed'])
    expect(third[1]?.body).toEqual({ of: 'chat/m2', seq: 3, hash: expect.any(String) })
    const size = (entries: typeof third): number => JSON.stringify(entries.map(({ body }) => body)).length
    expect(size(third)).toBe(size(second))
  })

  it('takes a message once, by its id, and refuses another under it', async () => {
    await using runtime = open(memoryStore())
    const session = runtime.session('chat', { agent: desk })
    const [one, other] = await Promise.all([session.send('Hello', { id: 'm1' }), session.send('Hello', { id: 'm1' })])
    expect([await one.result(), await other.result()]).toEqual(['You said: Hello', 'You said: Hello'])
    await (await session.send('More', { id: 'm2' })).result()
    expect(await (await session.send('Hello', { id: 'm1' })).result()).toBe('You said: Hello')

    expect(await session.runs()).toHaveLength(2)
    await expect(session.send('Something else', { id: 'm1' })).rejects.toMatchObject({ code: 'run_exists' })
    expect(await session.runs()).toHaveLength(2)
  })

  it('works one message at a time, in the order in which they came', async () => {
    const asked: (readonly Item[])[] = []
    await using runtime = open(memoryStore(), parrot(asked))
    const session = runtime.session('chat', { agent: desk })
    const runs = []
    for (const text of ['one', 'two', 'three', 'four']) runs.push(await session.send(text, { id: text }))
    expect((await runtime.runs.get('chat/four')).waiting).toMatchObject({ kind: 'turn', runId: 'chat/three' })

    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([
      'You said: one',
      'You said: two',
      'You said: three',
      'You said: four',
    ])
    expect(asked.map(({ length }) => length)).toEqual([1, 3, 5, 7])
  })

  it('queues behind an approval, and goes on once that is given', async () => {
    await using runtime = open(memoryStore())
    const session = runtime.session('chat', { agent: desk })
    const first = await session.send('refund 4711', { id: 'm1' })
    const waits = await first.outcome()
    const second = await session.send('Are you there?', { id: 'm2' })
    expect(await second.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'turn', runId: 'chat/m1' } })

    const asks = waits.kind === 'waiting' && 'id' in waits.waiting ? waits.waiting.id : ''
    await runtime.approve('chat/m1', asks, { by: 'boss' })

    expect(await first.result()).toBe('It says paid 4711')
    expect(await second.result()).toBe('You said: Are you there?')
  })

  it('leaves out of the conversation what was cancelled before it began', async () => {
    const asked: (readonly Item[])[] = []
    await using runtime = open(memoryStore(), parrot(asked))
    const session = runtime.session('chat', { agent: desk })
    const first = await session.send('refund 4711', { id: 'm1' })
    await first.outcome()
    const [second, third] = [await session.send('Never mind', { id: 'm2' }), await session.send('Hello', { id: 'm3' })]
    await second.cancel('taken back')
    await first.cancel('enough')

    expect(await third.result()).toBe('You said: Hello')
    expect(short(asked.at(-1) ?? [])).toBe(
      'u:refund 4711 | c:refund | r:Not run: it was stopped before anybody had allowed it. | u:Hello',
    )
    expect((await session.history()).map(({ item }) => item.kind)).toEqual([
      'user',
      'call',
      'result',
      'user',
      'assistant',
    ])
  })

  it('says something instead of what is under way and what waits', async () => {
    const asked: (readonly Item[])[] = []
    await using runtime = open(memoryStore(), parrot(asked))
    const session = runtime.session('chat', { agent: desk })
    const first = await session.send('refund 4711', { id: 'm1' })
    await first.outcome()
    const second = await session.send('Never mind', { id: 'm2' })
    const third = await session.send('Hello', { id: 'm3', replace: true })

    expect(await third.result()).toBe('You said: Hello')
    const reason = '"chat/m3" was said instead.'
    expect([await first.outcome(), await second.outcome()]).toMatchObject([
      { kind: 'cancelled', reason },
      { kind: 'cancelled', reason },
    ])
    expect(short(asked.at(-1) ?? [])).toMatch(/^u:refund 4711 \| c:refund \| r:Not run: [^|]* \| u:Hello$/)
    await session.send('Hello', { id: 'm3', replace: true })
    expect((await session.runs()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'completed'])
  })

  it.each([
    [
      'mail',
      'u:mail | c:look | c:mail | r:{"id":"a","price":12} | r:Nobody knows whether this happened: it was stopped before its result was known. Look before you do it again. | u:Well?',
    ],
    ['talk', 'u:talk | a:Once upon [stopped here] | u:Well?'],
  ])('closes what a turn that was cancelled has left open: %s', async (text, expected) => {
    const begun = Promise.withResolvers<void>()
    const mail = defineTool({
      name: 'mail',
      description: 'Sends a letter.',
      input: z.object({}),
      effect: 'once',
      async execute() {
        begun.resolve()
        return new Promise<string>(() => undefined)
      },
    })
    const clerk = defineAgent({ name: 'clerk', model: 'gpt-4.1-mini', instructions: '', tools: [look, mail] })
    const asked: (readonly Item[])[] = []
    const calls = [{ name: 'look', arguments: { id: 'a' } }, { name: 'mail' }]
    const scripted = scriptedModel((request) => {
      asked.push([...request.items])
      const last = request.items.at(-1)
      return last?.kind === 'user' && last.text === 'mail' ? { calls } : { text: 'Yes.' }
    })
    const models: Model = {
      async *ask(request, signal) {
        const last = request.items.at(-1)
        if (last?.kind !== 'user' || last.text !== 'talk') return yield* scripted.ask(request, signal)
        yield { kind: 'text', delta: 'Once upon' }
        begun.resolve()
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      },
    }
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [clerk], closeGraceMs: 0 })
    const session = runtime.session('chat', { agent: clerk })
    const run = await session.send(text, { id: 'm1' })
    await begun.promise
    await run.cancel('enough')

    expect(await (await session.send('Well?', { id: 'm2' })).result()).toBe('Yes.')
    expect(short(asked.at(-1) ?? [])).toBe(expected)
    for (const { id } of await session.runs()) expect(await runtime.replay(id)).toMatchObject({ status: 'matched' })
  })

  it('replays each turn, and rebuilds what the model was sent, warm and cold', async () => {
    const store = memoryStore()
    const asked: (readonly Item[])[] = []
    {
      await using runtime = open(store, parrot(asked))
      const session = runtime.session('chat', { agent: desk })
      for (const text of ['look 1', 'two', 'look 3'])
        await (await session.send(text, { id: text.replace(' ', '') })).result()
    }
    await using runtime = open(store)
    const sent: (readonly Item[])[] = []
    for (const { id } of await runtime.runs.list({ sessionId: 'chat' })) {
      expect(await runtime.replay(id)).toMatchObject({ status: 'matched', differences: [] })
      const [entries, before] = [await runtime.runs.entries(id), await runtime.runs.before(id)]
      for (const { items, seq } of requestsOf(entries, before)) {
        sent.push([...items])
        expect(requestAt(entries, seq, before).items).toEqual(items)
      }
    }
    expect(sent).toEqual(asked)
  })

  it('forks a turn with all that came before it, outside of the session', async () => {
    const store = memoryStore()
    const asked: (readonly Item[])[] = []
    await using runtime = open(store, parrot(asked))
    const session = runtime.session('chat', { agent: desk })
    for (const text of ['one', 'two']) await (await session.send(text, { id: text })).result()
    const fork = await runtime.fork('chat/two', { at: 2, id: 'f' })
    await fork.result()

    expect(short(asked.at(-1) ?? [])).toBe('u:one | a:You said: one | u:two')
    expect(await runtime.runs.get('f')).toMatchObject({ sessionId: null, turn: null, lineageId: 'session chat' })
    expect(await runtime.replay('f')).toMatchObject({ status: 'matched' })
    await (await session.send('three', { id: 'three' })).result()
    expect(short(asked.at(-1) ?? [])).toBe('u:one | a:You said: one | u:two | a:You said: two | u:three')
  })

  it('goes on with whoever had the conversation last', async () => {
    const billing = defineAgent({ name: 'billing', model: 'gpt-4.1-mini', instructions: 'Talk about money.' })
    const team = defineTeam({ name: 'team', entry: desk, handoffs: [[desk, [billing]]] })
    const asked: ModelRequest[] = []
    const models = scriptedModel((request) => {
      asked.push(request)
      const last = request.items.at(-1)
      if (last?.kind === 'user' && last.text === 'money') return { calls: [{ name: 'transfer_to_billing' }] }
      return { text: 'Yes.' }
    })
    const store = memoryStore()
    await using runtime = createRuntime({ store, models, definitions: [team] })
    const session = runtime.session('chat', { team })
    for (const text of ['money', 'more', 'and more']) await (await session.send(text)).result()

    expect(asked.map(({ card, instructions }) => `${card.agent}: ${instructions}`)).toEqual([
      'desk: Help the customer.',
      'billing: Talk about money.',
      'billing: Talk about money.',
      'billing: Talk about money.',
    ])
    for (const { id } of await session.runs())
      expect(await runtime.replay(id)).toMatchObject({ status: 'matched', differences: [] })
  })

  it('is of one tenant and person', async () => {
    await using runtime = open(memoryStore())
    await (await runtime.session('chat', { agent: desk, tenant: 'acme', user: 'ann' }).send('Hello')).result()

    const others = [
      runtime.session('chat', { agent: desk }),
      runtime.forTenant('other').session('chat', { agent: desk }),
    ]
    for (const session of others) await expect(session.send('Hello')).rejects.toMatchObject({ code: 'run_exists' })
    const another = runtime.session('chat', { agent: desk, tenant: 'acme', user: 'bob' })
    await expect(another.send('Hello')).rejects.toMatchObject({ code: 'run_exists' })
    expect(await runtime.forTenant('other').session('chat', { agent: desk }).history()).toEqual([])
    expect(await runtime.runs.list({ sessionId: 'chat' })).toHaveLength(1)
  })

  it.each(['', 'a/b', 'a b', 'x'.repeat(121)])('cannot have the id %j', async (id) => {
    await using runtime = open(memoryStore())
    expect(() => runtime.session(id, { agent: desk })).toThrow(expect.objectContaining({ code: 'bad_session_id' }))
    const session = runtime.session('chat', { agent: desk })
    await expect(session.send('Hello', { id: 'x'.repeat(196) })).rejects.toMatchObject({ code: 'bad_run_id' })
    await expect(session.send('Hello', { id: 'a b' })).rejects.toMatchObject({ code: 'bad_run_id' })
  })
})
