// What has ended long enough ago goes by itself while a worker is up.
import { changedStore, crashing, type ManualClock, manualClock, memoryStore } from '@reprise/testing'
import { beginning } from '@reprise/testing/store-suite'
import { describe, expect, it } from 'vitest'
import type { RunRow, Store } from '../src/index.ts'
import { StoreError } from '../src/index.ts'
import { quiet, runtimeOf, workflow } from './flow.fixture.ts'

const DAY_MS = 86_400_000
const NOW = 100 * DAY_MS
const flow = workflow(async () => 'done')

/** A store with runs that have ended so many days ago. */
async function storeOf(rows: Record<string, Partial<RunRow> & { readonly days?: number }>): Promise<Store> {
  const store = memoryStore()
  await store.commit(
    Object.entries(rows).map(([id, { days, ...row }]) =>
      beginning(id, { owner: null, ...row, ...(days !== undefined && { endedAt: NOW - days * DAY_MS }) }),
    ),
  )
  return store
}

const ended = (days: number, status: RunRow['status'] = 'completed') => ({ status, days })
const idsOf = async (store: Store): Promise<string[]> => (await store.runs({ limit: 5_000 })).map(({ id }) => id)

async function hours(clock: ManualClock, count: number): Promise<void> {
  for (let minute = 0; minute < count * 60; minute++) await clock.advance(60_000)
}

