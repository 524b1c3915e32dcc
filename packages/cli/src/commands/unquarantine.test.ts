import { join } from 'node:path'
import { sqlite } from '@reprise/store'
import { expect, it } from 'vitest'
import { recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

/** A store with one run in quarantine. */
async function quarantined(path: string): Promise<void> {
  await recordWaiting(path)
  const store = sqlite(path)
  const before = await store.run('night')
  const { epoch, totals } = (await store.claim(
    { id: 'night', epoch: before?.epoch ?? 0, ownerHeartbeat: null },
    { owner: 'somebody', heartbeat: 1 },
  )) ?? {
    epoch: 0,
    totals: before?.totals,
  }
  if (!totals) throw new Error('there is no run')
  const waiting = { kind: 'quarantined', key: 'run', reason: 'Its last 5 owners died with it.' } as const
  const row = { status: 'quarantined', waiting, waits: [waiting], wakeAt: null, endedAt: null, totals } as const
  await store.commit([{ runId: 'night', epoch, entries: [], row, release: true }])
  await store.close()
}

it('reprise unquarantine puts a run in quarantine back, without its code, and says who did', async () => {
  const cwd = tempFolder()
  const store = join(cwd, 'runs.db')
  await quarantined(store)
  expect(await printed(['runs', '--status', 'quarantined', '--store', store], { cwd })).toContain(
    'quarantined in quarantine: Its last 5 owners died with it.',
  )
  expect(await printed(['show', 'night', '--store', store], { cwd })).toContain(
    'reprise unquarantine night --by NAME, once what ends its owners is mended',
  )
  const release = ['unquarantine', 'night', '--by', 'ana', '--store', store]
  expect(await printed(release, { cwd })).toBe('night is released: a worker takes it up, or reprise resume does.\n')
  expect(await printed(['show', 'night', '--store', store], { cwd })).toContain('the run is released, says ana')
  expect(await reprise(release, { cwd })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'reprise: The run "night" is not in quarantine: it is running. Only a run in quarantine is released.\n',
  })
})
