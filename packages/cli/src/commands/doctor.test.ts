import { join } from 'node:path'
import { sqlite } from '@reprise/store'
import { beginning } from '@reprise/testing/store-suite'
import { beforeEach, expect, test } from 'vitest'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(async () => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

/** Without sizes, and without what depends on the system and on who else runs on it. */
function plain(output: string): string {
  return output.replaceAll(/[\d.]+ (?:bytes|[KMG]B)/g, 'N').replaceAll(/^(ok +processes +).*$/gm, '$1…')
}

test('reprise doctor says of a store that all is well, and how its runs stand', async () => {
  await recordServed(store, 'a', 'b')
  await recordWaiting(store)

  expect(plain(await printed(['doctor', '--store', store], { cwd }))).toBe(`ok  file       ${store}, N, and N of log
ok  disk       no network file system that is known
ok  journal    a write-ahead log (wal)
ok  schema     5, as of this program
ok  key        not encrypted
ok  log        nobody keeps it from being brought into the file
ok  processes  …
ok  owners     nobody drives a run
ok  runs       3 completed, 1 waiting (signal)
Nothing is wrong.
`)
})

test('reprise doctor says what to do about what is wrong, and exits with 1', async () => {
  const opened = sqlite(store)
  await opened.commit([
    beginning('r1', { owner: null, status: 'quarantined' }),
    beginning('r2', { owner: null, status: 'waiting', waiting: { kind: 'in-doubt', key: 'k', id: 'k', tool: 'pay' } }),
  ])
  await opened.close()
  const { code, stdout, stderr } = await reprise(['doctor', '--store', store], { cwd })

  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(
    stdout
      .split('\n')
      .filter((line) => !line.startsWith('ok'))
      .join('\n'),
  ).toBe(
    `wrong  runs       1 run quarantined
wrong  runs       1 run waiting (in-doubt)

What to do:
  runs: See why: reprise runs --status quarantined. Mend that, then: reprise unquarantine RUN --by NAME
  runs: Find out whether the call happened: reprise runs --status waiting. Then: reprise settle-doubt RUN ID --happened JSON or --did-not-happen
`,
  )
})

test('reprise doctor says what keeps a store from being opened', async () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  const opened = sqlite(store, { encryption: { key } })
  await opened.commit([beginning('r1', { owner: null, status: 'completed', endedAt: 1 })])
  await opened.close()

  const without = await reprise(['doctor', '--store', store], { cwd })
  expect(without.code).toBe(1)
  expect(without.stdout).toContain(`wrong  key        The store at ${store} is encrypted, and no key was given\n`)
  expect(without.stdout).toContain(
    '  key: Give it: sqlite(path, { encryption: { key } }), or REPRISE_KEY on the command line.\n',
  )
  const given = await printed(['doctor', '--json'], { cwd, env: { REPRISE_STORE: store, REPRISE_KEY: key } })
  expect(JSON.parse(given)).toMatchObject({
    healthy: true,
    findings: expect.arrayContaining([
      { check: 'key', ok: true, found: 'encrypted, and the key and the file of keys fit', remedy: null },
    ]),
    found: { path: store, keys: { encrypted: true, fault: null } },
  })
})

test('reprise doctor needs a store that is there', async () => {
  expect(await reprise(['doctor'], { cwd })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'reprise: Which store? Give --store FILE, or REPRISE_STORE.\n',
  })
  expect((await reprise(['doctor', '--store', 'none.db'], { cwd })).stderr).toBe(
    `reprise: There is no store at ${join(cwd, 'none.db')}. Check the path.\n`,
  )
})
