import { join } from 'node:path'
import type { Runtime } from '@reprise/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { deskRuntime, nightly, writer } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string
const schedules = (...args: readonly string[]): string[] => ['schedules', ...args, '--store', store]

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  writeConfig(cwd)
})

async function withDesk<T>(work: (runtime: ReturnType<typeof deskRuntime>) => Promise<T>): Promise<T> {
  await using runtime = deskRuntime(store)
  return await work(runtime)
}

/** Two schedules, neither of which comes soon. */
const declare = (): Promise<unknown> =>
  withDesk(async (runtime) => {
    await runtime.schedule('yearly', { cron: '0 0 1 1 *', definition: writer, input: 'Write' })
    await runtime.schedule('nightly', {
      cron: '30 2 29 2 *',
      timeZone: 'Europe/Oslo',
      definition: nightly,
      input: { ticket: 'ticket-1' },
    })
  })

const listed = async (): Promise<Awaited<ReturnType<Runtime['schedules']['list']>>> =>
  (JSON.parse(await printed(schedules('--json'), { cwd })) as { schedules: [] }).schedules

describe('reprise schedules', () => {
  it('lists schedules, without their code: when each comes next and how the last run stands', async () => {
    await declare()
    const { id } = await withDesk((runtime) => runtime.schedules.runNow('yearly'))
    await withDesk((runtime) => runtime.schedules.pause('nightly'))
    const [head, first, second] = (await printed(schedules(), { cwd })).split('\n').map((line) => line.split(/ {2,}/))
    expect(head).toEqual(['SCHEDULE', 'CRON', 'RUNS', 'NEXT', 'LAST', 'LAST SKIPPED'])
    expect(first).toEqual(['nightly', '30 2 29 2 * Europe/Oslo', 'workflow nightly', 'paused', 'none yet'])
    expect(id).toBe('schedule:yearly@2026-11-22T11:14:03Z')
    // The desk lives in 2026, and the command does not.
    const next = expect.stringMatching(/^2027-01-01 00:00:00Z( overdue)?$/)
    expect(second).toEqual(['yearly', '0 0 1 1 * UTC', 'agent writer', next, '2026-11-22 11:14:03Z queued'])
    expect(await listed()).toMatchObject([
      { name: 'nightly', paused: true, lastStatus: null, definition: { kind: 'workflow', name: 'nightly' } },
      { name: 'yearly', last: { runId: id }, lastStatus: 'queued' },
    ])
  })

  it('lists them a page at a time, and says where there are none', async () => {
    await withDesk(({ schedules: all }) => all.list())
    expect(await printed(schedules(), { cwd })).toBe('There are no schedules.\n')
    await declare()
    expect(await printed(schedules('--limit', '1'), { cwd })).toContain(
      'There are more: the same with --after nightly\n',
    )
    expect(await printed(schedules('--after', 'nightly'), { cwd })).toContain('yearly')
  })

  it('pauses, resumes and removes one', async () => {
    await declare()
    expect(await printed(schedules('pause', 'nightly'), { cwd })).toBe('nightly is paused.\n')
    expect(await listed()).toMatchObject([{ paused: true }, { paused: false }])
    expect(await printed(schedules('resume', 'nightly'), { cwd })).toMatch(
      /^nightly goes on: next at \d{4}-02-29 01:30:00Z\.\n$/,
    )
    expect(await printed(schedules('remove', 'yearly'), { cwd })).toBe(
      'yearly is removed, and its runs stay. Code that declares it makes it anew.\n',
    )
    expect(await listed()).toMatchObject([{ name: 'nightly', paused: false }])
  })

  it('begins a run now, by the config', async () => {
    await declare()
    const said = await printed(['schedules', 'run', 'nightly'], { cwd })
    expect(said).toMatch(/^schedule:nightly@\S+Z is queued for a worker\.\n$/)
    const { runId } = JSON.parse(await printed(['schedules', 'run', 'nightly', '--json'], { cwd })) as { runId: string }
    const rows = await withDesk(({ runs }) => runs.list({ tag: 'schedule:nightly' }))
    expect(rows.map(({ id }) => id)).toEqual([said.split(' ')[0], runId])
  })

  it('begins a run for each moment that has none', async () => {
    await declare()
    const backfill = ['schedules', 'backfill', 'yearly', '--from', '2023-06-01', '--to', '2025-06-01']
    expect(JSON.parse(await printed([...backfill, '--json'], { cwd }))).toEqual({
      runIds: ['schedule:yearly@2024-01-01T00:00:00Z', 'schedule:yearly@2025-01-01T00:00:00Z'],
    })
    expect(await printed(backfill, { cwd })).toBe(
      '0 runs are queued for a worker. List those of the schedule with: reprise runs --tag schedule:yearly\n',
    )
  })

  it.each([
    [['pause', 'nobody'], 1, 'There is no schedule "nobody" in this store.'],
    [['remove', 'nobody'], 1, 'There is no schedule "nobody" in this store.'],
    [['pause'], 2, "missing required argument 'schedule'. See: reprise schedules pause --help"],
    [
      ['backfill', 'yearly'],
      2,
      "required option '--from <time>' not specified. See: reprise schedules backfill --help",
    ],
    [['backfill', 'yearly', '--from', 'noon'], 2, 'It must be 90s, 30m, 24h, 7d, 2w, a day or an ISO time.'],
    [['backfill', 'yearly', '--from', '2024-01-01', '--to', '2100-01-01'], 2, 'It lies ahead.'],
    [['--limit', '0'], 2, 'It must be a whole number, 1 to 1000.'],
  ])('%j is refused', async (args, code, message) => {
    await declare()
    const ended = await reprise(['schedules', ...args], { cwd })
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) })
  })
})
