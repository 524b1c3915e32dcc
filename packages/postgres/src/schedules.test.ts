// Schedules of a store that others have open as well, and of one that is encrypted.
import { beginning } from '@reprise/testing/store-suite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRuntime, type RunWrite, type StoredSchedule } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { Journal } from './rows.fixture.ts'
import { selectDue } from './schedules.ts'
import { tablesOf } from './tables.ts'
import type { Tables } from './tables.ts'
import { asAdmin, freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'

const encryption = { key: Buffer.alloc(32, 'key') }
const support = { kind: 'agent', name: 'support' } as const
const SECRET = '{"input":"for your eyes only"}'

function scheduleOf(name: string, rest: Partial<StoredSchedule> = {}): StoredSchedule {
  const of = { name, etag: '1', definition: support, dueAt: 100, paused: false, tenant: null, user: null, text: SECRET }
  return { ...of, ...rest }
}

describe.each([true, false])('in a store that is encrypted (%s)', (isSealed) => {
  let schema: string
  let tables: Tables
  const stores: PostgresStore[] = []
  beforeEach(() => {
    schema = freshSchema()
    tables = tablesOf(schema)
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })
  const open = async (): Promise<PostgresStore> => {
    const keys = await keysUrl()
    const store = postgres(await serverUrl(), { schema, ...(isSealed && { encryption, keys }) })
    stores.push(store)
    return store
  }

  test('a schedule says what it does in the clear only where the store does, and its key goes with it', async () => {
    const store = await open()
    await store.keepSchedule({ schedule: scheduleOf('a'), before: null })
    const stands = await asAdmin<{ body: string | null; sealed: Buffer | null }>(
      `select body, sealed from ${tables.schedules}`,
    )
    expect(JSON.stringify(stands).includes('for your eyes only')).toBe(!isSealed)
    expect(stands[0]?.sealed?.includes('for your eyes only') ?? false).toBe(false)
    const keys = async (): Promise<number> => {
      if (!isSealed) return 0
      return (await asAdmin(`select 1 from ${tables.keys} where lineage = 'schedule a'`, await keysUrl())).length
    }
    expect(await keys()).toBe(isSealed ? 1 : 0)

    expect(await store.deleteSchedule('a')).toBe(true)
    expect(await keys()).toBe(0)

    const late = { schedule: scheduleOf('a', { etag: '2' }), before: '1' }
    expect(await store.keepSchedule(late)).toBe(false)
    expect(await keys()).toBe(0)
    expect(await store.commit([{ ...beginning('r1'), fires: late }])).toEqual([{ kind: 'stale' }])
    expect(await keys()).toBe(0)
  })

  test('one that was deleted and made again elsewhere is read by whoever knew the first', async () => {
    const [store, other] = [await open(), await open()]
    await store.keepSchedule({ schedule: scheduleOf('a'), before: null })
    expect(await store.schedules({})).toHaveLength(1)
    await other.deleteSchedule('a')
    const again = scheduleOf('a', { text: '{"again":1}' })
    await other.keepSchedule({ schedule: again, before: null })

    expect(await store.schedules({})).toEqual([again])
    const moved = scheduleOf('a', { etag: '2' })
    expect(await store.keepSchedule({ schedule: moved, before: '1' })).toBe(true)
    expect(await other.schedules({})).toEqual([moved])
  })

  test('those of a person are deleted where the person is erased', async () => {
    const store = await open()
    const [acme, ann, kind] = ['acme', { tenant: 'acme', user: 'ann' }, 'agent' as const]
    await store.commit([beginning('r1', { ...ann, status: 'completed', endedAt: 5, owner: null })])
    for (const [name, whose] of [
      ['a', ann],
      ['b', ann],
      ['c', { tenant: acme }],
    ] as const)
      await store.keepSchedule({ schedule: scheduleOf(name, { definition: { kind, name }, ...whose }), before: null })
    await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [] })

    expect(await runtime.eraseSubject(ann, { by: 'ana' })).toMatchObject({ runs: 1, schedules: 2 })
    expect((await store.schedules({})).map(({ name }) => name)).toEqual(['c'])
    expect(await runtime.audit({ action: 'erased' })).toMatchObject([{ runId: 'r1', tenant: acme }])
  })

  test('of many who fire one moment at once, each with a run of its own, one does', async () => {
    const workers = await Promise.all([1, 2, 3, 4].map(() => open()))
    const [first] = workers
    await first?.keepSchedule({ schedule: scheduleOf('a', { etag: '0' }), before: null })
    for (let round = 0; round < 10; round++) {
      const fire = (worker: number): RunWrite => ({
        ...beginning(`${round} of ${worker}`, { status: 'queued', owner: null }),
        fires: { schedule: scheduleOf('a', { etag: String(round + 1) }), before: String(round) },
      })
      const results = await Promise.all(workers.map((store, worker) => store.commit([fire(worker)])))
      expect(
        results
          .flat()
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['stale', 'stale', 'stale', 'written'])
    }

    expect(await first?.runs({})).toHaveLength(10)
    expect(await first?.schedules({})).toEqual([scheduleOf('a', { etag: '10' })])
  })

  test(
    'of many who make one of a name at once, one does, and so of those who fire what nobody has made',
    { tags: 'slow' },
    async () => {
      const workers = await Promise.all([1, 2, 3, 4].map(() => open()))
      const made = await Promise.all(
        workers.map((store, worker) =>
          store.keepSchedule({ schedule: scheduleOf('a', { etag: `${worker}` }), before: null }),
        ),
      )
      const fired = await Promise.all(
        workers.map((store, worker) => {
          const fires = { schedule: scheduleOf('b', { etag: `${worker}` }), before: null }
          return store.commit([{ ...beginning(`r${worker}`), fires }])
        }),
      )

      expect(made.filter(Boolean)).toHaveLength(1)
      expect(fired.flat().filter(({ kind }) => kind === 'written')).toHaveLength(1)
      expect(await workers[0]?.runs({})).toHaveLength(1)
    },
  )
})

test('what is due is found without going through what is not', { tags: 'slow' }, async () => {
  await using journal = await Journal.open()
  await journal.client.query(`
    insert into ${journal.tables.schedules} (name, etag, kind, definition, due_at, paused, tenant, body)
      select 's' || n, '1', 'agent', 'support', case when n < 5 then n else 1000 + n end, n % 5 = 4, 'acme', '{}'
        from generate_series(0, 2999) n;
    analyze`)
  const filter = { now: 100, definitions: [support], except: ['s1'], limit: 3, tenant: 'acme' }
  const { text, values } = selectDue(journal.tables, filter)

  expect(await journal.rowsRead(text, values, 'schedules')).toBeLessThan(10)
  expect((await journal.store.dueSchedules(filter)).map(({ name }) => name)).toEqual(['s0', 's2', 's3'])
})
