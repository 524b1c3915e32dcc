// What a program is told of its queue, and of itself.
import { changedStore, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { beginning, sampleMessage } from '@reprise/testing/store-suite'
import { describe, expect, it } from 'vitest'
import { metricsText, type QueueStats, type RunRow, type Runtime, type Store, StoreError } from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'

const NOW = 1_764_000_100_000
const MINUTE_MS = 60_000
const flow = workflow(async () => 'done')
const NONE = { 'in-doubt': 0, approval: 0, answer: 0, signal: 0, child: 0, interrupted: 0 }
const EMPTY = {
  depth: 0,
  oldestMs: 0,
  running: 0,
  delayed: 0,
  waiting: NONE,
  quarantined: 0,
  inDoubt: 0,
  interrupted: 0,
}

/** The definitions of the runtimes here, of which no run is stored. */
const OWN = [
  { kind: 'agent', name: 'echo', ...EMPTY },
  { kind: 'workflow', name: 'flow', ...EMPTY },
]

/** A store with runs of each sort. */
async function storeOf(rows: Record<string, Partial<RunRow>>): Promise<Store> {
  const store = memoryStore()
  await store.commit(Object.entries(rows).map(([id, row]) => beginning(id, { owner: null, ...row })))
  return store
}

const waitsFor = (waiting: NonNullable<RunRow['waiting']>, wakeAt: number | null = null): Partial<RunRow> => ({
  status: 'waiting',
  waiting,
  waits: [waiting],
  wakeAt,
})
const error = { code: 'no_key', message: 'There is no key.' }
const until = NOW + MINUTE_MS

const EACH = {
  new: { status: 'queued', createdAt: NOW - 5_000 },
  old: { status: 'queued', createdAt: NOW - MINUTE_MS, name: 'sales' },
  due: waitsFor({ kind: 'timer', key: 'sleep', until: NOW - 1 }, NOW - 1),
  sleeper: waitsFor({ kind: 'timer', key: 'sleep', until }, until),
  retrying: waitsFor({ kind: 'retry', key: 'step:a', until }, until),
  asking: waitsFor({ kind: 'signal', key: 'receive:go', signal: 'go' }),
  doubtful: waitsFor({ kind: 'in-doubt', key: 'call:0', id: 'call:0', tool: 'pay', arguments: {} }),
  stopped: waitsFor({ kind: 'interrupted', key: 'run', error, until, times: 3, mendable: true }, until),
  parked: { status: 'quarantined', waiting: { kind: 'quarantined', key: 'run', reason: 'It is damaged.' } },
  driven: { owner: 'ann' },
  ended: { status: 'failed', endedAt: 5 },
} as const satisfies Record<string, Partial<RunRow>>

async function until60(clock: ManualClock, holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 400 && !(await holds()); turn++) await clock.advance(250)
}

