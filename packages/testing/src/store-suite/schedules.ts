import { describe, expect, test } from 'vitest'
import type { RunWrite, ScheduleFilter, StoredSchedule } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning } from './samples.ts'

function sampleSchedule(name: string, rest: Partial<StoredSchedule> = {}): StoredSchedule {
  const definition = { kind: 'agent', name: 'support' } as const
  const text = JSON.stringify({ cron: '30 2 * * *', input: `of ${name}` })
  return { name, etag: `${name} 1`, definition, dueAt: 100, paused: false, tenant: null, user: null, text, ...rest }
}

/** Schedules: kept by the etag that was seen, found when they are due, moved on together with the run that they begin. */
export function schedulesSuite(bench: Bench): void {
  const keep = async (...schedules: readonly StoredSchedule[]): Promise<void> => {
    for (const schedule of schedules) await bench.store.keepSchedule({ schedule, before: null })
  }
  const listed = async (filter: ScheduleFilter = {}): Promise<string[]> =>
    (await bench.store.schedules(filter)).map(({ name }) => name)
  const due = async (now: number, rest: object = {}): Promise<string[]> => {
    const definitions = [{ kind: 'agent', name: 'support' } as const]
    const found = await bench.store.dueSchedules({ now, definitions, except: [], limit: 10, ...rest })
    return found.map(({ name }) => name)
  }

  describe('schedules', () => {
    test('are given back as they were kept, in the order of their names, a page at a time', async () => {
      const b = sampleSchedule('b', { dueAt: null, paused: true, tenant: 'acme', user: 'ann', text: '{"ü":"\\u0000"}' })
      await keep(b, sampleSchedule('a'), sampleSchedule('B'))

      expect(await bench.store.schedules({ name: 'b' })).toEqual([b])
      expect(await listed()).toEqual(['B', 'a', 'b'])
      expect(await listed({ limit: 2 })).toEqual(['B', 'a'])
      expect(await listed({ after: 'a' })).toEqual(['b'])
      expect(await listed({ tenant: 'acme' })).toEqual(['b'])
      expect(await listed({ user: 'ann', tenant: 'other' })).toEqual([])
    })

    test('are written by whoever saw them as they stand, and by nobody else', async () => {
      const [first, second] = [sampleSchedule('a'), sampleSchedule('a', { etag: 'a 2', dueAt: 200 })]
      const { store } = bench
      expect(await store.keepSchedule({ schedule: first, before: null })).toBe(true)
      expect(await store.keepSchedule({ schedule: second, before: null })).toBe(false)
      expect(await store.keepSchedule({ schedule: second, before: 'another' })).toBe(false)
      expect(await store.keepSchedule({ schedule: second, before: 'a 1' })).toBe(true)
      expect(await store.keepSchedule({ schedule: sampleSchedule('a', { etag: 'a 3' }), before: 'a 1' })).toBe(false)
      expect(await store.schedules({})).toEqual([second])
    })

    test('of which the same is written twice stand, since nobody may have heard of the first time', async () => {
      const second = sampleSchedule('a', { etag: 'a 2' })
      await keep(sampleSchedule('a'))
      await bench.store.keepSchedule({ schedule: second, before: 'a 1' })

      expect(await bench.store.keepSchedule({ schedule: second, before: 'a 1' })).toBe(true)
    })

    test('are not there once they are deleted, and a change of them is refused', async () => {
      await keep(sampleSchedule('a'))

      expect(await bench.store.deleteSchedule('a')).toBe(true)
      expect(await bench.store.deleteSchedule('a')).toBe(false)
      expect(await bench.store.keepSchedule({ schedule: sampleSchedule('a', { etag: '2' }), before: 'a 1' })).toBe(
        false,
      )
      expect(await listed()).toEqual([])
      await keep(sampleSchedule('a', { text: '{"again":true}' }))
      expect(await bench.store.schedules({})).toEqual([sampleSchedule('a', { text: '{"again":true}' })])
    })

    test('are due from their moment on, unless they are paused, of another definition, or left alone', async () => {
      const workflow = { kind: 'workflow', name: 'support' } as const
      await keep(
        sampleSchedule('later', { dueAt: 101 }),
        sampleSchedule('b'),
        sampleSchedule('a'),
        sampleSchedule('long', { dueAt: 1 }),
        sampleSchedule('paused', { paused: true }),
        sampleSchedule('never', { dueAt: null }),
        sampleSchedule('foreign', { definition: workflow, dueAt: 0 }),
      )

      expect(await due(100)).toEqual(['long', 'a', 'b'])
      expect(await due(100, { limit: 1 })).toEqual(['long'])
      expect(await due(100, { except: ['long', 'b'] })).toEqual(['a'])
      expect(await due(100, { definitions: [workflow] })).toEqual(['foreign'])
      expect(await due(0.5)).toEqual([])
    })

    test('are moved on with the write that begins their run, or neither is done', async () => {
      const { store } = bench
      const moved = sampleSchedule('a', { etag: 'a 2', dueAt: 200 })
      const firing = (id: string, before: string | null, schedule = moved): RunWrite => ({
        ...beginning(id, { status: 'queued', owner: null }),
        fires: { schedule, before },
      })
      await keep(sampleSchedule('a'))
      await store.commit([beginning('taken')])

      expect(await store.commit([firing('taken', 'a 1'), firing('r1', 'another'), firing('r1', 'a 1')])).toEqual([
        { kind: 'exists' },
        { kind: 'stale' },
        { kind: 'written' },
      ])
      expect(await store.schedules({})).toEqual([moved])
      expect(await store.run('r1')).toMatchObject({ status: 'queued' })

      const late = sampleSchedule('a', { etag: 'a 3', dueAt: 300 })
      expect(await store.commit([firing('r2', 'a 1', late), appending('taken', 1)])).toEqual([
        { kind: 'stale' },
        { kind: 'written' },
      ])
      expect(await store.run('r2')).toBeUndefined()
      expect(await store.schedules({})).toEqual([moved])
    })

    test('stand with a run that stands from the same writer, and not with one that was deleted', async () => {
      const { store } = bench
      const moved = sampleSchedule('a', { etag: 'a 2', dueAt: 200 })
      const ended = { status: 'completed', endedAt: 5, owner: null } as const
      const firing: RunWrite = { ...beginning('r1', ended), fires: { schedule: moved, before: 'a 1' } }
      await keep(sampleSchedule('a'))
      await store.commit([firing])

      expect(await store.commit([firing])).toEqual([{ kind: 'written' }])
      expect(await store.gc(10, ['completed'], 10)).toEqual(['r1'])
      expect(await store.commit([firing])).toEqual([{ kind: 'stale' }])
      expect(await store.run('r1')).toBeUndefined()
      expect(await store.schedules({})).toEqual([moved])
    })
  })
}
