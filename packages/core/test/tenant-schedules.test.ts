// The schedules of one tenant, beside those of others and of none.
import { manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { runtimeOf } from './flow.fixture.ts'
import { errorOf } from './golden.fixture.ts'
import { fired, flow, MINUTE, minutely, pass, START } from './schedule.fixture.ts'

/** A runtime with a schedule of another tenant and one of none, and the part of it that is acme's. */
async function shared() {
  const [clock, store] = [manualClock({ now: START }), memoryStore()]
  const runtime = runtimeOf([flow], store, clock)
  await runtime.schedule('theirs', minutely({ tenant: 'other', user: 'ann' }))
  await runtime.schedule('nobodys', minutely())
  return { clock, store, runtime, acme: runtime.forTenant('acme') }
}

describe('a runtime of one tenant', () => {
  it('declares schedules that are its own, sees those alone, and pauses, resumes and removes them', async () => {
    const { clock, store, runtime, acme } = await shared()
    const before = await store.schedules({})
    await acme.schedule('a', minutely())
    await acme.schedule('b', minutely({ tenant: 'acme', user: 'ann' }))
    const names = async () => (await acme.schedules.list()).map(({ name, tenant, user }) => [name, tenant, user])

    expect(await names()).toEqual([
      ['a', 'acme', null],
      ['b', 'acme', 'ann'],
    ])
    await acme.schedules.pause('a')
    expect(await acme.schedules.get('a')).toMatchObject({ paused: true })
    await clock.advance(MINUTE)
    await acme.schedules.resume('a')
    expect(await runtime.schedules.get('a')).toMatchObject({ paused: false, nextAt: START + 2 * MINUTE })
    await acme.schedules.remove('a')
    expect(await names()).toEqual([['b', 'acme', 'ann']])
    expect((await store.schedules({})).filter(({ name }) => name !== 'b')).toEqual(before)
    await runtime.close()
  })

  it('is refused the name of a schedule that is not its own, which stays as it is, and another tenant’s name', async () => {
    const { store, runtime, acme } = await shared()
    const before = await store.schedules({})
    for (const name of ['theirs', 'nobodys']) {
      const error = await errorOf(acme.schedule(name, minutely({ cron: '0 3 * * *' })))
      expect(error).toMatchObject({ code: 'schedule_taken', details: { schedule: name } })
      expect(error.message).toBe(
        `The name "${name}" is taken: names of schedules are one set for all tenants. Use another.`,
      )
    }
    expect((await errorOf(acme.schedule('a', minutely({ tenant: 'other' })))).code).toBe('bad_argument')
    expect(await store.schedules({})).toEqual(before)
    await runtime.close()
  })

  it('has a worker that fires its own schedules alone, each moment once beside that of the whole', async () => {
    const { clock, store, runtime, acme } = await shared()
    await acme.schedule('a', minutely())
    const worker = acme.work()
    await pass(clock, 2 * MINUTE)
    const firedBy = async () => [
      await fired(runtime, 'a'),
      await fired(runtime, 'theirs'),
      await fired(runtime, 'nobodys'),
    ]
    expect(await firedBy()).toEqual([[1, 2], [], []])
    expect((await store.runs({})).map(({ tenant, status }) => [tenant, status])).toEqual([
      ['acme', 'completed'],
      ['acme', 'completed'],
    ])
    runtime.work()
    await pass(clock, MINUTE)
    await worker.stop()

    expect(await firedBy()).toEqual([
      [1, 2, 3],
      [2, 3],
      [2, 3],
    ])
    await runtime.close()
  })

  it('runs one now and fills one back, and these runs are its own', async () => {
    const { clock, store, runtime, acme } = await shared()
    await acme.schedule('a', minutely())
    await clock.advance(2 * MINUTE + 1)
    const { id } = await acme.schedules.runNow('a')
    const ids = await acme.schedules.backfill('a', START, START + 2 * MINUTE)

    expect((await store.runs({})).map((row) => [row.id, row.tenant])).toEqual(
      [id, ...ids].map((each) => [each, 'acme']),
    )
    expect(ids).toHaveLength(2)
    await runtime.close()
  })
})
