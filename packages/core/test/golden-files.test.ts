// Runs as the text of a file, and back into another store.
import { changedStore, Crash, crashing, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type RunRow } from '../src/index.ts'
import { echo, quiet, runtimeOf } from './flow.fixture.ts'
import { errorOf, exported, parsed, review, rounds, runsIn, served, textOf, waiting } from './golden.fixture.ts'
import { byTurn, clerk, clerkRuntime, newWorld } from './world.fixture.ts'

describe('an export', () => {
  it('is a line of JSON each for its head, a run, its entries and its end, with what is evidence alone', async () => {
    const store = await served()
    const text = await textOf(clerkRuntime(byTurn([]), newWorld(), store).export('r', { by: 'the test 1' }))
    expect(text.split(/\r\n|[\n\r\u2028\u2029]/).length).toBe(text.split('\n').length)
    const entries = await store.entries('r')
    const [head, run, ...rest] = parsed(text)
    const end = rest.pop()
    expect(head).toEqual({ reprise: 'golden', version: 1, journal: 2, by: 'the test 1' })
    const row = await store.run('r')
    const {
      id,
      waiting: _,
      waits: _1,
      wakeAt: _2,
      priority: _3,
      owner: _4,
      epoch: _5,
      attempts: _6,
      ...kept
    } = row as RunRow
    const { erasedAt: _7, tenant: _8, user: _9, concurrency: _10, expireAt: _11, deadlineAt: _12, ...said } = kept
    const { sessionId: _13, turn: _14, ...evidence } = said
    expect(run).toEqual({ run: id, ...evidence, entries: entries.length })
    expect(rest.map(({ body, ...place }) => ({ ...place, text: JSON.stringify(body) }))).toEqual(entries)
    expect(end).toEqual({ end: 1 })
  })

  it('has the children and the continuations of a run, and those that fit a filter once', async () => {
    const store = await waiting()
    const all = ['w', 'w/agent:echo', 'w~2', 'w~2/agent:echo']
    expect(runsIn(await exported(store, 'w'))).toEqual(all)
    expect(runsIn(await exported(store, {}))).toEqual(all)
    expect(runsIn(await exported(store, ['w~2/agent:echo', 'w', 'w', 'w/agent:echo']))).toEqual(all)
    expect(runsIn(await exported(store, 'w~2'))).toEqual(all.slice(2))
    expect(runsIn(await exported(store, { name: 'echo' }))).toEqual([all[1], all[3]])
    expect(runsIn(await exported(store, { status: 'completed' }))).toEqual(all)
    expect(runsIn(await exported(store, { name: 'nobody' }))).toEqual([])
  })

  it('names a run that is not there before anything is written, and leaves out what was erased', async () => {
    const store = await served('b', (await served('a')) as ReturnType<typeof memoryStore>)
    const runtime = runtimeOf([rounds], store)
    await runtime.erase('a', { by: 'ana' })
    expect(runsIn(await exported(store))).toEqual(['b'])
    expect((await errorOf(runtime.export(['b', 'c']).next())).code).toBe('unknown_run')
    expect((await errorOf(textOf(runtime.export('a')))).code).toBe('run_erased')
    expect(() => runtime.export(4 as never)).toThrow('runtime.export was given runs: the number 4.')
    expect(() => runtime.export({ after: 'r' } as never)).toThrow('runtime.export was given after')
  })

  it('never has a secret: its tokens replay elsewhere, and what was written before it was known is refused', async () => {
    const charge = defineTool({
      name: 'charge',
      description: 'Charges a card.',
      input: z.object({ card: z.string().meta({ secret: true }) }),
      effect: 'idempotent',
      execute: ({ card }) => `charged ${card}`,
    })
    const till = defineAgent({ name: 'till', model: 'm', instructions: 'Charge.', tools: [charge] })
    const models = (): ReturnType<typeof byTurn> =>
      byTurn([{ calls: [{ name: 'charge', arguments: { card: '4111 1111' } }] }, { text: 'charged 4111 1111' }])
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: models(), definitions: [till], log: quiet })
    await (await runtime.start(till, 'go', { id: 'r' })).result()
    await (await runtime.start(till, 'Charge 4111 1111', { id: 'clear' })).result()

    const text = await textOf(runtime.export('r'))
    expect(text).not.toContain('4111')
    expect(text.match(/secret_[\w-]{22}/g)?.length).toBeGreaterThan(2)
    await using elsewhere = createRuntime({ store: memoryStore(), models: models(), definitions: [till], log: quiet })
    expect(await elsewhere.import([text])).toEqual({ runs: ['r'], parked: [], present: [] })
    expect(await elsewhere.replay('r')).toMatchObject({ status: 'matched', differences: [] })

    expect(await errorOf(textOf(runtime.export('clear')))).toEqual({
      code: 'secret_in_clear',
      message:
        'The run "clear" cannot be exported: its entry 0 (run.started) was written before a secret that it holds was known, and has it in the clear. Export a run that was given the secret by a field that says { secret: true }.',
      details: { runId: 'clear', seq: 0 },
    })
  })
})