describe('retention', () => {
  it('deletes what ended longer ago than it is kept, by how it ended, and nothing else', async () => {
    const store = await storeOf({
      old: ended(31),
      late: ended(30 - 2 / 24),
      'failed, old': ended(91, 'failed'),
      'failed, late': ended(89, 'failed'),
      cancelled: ended(99, 'cancelled'),
      parent: { status: 'waiting' },
      'parent/child': { ...ended(50), parentId: 'parent', parentKey: 'child:a' },
      first: ended(50),
      'first~2': { status: 'waiting', root: 'first', round: 2 },
      quarantined: { status: 'quarantined' },
    })
    const clock = manualClock({ now: NOW })
    const runtime = runtimeOf([flow], store, clock, { retention: { completed: '30d', failed: '90d' } })
    await hours(clock, 1)
    expect(await idsOf(store)).toHaveLength(10)

    const worker = runtime.work()
    await clock.advance(1_000)
    const kept = ['failed, late', 'cancelled', 'parent', 'parent/child', 'first', 'first~2', 'quarantined']
    expect(await idsOf(store)).toEqual(['late', ...kept])
    await hours(clock, 2)
    expect(await idsOf(store)).toEqual(kept)
    await worker.stop()
    await runtime.close()
  })

  it('deletes for every worker that is up, and none of them once the last has stopped', { tags: 'slow' }, async () => {
    const store = await storeOf({ a: ended(30 - 1 / 24), b: ended(30 - 3 / 24) })
    const clock = manualClock({ now: NOW })
    const runtime = runtimeOf([flow], store, clock, { retention: { completed: '30d' } })
    const workers = [runtime.work(), runtime.work()] as const
    await workers[0].stop()
    await hours(clock, 2)
    expect(await idsOf(store)).toEqual(['b'])
    await workers[1].stop()
    await hours(clock, 10)
    expect(await idsOf(store)).toEqual(['b'])
    const third = runtime.work()
    await clock.advance(1_000)
    expect(await idsOf(store)).toEqual([])
    await third.stop()
    await runtime.close()
  })

  it(
    'goes in small bites with pauses in between, at moments that two processes do not share',
    { tags: 'slow' },
    async () => {
      const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`r${index}`, ended(31)]))
      const store = await storeOf(many)
      const clock = manualClock({ now: NOW })
      const bites: [who: string, minute: number, deleted: number][] = []
      const watched = (who: string): Store =>
        changedStore(store, {
          gc: async (...given) => {
            const deleted = await store.gc(...given)
            bites.push([who, Math.floor(clock.monotonic() / 60_000), deleted.length])
            return deleted
          },
        })
      const runtimes = [0.1, 0.9].map((chance, index) =>
        runtimeOf([flow], watched(`p${index}`), clock, { random: () => chance, retention: { completed: '30d' } }),
      )
      for (const runtime of runtimes) runtime.work()
      await hours(clock, 2)
      await Promise.all(runtimes.map((runtime) => runtime.close()))
      expect(bites).toEqual([
        ['p0', 6, 1_000],
        ['p0', 6, 1_000],
        ['p0', 6, 500],
        ['p0', 42, 0],
        ['p1', 54, 0],
        ['p0', 78, 0],
        ['p0', 114, 0],
      ])
    },
  )

  it('lets a runtime that is closed end its bite, and deletes no more', async () => {
    const store = await storeOf({ r: ended(31) })
    const gate = Promise.withResolvers<void>()
    let calls = 0
    const slow = changedStore(store, {
      gc: async () => {
        calls += 1
        await gate.promise
        return Array.from({ length: 1_000 }, (_, index) => `r${index}`)
      },
    })
    const clock = manualClock({ now: NOW })
    const runtime = runtimeOf([flow], slow, clock, { retention: { completed: '30d' } })
    runtime.work()
    await clock.advance(1_000)
    let closed = false
    const closing = runtime.close().then(() => (closed = true))
    await clock.advance(10_000)
    expect([calls, closed]).toEqual([1, false])
    gate.resolve()
    await closing
    expect(calls).toBe(1)
  })

  it('says once that its store fails, and goes on when it works again', { tags: 'slow' }, async () => {
    const store = await storeOf({ r: ended(31) })
    let isDown = true
    const failing = changedStore(store, {
      gc: (...given) =>
        isDown
          ? Promise.reject(new StoreError({ code: 'store_failed', message: 'The disk is full.' }))
          : store.gc(...given),
    })
    const clock = manualClock({ now: NOW })
    const lines: string[] = []
    const note = (line: string): void => void lines.push(line)
    const log = { info: note, warn: note, error: note }
    const runtime = runtimeOf([flow], failing, clock, { log, retention: { completed: '30d' } })
    runtime.work()
    await hours(clock, 2)
    expect(lines).toEqual(['Runs that retention keeps no longer could not be deleted yet: The disk is full.'])
    isDown = false
    await hours(clock, 1)
    expect(await idsOf(store)).toEqual([])
    expect(lines.at(-1)).toBe('Retention deleted runs that were completed longer ago than they are kept: 1.')
    await runtime.close()
  })

  it.each(['before', 'after'] as const)(
    'that dies %s one of its bites leaves nothing half done: the next process deletes the rest',
    async (side) => {
      const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`r${index}`, ended(31)]))
      for (const at of [1, 2]) {
        const store = await storeOf({ ...many, late: ended(1) })
        const clock = manualClock({ now: NOW })
        // The looks of a worker count as writes too: there are none, so that the bites are the first.
        const dying = changedStore(crashing(store, { of: 'write', at, side }), { take: async () => [] })
        const first = runtimeOf([flow], dying, clock, { retention: { completed: '30d' } })
        first.work()
        await clock.advance(5_000)
        const bites = side === 'before' ? at - 1 : at
        expect(await idsOf(store)).toHaveLength(1_501 - Math.min(1_500, bites * 1_000))
        await first.close()
        const second = runtimeOf([flow], store, clock, { retention: { completed: '30d' } })
        second.work()
        await clock.advance(5_000)
        expect(await idsOf(store)).toEqual(['late'])
        await second.close()
      }
    },
  )

  it.each([
    [{ completed: '30 days' }, 'createRuntime was given retention.completed: "30 days".'],
    [{ failed: 30 }, 'createRuntime was given retention.failed: the number 30.'],
    [{ quarantined: '30d' }, 'createRuntime was given retention of: "quarantined".'],
    ['30d', 'createRuntime was given retention: "30d".'],
  ])('%j is refused in words', (retention, said) => {
    const expected =
      "Give it { completed, failed, cancelled }, each a time to keep such runs for: a whole number and s, m, h, d or w, such as '30d'."
    expect(() =>
      runtimeOf([flow], memoryStore(), manualClock(), { log: quiet, retention: retention as object }),
    ).toThrow(`${said} ${expected}`)
  })
})
