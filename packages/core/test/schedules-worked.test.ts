import { manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow, type Runtime } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { fired, flow, MINUTE, minutely, pass, START, world } from './schedule.fixture.ts'

describe('declaring a schedule', () => {
  it('again changes nothing, and with other options what comes from now on', async () => {
    const [clock, store] = [manualClock({ now: START }), memoryStore()]
    await using runtime = runtimeOf([flow], store, clock)
    await runtime.schedule('s', minutely())
    const [stored] = await store.schedules({})
    await clock.advance(30_000)
    await runtime.schedule('s', minutely())
    expect(await store.schedules({})).toEqual([stored])

    await runtime.schedules.pause('s')
    await runtime.schedule('s', minutely({ input: 'other' }))
    expect(await runtime.schedules.get('s')).toMatchObject({ input: 'other', nextAt: START + MINUTE, paused: true })
    await runtime.schedule('s', minutely({ cron: '0 3 * * *', timeZone: 'Europe/Oslo' }))
    expect(await runtime.schedules.get('s')).toMatchObject({
      input: 'go',
      nextAt: Date.UTC(2026, 11, 1, 2),
      paused: true,
    })
  })

  it('with a lower version changes nothing, so that two deploys side by side do not take turns', async () => {
    const store = memoryStore()
    const deploys = [runtimeOf([flow], store), runtimeOf([flow], store)] as const
    const declare = (): Promise<unknown> =>
      Promise.all([
        deploys[0].schedule('s', minutely({ cron: '0 1 * * *' })),
        deploys[1].schedule('s', minutely({ cron: '0 2 * * *', version: 2 })),
      ])
    await declare()
    const [stored] = await store.schedules({})
    expect(await deploys[0].schedules.get('s')).toMatchObject({ cron: '0 2 * * *', version: 2 })
    await declare()
    expect(await store.schedules({})).toEqual([stored])
    await Promise.all(deploys.map((each) => each.close()))
  })

  it('by ten at once is one declaration', async () => {
    const store = memoryStore()
    const runtimes = Array.from({ length: 10 }, () => runtimeOf([flow], store))
    await Promise.all(runtimes.map((each) => each.schedule('s', minutely())))
    expect(await runtimes[0]?.schedules.list()).toHaveLength(1)
    await Promise.all(runtimes.map((each) => each.close()))
  })

  it.for([
    [{ cron: '0 0 30 2 *' }, 'runtime.schedule was given cron "0 0 30 2 *": it never comes. Give it minute, hour'],
    [{ cron: '61 * * * *' }, 'runtime.schedule was given cron "61 * * * *": Invalid value for minute: 61. Give it'],
    [{ timeZone: 'Oslo' }, 'runtime.schedule was given timeZone "Oslo", which is no time zone here. Give it a name of'],
    [{ input: 7 }, 'The input given to workflow "flow" is wrong.'],
    [{ input: [1n] }, 'The input of the schedule "s" cannot be kept in a journal: [0] is a bigint. Use plain JSON.'],
    [{ context: 'none' }, 'The context given to workflow "flow" has no place'],
    [{ momentAs: 'at' }, 'runtime.schedule was given momentAs: "at". It names a member of the input of a workflow'],
    [{ catchUp: 'some' }, `runtime.schedule was given catchUp: "some". Give it 'none', 'last', 'all'.`],
    [{ overlap: 'wait' }, `runtime.schedule was given overlap: "wait". Give it 'skip', 'queue', 'cancel'.`],
    [{ version: 0 }, 'The schedule "s" has version 0. It must be a whole number of 1 or more.'],
    [{ tags: 'x' }, 'runtime.schedule was given tags "x". It must be a list of texts.'],
    [{ priority: 0.5 }, 'The schedule "s" has priority 0.5. It must be a whole number.'],
    [{ tenant: 7 }, 'runtime.schedule was given tenant 7. It must be text of whole characters'],
    [
      { definition: workflow(async () => 0, 'other') },
      'The workflow "other" is not one of this runtime\'s definitions',
    ],
    [{ definition: undefined }, 'runtime.schedule was given definition: nothing. Give it one of the runtime.'],
  ] as const)('with %o is refused, and says why', async ([wrong, message]) => {
    const store = memoryStore()
    await using runtime = runtimeOf([flow], store)
    await expect(runtime.schedule('s', minutely(wrong))).rejects.toThrow(message)
    expect(await store.schedules({})).toEqual([])
  })

  it('refuses a name that is none', async () => {
    await using runtime = runtimeOf([flow])
    for (const name of ['', 'a b', 'é', 'x'.repeat(101), 7 as never])
      await expect(runtime.schedule(name, minutely())).rejects.toMatchObject({ code: 'bad_schedule_name' })
  })

  it('refuses a tenant and a user that no run can have', async () => {
    await using runtime = runtimeOf([flow])
    for (const wrong of ['', 'x'.repeat(201)])
      for (const what of ['tenant', 'user'])
        await expect(runtime.schedule('s', minutely({ [what]: wrong }))).rejects.toMatchObject({ code: 'bad_text' })
    expect(await runtime.schedules.list()).toEqual([])
  })

  it('refuses an input that holds a secret', async () => {
    const secret = defineWorkflow({
      name: 'secret',
      input: z.object({ key: z.string().meta({ secret: true }) }),
      run: async () => 0,
    })
    const store = memoryStore()
    await using runtime = runtimeOf([secret], store)
    const declared = runtime.schedule('s', { cron: '@daily', definition: secret, input: { key: 'k-4711-abcdef' } })
    await expect(declared).rejects.toMatchObject({ code: 'secret_in_schedule' })
    expect(await store.schedules({})).toEqual([])
  })
})

