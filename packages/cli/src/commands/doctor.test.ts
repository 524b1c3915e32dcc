import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeOpenAI } from '@reprise/fake-openai'
import { sqlite } from '@reprise/store'
import { manualClock } from '@reprise/testing'
import { beginning } from '@reprise/testing/store-suite'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { clerk, deskRuntime, recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(async () => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

/** Without sizes, and without what depends on the system and on who else runs on it. */
function plain(output: string): string {
  return output
    .replaceAll(/[\d.]+ (?:bytes|[KMG]B)/g, 'N')
    .replaceAll(/^(ok +processes +).*$|(first of them ).*(?= ago$)/gm, '$1$2…')
}

test('reprise doctor says of a store that all is well, and how its runs stand', async () => {
  await recordServed(store, 'a', 'b')
  await recordWaiting(store)

  expect(plain(await printed(['doctor', '--store', store], { cwd }))).toBe(`ok  file       ${store}, N, and N of log
ok  disk       no network file system that is known
ok  journal    a write-ahead log (wal)
ok  schema     6, as of this program
ok  key        not encrypted
ok  log        nobody keeps it from being brought into the file
ok  processes  …
ok  owners     nobody drives a run
ok  runs       3 completed, 1 waiting (signal)
ok  queue      no run waits to be taken
ok  growth     3 runs have ended and are kept, the first of them … ago
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
  expect((await reprise(['doctor', '--store', 'none.db'], { cwd })).stderr).toBe(
    `reprise: There is no store at ${join(cwd, 'none.db')}. Check the path.\n`,
  )
})

describe('reprise doctor without a store looks at the set-up', () => {
  /** What was found of a few checks: whether it is well, and what it is. */
  async function found(checks: readonly string[], args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const { code, stdout, stderr } = await reprise(['doctor', '--json', ...args], { cwd, env })
    expect(stderr).toBe('')
    const { findings } = JSON.parse(stdout) as {
      findings: { check: string; ok: boolean; found: string; remedy: string }[]
    }
    const told = findings
      .filter(({ check }) => checks.includes(check))
      .map(({ check, ok, found: what, remedy }) =>
        `${check}${ok ? '' : ' WRONG'}: ${what}${remedy === null ? '' : ` | ${remedy}`}`.replaceAll(cwd, '.'),
      )
    return [code, ...told]
  }

  it('that is well, with the store that the config opens, and no other that is open here', async () => {
    await using other = sqlite(join(tempFolder(), 'other.db'))
    await other.runs({})
    await recordServed(store, 'a')
    writeConfig(cwd)
    const { code, stdout } = await reprise(['doctor'], { cwd, env: { OPENAI_API_KEY: 'k' } })
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(
      plain(stdout)
        .replaceAll(cwd, '.')
        .replaceAll(/(node +).*|(clock +).*/g, '$1$2…')
        .split('\n'),
    ).toEqual([
      'ok  node         …',
      'ok  driver       better-sqlite3 is loaded',
      'ok  config       ./reprise.config.ts exports a runtime',
      'ok  definitions  agent clerk 1, agent writer 1, agent cashier 1, team desk 1, workflow nightly 1, workflow rounds 1',
      'ok  models       agents ask for gpt-4.1-mini',
      'ok  service      OPENAI_API_KEY is set, for https://api.openai.com/v1',
      'ok  clock        …',
      'ok  space        N of N are free where the store lies',
      'ok  file         ./runs.db, N, and N of log',
      'ok  disk         no network file system that is known',
      'ok  journal      a write-ahead log (wal)',
      'ok  schema       6, as of this program',
      'ok  key          not encrypted',
      'ok  log          nobody keeps it from being brought into the file',
      'ok  processes    …',
      'ok  owners       nobody drives a run',
      'ok  runs         1 completed',
      'ok  queue        no run waits to be taken',
      'ok  growth       1 run has ended and is kept, the first of them … ago',
      'Nothing is wrong.',
      '',
    ])
  })

  it('that is not there, or cannot be loaded', async () => {
    expect(await found(['config', 'store', 'file'])).toEqual([
      1,
      "config WRONG: There is no reprise.config.ts in . or above | Go to a project's folder, name its config with --config, or make a project with: reprise init",
    ])
    writeFileSync(join(cwd, 'reprise.config.ts'), "throw new Error('No key')")
    expect(await found(['config'])).toEqual([
      1,
      'config WRONG: The config at ./reprise.config.ts cannot be loaded: No key | Mend that first; REPRISE_DEBUG=1 shows where it is.',
    ])
  })

  it('whose definitions do not fit the runs, and whose key is not set', async () => {
    await recordWaiting(store)
    writeConfig(cwd, '[desk.clerk]')
    expect(await found(['definitions', 'service'], [], { OPENAI_BASE_URL: '' })).toEqual([
      1,
      'definitions: agent clerk 1',
      'service: OPENAI_API_KEY is not set, for https://api.openai.com/v1 | Set it, unless the config gives openai({ apiKey }) one, or asks no service that wants one.',
      'definitions WRONG: 1 run of the workflow nightly, which is not registered: nobody goes on with it here | Add it to createRuntime({ definitions }), or end them: reprise cancel RUN',
    ])
    cwd = tempFolder()
    await recordWaiting(join(cwd, 'runs.db'))
    writeConfig(cwd, '[desk.clerk, { ...desk.nightly, version: 2 }]')
    expect(await found(['definitions'])).toEqual([
      0,
      'definitions: agent clerk 1, workflow nightly 2',
      'definitions: 1 run of the workflow nightly 1, of which another version is registered | See whether it goes on under that one: reprise replay night',
    ])
  })

  it('whose clock is behind the runs', async () => {
    const clock = manualClock({ now: Date.now() + 3_600_000 })
    const runtime = deskRuntime(store, undefined, clock)
    await runtime.enqueue(clerk, 'Later', { id: 'r' })
    await runtime.close()
    writeConfig(cwd)
    const [code, told] = await found(['clock'])
    expect([code, told]).toEqual([
      1,
      expect.stringMatching(/^clock WRONG: it is .* here, and r was written (?:59 min|1 h) .* later \| Set the clocks/),
    ])
  })

  it('whose service is asked, where that is wanted', async () => {
    writeConfig(cwd)
    await using server = await fakeOpenAI(() => ({ text: 'hi' }))
    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: server.url }
    expect(await found(['service'], ['--online'], env)).toEqual([
      0,
      `service: OPENAI_API_KEY is set, for ${server.url}`,
      expect.stringMatching(/^service: http\S+ answers, and has \d+ models$/),
    ])
    const nowhere = { ...env, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }
    expect(await found(['service'], ['--online'], nowhere)).toEqual([
      1,
      'service: OPENAI_API_KEY is set, for http://127.0.0.1:9/v1',
      expect.stringMatching(
        /^service WRONG: http:\/\/127.0.0.1:9\/v1\/models does not answer: .* \| Check OPENAI_BASE_URL/,
      ),
    ])
  })
})
