import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(async () => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  await recordServed(store, 'a', 'b')
})

describe('reprise backup and restore', () => {
  it('copy a store, and make one of the copy whose unfinished runs are in quarantine', async () => {
    await recordWaiting(store)
    const copy = join(cwd, 'copy')
    expect(await printed(['backup', 'copy', '--store', store], { cwd })).toBe(
      `The store is copied to ${copy}. Make a store of it with: reprise restore copy --store FILE\n`,
    )
    const restored = join(cwd, 'restored.db')
    expect(await printed(['restore', 'copy', '--store', restored], { cwd })).toBe(`The store is restored at ${restored}.
1 run had not ended when the backup was made, and are in quarantine.
List them with: reprise runs --status quarantined. Look at each, then: reprise unquarantine RUN --by NAME
`)
    expect(await printed(['verify', '--store', restored], { cwd })).toContain('every hash holds.')
    expect(await printed(['release', 'night', '--by', 'ana', '--store', restored], { cwd })).toContain(
      'night is released',
    )
    expect(await reprise(['restore', 'copy', '--store', restored], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: `reprise: The store at ${restored} is there already, and was left as it is. Move it away, and restore again.\n`,
    })
    expect(await reprise(['restore', 'copy'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'reprise: Where is the store to be? Give --store FILE, or REPRISE_STORE.\n',
    })
  })
})

describe('reprise gc', () => {
  it('deletes what ended that long ago, and nothing else', async () => {
    await recordWaiting(store)
    const gc = (...args: string[]): Promise<string> => printed(['gc', ...args, '--store', store], { cwd })
    const ids = async (): Promise<string[]> =>
      (JSON.parse(await printed(['runs', '--json', '--store', store], { cwd })) as { runs: { id: string }[] }).runs.map(
        ({ id }) => id,
      )
    expect(await gc('--older-than', '30d')).toBe('No run has ended that long ago.\n')
    expect(await gc('--older-than', '0m', '--status', 'failed')).toBe('No run has ended that long ago.\n')
    expect(await ids()).toContain('a')
    expect(await gc('--older-than', '0m')).toBe('2 runs deleted.\n')
    // What a run that waits has as a child stays with it.
    expect((await ids()).every((id) => id.startsWith('night'))).toBe(true)
    expect(await ids()).toHaveLength(2)
    expect(await printed(['verify', '--store', store], { cwd })).toContain('every hash holds.')
    expect((await reprise(['gc', '--older-than', 'yesterday', '--store', store], { cwd })).stderr).toContain(
      "reprise: option '--older-than <age>' argument 'yesterday' is invalid. It must be 90s, 30m, 24h, 7d or 2w.",
    )
  })
})