describe('the schedules of a store', () => {
  it('are listed, and one that is not there is said to be none', async () => {
    await using runtime = runtimeOf([flow])
    for (const name of ['b', 'a']) await runtime.schedule(name, minutely({ tenant: name }))
    expect((await runtime.schedules.list()).map(({ name }) => name)).toEqual(['a', 'b'])
    expect((await runtime.schedules.list({ tenant: 'b' })).map(({ name }) => name)).toEqual(['b'])
    await expect(runtime.schedules.list({ limit: 0 })).rejects.toMatchObject({ code: 'bad_argument' })
    for (const asked of ['get', 'pause', 'resume', 'runNow', 'remove'] as const)
      await expect(runtime.schedules[asked]('c')).rejects.toThrow('There is no schedule "c" in this store.')
    await expect(runtime.schedules.backfill('c', 0, 1)).rejects.toMatchObject({ code: 'unknown_schedule' })
  })

  it('begin nothing while they are paused, nor make up for it when they are resumed', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely({ catchUp: 'all' }))
    runtime.work()
    await runtime.schedules.pause('s')
    await pass(clock, 3 * MINUTE + 1_000)
    expect(await fired(runtime)).toEqual([])
    await runtime.schedules.resume('s')
    await runtime.schedules.resume('s')
    await pass(clock, MINUTE)
    expect(await fired(runtime)).toEqual([4])
  })

  it('are run now, also paused, beside what runs, and that is the last run then', async () => {
    const { clock, runtime, declare } = world('skip')
    await declare()
    await clock.advance(1_500)
    await runtime.schedules.pause('s')
    const { id } = await runtime.schedules.runNow('s')
    expect(id).toBe('schedule:s@2026-11-30T12:00:01.500Z')
    expect(await runtime.runs.get(id)).toMatchObject({ status: 'queued', tags: ['schedule:s'] })
    await runtime.schedules.resume('s')
    runtime.work()
    await pass(clock, MINUTE)
    const { skipped, last } = await runtime.schedules.get('s')
    expect(skipped).toMatchObject([{ at: START + MINUTE, runId: id }])
    expect(last?.runId).toBe(id)
    await runtime.close()
  })

  it('are filled back, for each moment that has no run', { tags: 'slow' }, async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely())
    const from = new Date(START - 3 * MINUTE)
    const ids = await runtime.schedules.backfill('s', from, START)
    expect(ids).toEqual(['11:57', '11:58', '11:59'].map((time) => `schedule:s@2026-11-30T${time}:00Z`))
    expect(await runtime.schedules.backfill('s', from, clock.now())).toEqual([])
    expect(await runtime.schedules.get('s')).toMatchObject({ last: null, nextAt: START + MINUTE })

    const fill: Runtime['schedules']['backfill'] = (...given) => runtime.schedules.backfill(...given)
    await expect(fill('s', START, START + 1)).rejects.toThrow('to: "2026-11-30T12:00:00.001Z". It lies ahead.')
    await expect(fill('s', 0, START)).rejects.toThrow('There are more than 10000 moments between them.')
    await expect(fill('s', NaN, START)).rejects.toThrow('from: the number NaN. Give it a Date')
  })

  it('that are removed leave their runs, and begin nothing any more', async () => {
    const clock = manualClock({ now: START })
    await using runtime = runtimeOf([flow], memoryStore(), clock)
    await runtime.schedule('s', minutely())
    runtime.work()
    await pass(clock, MINUTE)
    await runtime.schedules.remove('s')
    await pass(clock, 2 * MINUTE)
    expect(await fired(runtime)).toEqual([1])
    expect(await runtime.schedules.list()).toEqual([])
  })
})
