import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

let cwd: string
let store: string
const verify = (...args: readonly string[]): string[] => ['verify', ...args, '--store', store]

beforeEach(async () => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  await recordServed(store, 'a', 'b')
  await recordWaiting(store)
})

/** Changes the file as no program of this workspace would. */
function tamper(sql: string): void {
  const db = new DatabaseSync(store)
  db.exec(sql)
  db.close()
}

describe('reprise verify', () => {
  it('counts what it has held against its hashes', async () => {
    expect(await printed(verify(), { cwd })).toBe('4 runs, 29 entries: every hash holds.\n')
    expect(await printed(verify('a'), { cwd })).toBe('1 run, 8 entries: every hash holds.\n')
    expect(JSON.parse(await printed(verify('--json'), { cwd }))).toEqual({
      runs: 4,
      entries: 29,
      erased: 0,
      damaged: [],
    })
  })

  it('names the run and the entry that is not what was written', async () => {
    tamper(
      `update entries set body = replace(body, 'paid a', 'paid b') where seq = 5 and run = (select run from runs where id = 'b')`,
    )
    const message = `The store at ${store} has a damaged journal of run "b": entry 5 is not what was written, its hash does not hold. Restore the store from a backup; its other runs can still be read.`
    expect(await reprise(verify(), { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: `${message}\n4 runs, 21 entries: 1 damaged.\n`,
    })
    expect(JSON.parse((await reprise(verify('b', '--json'), { cwd })).stdout)).toEqual({
      runs: 1,
      entries: 0,
      erased: 0,
      damaged: [{ runId: 'b', seq: 5, message }],
    })
    expect((await reprise(verify('a'), { cwd })).code).toBe(0)
  })

  it('finds a journal whose end, or all of it, is gone', async () => {
    tamper(`delete from entries where seq = 7 and run = (select run from runs where id = 'a')`)
    tamper(`delete from entries where run = (select run from runs where id = 'b')`)
    expect(await reprise(verify(), { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: `The run "a" is completed, but its journal breaks off at entry 6.
The run "b" has no entries.
4 runs, 20 entries: 2 damaged.
`,
    })
  })
})