describe('runtime.queue', () => {
  it('says nothing of an empty store, and of one in which all has ended', async () => {
    const clock = manualClock({ now: NOW })
    await using empty = runtimeOf([flow], memoryStore(), clock)
    expect(await empty.queue()).toEqual({ at: NOW, ...EMPTY, owners: [] })
    await using ended = runtimeOf([flow], await storeOf({ r: EACH.ended }), clock)
    expect(await ended.queue({ byDefinition: true })).toEqual({ at: NOW, ...EMPTY, owners: [], definitions: OWN })
  })

  it('counts each run once, and tells for how long the one could be taken that could be for longest', async () => {
    await using runtime = runtimeOf([flow], await storeOf(EACH), manualClock({ now: NOW }))
    const waiting = { ...NONE, signal: 1, 'in-doubt': 1, interrupted: 1 }
    const rest = { running: 1, delayed: 2, waiting, quarantined: 1, inDoubt: 1, interrupted: 1 }
    expect(await runtime.queue({ byDefinition: true })).toEqual({
      at: NOW,
      depth: 3,
      oldestMs: MINUTE_MS,
      ...rest,
      owners: [{ owner: 'ann', stillMs: 0 }],
      definitions: [
        OWN[0],
        { kind: 'agent', name: 'sales', ...EMPTY, depth: 1, oldestMs: MINUTE_MS },
        { kind: 'agent', name: 'support', depth: 2, oldestMs: 5_000, ...rest },
        OWN[1],
      ],
    })
  })

  it('counts what waits with mail as one that could be taken, since the mail came', async () => {
    const store = await storeOf({ asking: EACH.asking })
    await store.send({ ...sampleMessage('asking', 'a'), at: NOW - 7_000 })
    await using runtime = runtimeOf([flow], store, manualClock({ now: NOW }))
    expect(await runtime.queue()).toMatchObject({ depth: 1, oldestMs: 7_000, waiting: NONE })
  })

  it('tells no age below zero where another machine’s clock is ahead', async () => {
    await using runtime = runtimeOf(
      [flow],
      await storeOf({ r: { status: 'queued', createdAt: NOW + 9_000 } }),
      manualClock({ now: NOW }),
    )
    expect(await runtime.queue()).toMatchObject({ depth: 1, oldestMs: 0 })
  })

  it('follows runs through a process that dies with them: who is gone is seen to stand still, and the next one drives them', async () => {
    const clock = manualClock({ now: NOW })
    const store = memoryStore()
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const steps: number[] = []
    const long = workflow((ctx) => ctx.step('long', () => gates[steps.push(steps.length)]?.promise), 'long')
    let isDead = false
    const dying = changedStore(
      store,
      Object.fromEntries(
        (['commit', 'take', 'heartbeat', 'owners', 'owned', 'mail'] as const).map((name) => [
          name,
          (...given: never[]) =>
            isDead
              ? Promise.reject(new StoreError({ code: 'store_failed', message: 'This process is gone.' }))
              : (store[name] as (...args: never[]) => Promise<unknown>)(...given),
        ]),
      ),
    )
    // As on two machines: neither can look whether the other's process lives.
    const owners = (name: string) => ({
      name: () => name,
      isGone: () => false,
      isGoneWhole: () => false,
      livesElsewhere: () => false,
    })
    const first = runtimeOf([long], dying, clock, { owners: owners('first') })
    await first.enqueue(long, '', { id: 'r' })
    first.work()
    const counts = async (runtime: Runtime): Promise<QueueStats> => runtime.queue()
    await until60(clock, async () => steps.length === 1)
    expect(await counts(first)).toMatchObject({
      depth: 0,
      running: 1,
      owners: [{ owner: 'first', stillMs: expect.any(Number) as number }],
    })
    isDead = true

    const second = runtimeOf([long], store, clock, { owners: owners('second') })
    second.work()
    for (let turn = 0; turn < 40; turn++) await clock.advance(250)
    const { owners: seen, ...stats } = await counts(second)
    expect(stats).toMatchObject({ depth: 0, running: 1 })
    expect(seen).toMatchObject([{ owner: 'first' }])
    expect(seen[0]?.stillMs).toBeGreaterThan(8_000)
    await until60(clock, async () => steps.length === 2)
    gates[1].resolve()
    await until60(clock, async () => (await store.run('r'))?.status === 'completed')
    expect(await counts(second)).toEqual({ at: clock.now(), ...EMPTY, owners: [] })
    gates[0].resolve()
    await Promise.all([second.close(), first.close(), clock.advance(MINUTE_MS)])
  })

  it('is refused when the runtime is closed', async () => {
    const runtime = runtimeOf([flow])
    await runtime.close()
    await expect(runtime.queue()).rejects.toMatchObject({ code: 'runtime_closed' })
    await using open = runtimeOf([flow])
    await expect(open.queue(null as never)).rejects.toMatchObject({ code: 'bad_argument' })
  })
})