describe('an import', () => {
  it('is the same runs again: they replay, are shown, fork, and are exported as they were', async () => {
    const text = await exported(await served())
    await using runtime = clerkRuntime(byTurn([{ text: 'never' }, { text: 'otherwise' }]), newWorld())
    expect(await runtime.import([text])).toEqual({ runs: ['r'], parked: [], present: [] })
    expect(await textOf(runtime.export('r'))).toBe(text)
    expect(await runtime.replay('r')).toMatchObject({ status: 'matched', matched: 7, differences: [] })
    expect(await runtime.runs.get('r')).toMatchObject({
      status: 'completed',
      owner: null,
      tags: ['golden'],
      attempts: 0,
    })
    expect((await runtime.resume('r')).id).toBe('r')
    const entries = await runtime.runs.entries('r')
    const at = entries.findIndex(({ kind, key }) => kind === 'model.replied' && key.endsWith('turn:1'))
    const fork = await runtime.fork('r', { at, id: 'f' })
    expect(await fork.result()).toBe('otherwise')
  })

  it('takes the file in pieces of any size, as bytes, with other ends of lines, and after another file', async () => {
    const one = await exported(await served('a'))
    const other = await exported(await served('größe'.normalize('NFD').replaceAll(/[^a-z]/g, '')))
    const bytes = new TextEncoder().encode(`\uFEFF${one.replaceAll('\n', '\r\n')}\r\n${other.trimEnd()}`)
    for (const size of [1, 7, 100_000]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      expect((await clerkRuntime(byTurn([]), newWorld()).import(pieces)).runs).toEqual(['a', 'groe'])
    }
  })

  it('takes lines that another program has written anew, as long as their values are the same', async () => {
    const text = await exported(await served())
    const anew = parsed(text).map(({ body, ...line }) => JSON.stringify(body ? { body, ...line } : line, null, 1))
    const spaced = `\uFEFF${anew.map((line) => line.replaceAll('\n', ' ')).join('\n\n')}`
    await using runtime = clerkRuntime(byTurn([]), newWorld())
    expect((await runtime.import([spaced])).runs).toEqual(['r'])
    expect(await textOf(runtime.export('r'))).toBe(text)
  })

  it('leaves what is there already, and refuses another run of the same id', async () => {
    const text = await exported(await served('a'))
    const store = await served('b')
    await using runtime = clerkRuntime(byTurn([]), newWorld(), store)
    const both = `${text}${await exported(store)}${text}`
    expect(await runtime.import([both])).toEqual({ runs: ['a'], parked: [], present: ['b', 'a'] })
    const other = text.replaceAll('"golden"]', '"silver"]')
    expect(await errorOf(runtime.import([other]))).toEqual({
      code: 'run_exists',
      message:
        'The run "a" of line 2 is in this store already, and is another: it has tags ["golden"], and not ["silver"]. Import it into another store.',
      details: { runId: 'a', line: 2 },
    })
    await runtime.erase('a', { by: 'ana' })
    expect((await errorOf(runtime.import([text]))).message).toContain('is another: it was erased here.')
  })

  it('leaves a run that somebody else writes just then', async () => {
    const store = await served()
    const text = await exported(store)
    let looked = 0
    const late = changedStore(store, { run: async (id) => (looked++ === 0 ? undefined : store.run(id)) })
    expect(await runtimeOf([], late).import([text])).toEqual({ runs: [], parked: [], present: ['r'] })
  })

  it('puts a run that had not ended into quarantine: no worker takes it, nobody resumes it, and it replays', async () => {
    const text = await exported(await waiting(), 'w')
    const store = memoryStore()
    await using runtime = runtimeOf([rounds], store)
    const before = await runtime.import([text])
    expect(before.runs).toEqual(['w', 'w/agent:echo', 'w~2', 'w~2/agent:echo'])
    expect(before.parked).toEqual(['w~2'])
    expect(await runtime.runs.get('w~2')).toMatchObject({
      status: 'quarantined',
      owner: null,
      waiting: {
        kind: 'quarantined',
        reason: 'It was imported, and stood as waiting where it comes from: it may go on there, under the same id.',
      },
    })
    const taker = { owner: 'ann', heartbeat: 1 }
    const filter = { now: Number.MAX_SAFE_INTEGER, gone: [], definitions: [rounds, echo], except: [], limit: 10 }
    expect(await store.take(taker, filter)).toEqual([])
    expect((await (await runtime.resume('w')).outcome()).kind).toBe('waiting')
    expect(await runtime.replay('w~2')).toMatchObject({ status: 'matched' })
    expect(await runtime.import([text])).toEqual({ runs: [], parked: [], present: before.runs })
  })

  it('keeps whose a run is and, of one that had not ended, its line and its deadline, which hold once it is put back', async () => {
    const [clock, store] = [manualClock({ now: 1_000 }), memoryStore()]
    const whose = { tenant: 'acme', user: 'ann' }
    const line = { concurrencyKey: 'ann', deadlineMs: 60_000, expireMs: 10_000, priority: 3 }
    const here = runtimeOf([rounds, echo], store, clock)
    await (await here.start(echo, 'go', { id: 'done', ...whose })).result()
    await here.enqueue(rounds, 1, { id: 'w', ...whose, ...line })
    const text = await exported(store)
    expect(parsed(text).filter(({ run }) => run)).toMatchObject([
      { run: 'done', ...whose },
      { run: 'w', ...whose, concurrency: { key: 'ann', limit: 1 }, deadlineAt: 61_000 },
    ])
    expect(text).not.toContain('expireAt')

    const copies = memoryStore()
    await using there = runtimeOf([rounds, echo], copies, clock)
    expect(await there.import([text])).toEqual({ runs: ['done', 'w'], parked: ['w'], present: [] })
    const unsaid = { concurrency: null, expireAt: null, deadlineAt: null }
    expect(await copies.run('done')).toMatchObject({ ...whose, ...unsaid })
    const kept = { concurrency: { key: 'ann', limit: 1 }, expireAt: null, deadlineAt: 61_000, priority: 0 }
    expect(await copies.run('w')).toMatchObject({ ...whose, ...kept, status: 'quarantined' })
    expect((await there.import([text])).present).toEqual(['done', 'w'])

    await there.unquarantine('w', { by: 'ana' })
    there.work()
    while (clock.now() < 70_000) await clock.advance(1_000)
    expect(await copies.run('w')).toMatchObject({ status: 'failed', endedAt: 61_000 })
    await here.close()
  })

  it.each([
    [{ concurrency: 'ann' }, '"concurrency" is "ann"'],
    [{ concurrency: { key: 'ann', limit: 0 } }, '"limit" is the number 0'],
    [{ deadlineAt: 'soon' }, '"deadlineAt" is "soon"'],
  ])('refuses what no run is queued with: %j', async (harm, said) => {
    const [head, run, ...rest] = parsed(await exported(await served()))
    const text = [head, { ...run, ...harm }, ...rest].map((line) => `${JSON.stringify(line)}\n`)
    const { message } = await errorOf(runtimeOf([], memoryStore()).import(text))
    expect(message).toContain(said)
  })

  it('leaves a run alone that goes on here and stands as the file says', async () => {
    const store = await waiting()
    const text = await exported(store)
    await using runtime = runtimeOf([rounds], store)
    expect((await runtime.import([text])).runs).toEqual([])
    expect(await runtime.runs.get('w~2')).toMatchObject({ status: 'waiting' })
    await runtime.send('w', review, { again: false })
    expect(await (await runtime.resume('w')).result()).toBe('ROUND 2')
    expect((await errorOf(runtime.import([text]))).message).toMatch(
      /^The run "w~2" of line \d+ is in this store already, and is another: it has/,
    )
  })

  it('refuses a run of a lineage that was erased here', async () => {
    const text = await exported(await waiting(), 'w/agent:echo')
    const store = memoryStore()
    await using runtime = runtimeOf([rounds, clerk], store)
    await store.commit([{ runId: 'w', epoch: 0, create: ended('w'), entries: [] }])
    await store.erase('w', 'ana', 1)
    expect(await errorOf(runtime.import([text]))).toMatchObject({ code: 'run_erased' })
  })

  it('that dies at any commit, before or after it, is whole once it is done again', { tags: 'slow' }, async () => {
    const runs = Array.from({ length: 600 }, (_, at) => `r${at}`)
    const [head = '', run = '', ...rest] = (await exported(await served())).trimEnd().split('\n')
    const entries = rest.slice(0, -1)
    const text = [head, ...runs.flatMap((id) => [run.replaceAll('"r"', `"${id}"`), ...entries]), '{"end":600}'].join(
      '\n',
    )
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    await runtimeOf([], counted).import([text])
    expect(counted.commits).toBe(3)
    for (let at = 1; at <= counted.commits; at++)
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        await expect(runtimeOf([], crashing(store, { at, side })).import([text])).rejects.toThrow(Crash)
        const there = (await store.runs({ limit: 1_000 })).map(({ id }) => id)
        expect(there).toEqual(runs.slice(0, 256 * (side === 'before' ? at - 1 : at)))
        const again = await runtimeOf([], store).import([text])
        expect([...again.present, ...again.runs]).toEqual(runs)
        for (const id of runs) expect(await store.entries(id)).toHaveLength(entries.length)
      }
  })
})

function ended(id: string): RunRow {
  const totals = { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }
  const origin = { parentId: null, parentKey: null, lineageId: id, forkOf: null, forkSeq: null, root: id, round: 1 }
  const alone = { sessionId: null, turn: null }
  const stands = { status: 'completed', waiting: null, waits: [], wakeAt: null, priority: 0, tags: [] } as const
  const unsaid = { tenant: null, user: null, concurrency: null, expireAt: null, deadlineAt: null }
  const times = { createdAt: 0, endedAt: 1, erasedAt: null }
  return {
    id,
    kind: 'workflow',
    name: 'rounds',
    version: 1,
    ...origin,
    ...alone,
    ...stands,
    ...unsaid,
    owner: null,
    epoch: 0,
    attempts: 0,
    ...times,
    totals,
  }
}