describe('runtime.health', () => {
  it('is well with a store that answers, without a worker and with one that looks', async () => {
    const clock = manualClock({ now: NOW })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    expect(await runtime.health()).toEqual({ live: true, ready: true, problems: [], runs: 0, workers: [] })
    const worker = runtime.work()
    await clock.advance(1_100)
    const working = { state: 'working', runs: 0, lookedMsAgo: 100, looksForMs: null, failed: null }
    expect(await runtime.health()).toEqual({ live: true, ready: true, problems: [], runs: 0, workers: [working] })
    await worker.stop()
  })

  it('is not ready from the moment on at which its worker is told to stop, until another one works', async () => {
    const clock = manualClock({ now: NOW })
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const long = workflow((ctx) =>
      ctx.step('long', () => {
        begun.resolve()
        return gate.promise
      }),
    )
    await using runtime = runtimeOf([long], memoryStore(), clock)
    await runtime.enqueue(long, '', { id: 'r' })
    const worker = runtime.work()
    await begun.promise
    const stopping = worker.stop()
    expect(await runtime.health()).toMatchObject({
      live: true,
      ready: false,
      problems: ['Worker 1 is stopping.'],
      runs: 1,
    })
    gate.resolve()
    await stopping
    expect(await runtime.health()).toMatchObject({
      live: true,
      ready: false,
      problems: ['Worker 1 was stopped.'],
      runs: 0,
    })
    runtime.work()
    expect(await runtime.health()).toMatchObject({ ready: true, workers: [{ state: 'working' }] })
  })

  it('is not ready while its store fails or does not answer, and is live all the same', async () => {
    const clock = manualClock({ now: NOW })
    const store = memoryStore()
    let how: 'works' | 'fails' | 'hangs' = 'fails'
    const failing = new StoreError({ code: 'store_failed', message: 'The disk is gone.', retryable: true })
    const changed = changedStore(store, {
      owners: () => {
        if (how === 'hangs') return new Promise(() => undefined)
        return how === 'fails' ? Promise.reject(failing) : store.owners()
      },
    })
    const runtime = runtimeOf([flow], changed, clock)
    const worker = runtime.work()
    await clock.advance(1_000)
    expect(await runtime.health()).toMatchObject({
      live: true,
      ready: false,
      problems: ['The store fails: The disk is gone.', 'Worker 1 could not look for runs: The disk is gone.'],
      workers: [{ lookedMsAgo: null, failed: 'The disk is gone.' }],
    })
    how = 'works'
    await clock.advance(MINUTE_MS)
    expect(await runtime.health()).toMatchObject({ ready: true, problems: [] })

    how = 'hangs'
    await clock.advance(1_000)
    const looking = runtime.health()
    await clock.advance(2_000)
    expect(await looking).toMatchObject({ live: true, ready: false, problems: ['The store has not answered for 2 s.'] })
    await clock.advance(2 * MINUTE_MS)
    const late = runtime.health()
    await clock.advance(2_000)
    expect(await late).toMatchObject({
      live: false,
      ready: false,
      problems: [
        'The store has not answered for 2 s.',
        expect.stringMatching(/^Worker 1 has been looking for runs for 12\d s: restart the process\.$/),
      ],
    })
    void worker
  })

  it('is not ready where what it drives is not shown to be driven', async () => {
    const clock = manualClock({ now: NOW })
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    let beats = true
    const deaf = changedStore(store, {
      heartbeat: (...given) => (beats ? store.heartbeat(...given) : new Promise(() => undefined)),
    })
    const long = workflow((ctx) => ctx.step('long', () => gate.promise))
    const runtime = runtimeOf([long], deaf, clock)
    await runtime.start(long, '', { id: 'r' })
    await clock.advance(10_000)
    expect(await runtime.health()).toMatchObject({ ready: true, runs: 1 })
    beats = false
    await clock.advance(3_000)
    expect(await runtime.health()).toMatchObject({ ready: true })
    await clock.advance(3_000)
    expect(await runtime.health()).toMatchObject({
      live: true,
      ready: false,
      problems: ['This process has not shown for some seconds that it lives: others may take its runs.'],
    })
    gate.resolve()
  })

  it('asks nothing of a store that was let go of', async () => {
    let asked = 0
    const store = memoryStore()
    const runtime = runtimeOf([flow], changedStore(store, { owners: () => ((asked += 1), store.owners()) }))
    await runtime.close()
    const before = asked
    expect(await runtime.health()).toMatchObject({ live: true, ready: false, problems: ['The runtime is closed.'] })
    expect(asked).toBe(before)
  })
})

describe('metricsText', () => {
  it('says all of it in the format of Prometheus', async () => {
    const clock = manualClock({ now: NOW })
    const runtime = runtimeOf([flow], await storeOf(EACH), clock, { log: quiet })
    const worker = runtime.work()
    await clock.advance(250)
    const [queue, health] = [await runtime.queue(), await runtime.health()]
    await Promise.all([worker.stop(), runtime.close()])
    expect(
      metricsText({ queue, health })
        .split('\n')
        .filter((line) => !line.startsWith('#')),
    ).toEqual([
      'reprise_queue_depth 3',
      'reprise_queue_oldest_age_seconds 60.25',
      'reprise_runs_running 1',
      'reprise_runs_delayed 2',
      'reprise_runs_waiting{on="in-doubt"} 1',
      'reprise_runs_waiting{on="approval"} 0',
      'reprise_runs_waiting{on="answer"} 0',
      'reprise_runs_waiting{on="signal"} 1',
      'reprise_runs_waiting{on="child"} 0',
      'reprise_runs_waiting{on="interrupted"} 1',
      'reprise_runs_quarantined 1',
      'reprise_owners 1',
      'reprise_owners_still_seconds 0.25',
      'reprise_process_live 1',
      'reprise_process_ready 1',
      'reprise_process_runs 0',
      'reprise_process_workers 1',
      'reprise_process_look_age_seconds 0',
      '',
    ])
    expect(metricsText({ health }).split('\n').slice(0, 3)).toEqual([
      '# HELP reprise_process_live 1 where this process gets on, else 0.',
      '# TYPE reprise_process_live gauge',
      'reprise_process_live 1',
    ])
    expect(metricsText({})).toBe('')
  })

  it('tells definitions apart by labels, whatever their names have in them', () => {
    const name = 'a "b" \\c\nd'
    const queue: QueueStats = {
      at: 1,
      ...EMPTY,
      owners: [],
      definitions: [{ kind: 'agent', name, ...EMPTY, depth: 7 }],
    }
    expect(metricsText({ queue })).toContain('\nreprise_queue_depth{kind="agent",name="a \\"b\\" \\\\c\\nd"} 7\n')
  })
})
