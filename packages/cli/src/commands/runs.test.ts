import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { clerk, deskRuntime, recordServed, recordWaiting } from '../desk.fixture.ts'
import { begin, printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

const cwd = tempFolder()

beforeAll(async () => {
  writeConfig(cwd)
  await recordServed(join(cwd, 'runs.db'), 'ticket-1', 'ticket-2')
  await recordWaiting(join(cwd, 'runs.db'))
  const runtime = deskRuntime(join(cwd, 'runs.db'))
  await runtime.enqueue(clerk, 'Later', { id: 'ticket-3', tags: ['mail', 'late'], tenant: 'acme', user: 'ann' })
  await runtime.close()
})

async function stuckStore(folder: string): Promise<string> {
  const path = join(folder, 'runs.db')
  const runtime = deskRuntime(path)
  await runtime.enqueue(clerk, 'Now', { id: 'late', deadlineMs: 1_000 })
  await runtime.enqueue(clerk, 'Later', { id: 'later', delayMs: 3_600_000_000 })
  await runtime.close()
  return path
}

describe('reprise runs', () => {
  it('lists the runs of the nearest config upwards, the oldest first', async () => {
    expect(await printed(['runs'], { cwd })).toBe(
      `RUN                DEFINITION          STARTED               TURNS  COST        STATUS                         TAGS
ticket-1           agent clerk 1       2026-11-22 11:14:03Z  3      >$0.000246  completed                      web
ticket-2           agent clerk 1       2026-11-22 11:14:06Z  3      >$0.000246  completed                      web
night              workflow nightly 1  2026-11-22 11:14:03Z  3      >$0.000246  waiting for the signal review
night/agent:clerk  agent clerk 1       2026-11-22 11:14:03Z  3      >$0.000246  completed
ticket-3           agent clerk 1       2026-11-22 11:14:03Z  0      $0.000000   queued                         mail, late
`,
    )
  })

  it('lists those of a tenant and of a person, and show tells whose a run is', async () => {
    for (const whose of [
      ['--tenant', 'acme'],
      ['--user', 'ann'],
      ['--tenant', 'acme', '--user', 'ann', '--json'],
    ])
      expect(await printed(['runs', ...whose], { cwd })).toMatch(/^[^]*ticket-3/)
    for (const whose of [
      ['--tenant', 'other'],
      ['--tenant', 'acme', '--user', 'bob'],
    ])
      expect(await printed(['runs', ...whose], { cwd })).toBe('There are no such runs.\n')
    expect(await printed(['show', 'ticket-3'], { cwd })).toMatch(/tenant +acme\n +user +ann\n +tags +mail, late/)
    expect(await printed(['export', '--user', 'ann'], { cwd })).toContain('"tenant":"acme","user":"ann"')
  })

  it('needs no config where a store is named, by its option or by the environment', async () => {
    const elsewhere = tempFolder()
    const store = join(cwd, 'runs.db')
    const byOption = await printed(['runs', '--store', store, '--status', 'queued'], { cwd: elsewhere })
    expect(byOption).toBe(
      `RUN       DEFINITION     STARTED               TURNS  COST       STATUS  TAGS
ticket-3  agent clerk 1  2026-11-22 11:14:03Z  0      $0.000000  queued  mail, late
`,
    )
    const env = { REPRISE_STORE: store }
    expect(await printed(['runs', '--status', 'queued'], { cwd: elsewhere, env })).toBe(byOption)
  })

  it.each([
    [['--name', 'clerk', '--status', 'completed'], ['ticket-1', 'ticket-2', 'night/agent:clerk'], null],
    [['--tag', 'late'], ['ticket-3'], null],
    [['--parent', 'night'], ['night/agent:clerk'], null],
    [['--limit', '2'], ['ticket-1', 'ticket-2'], 'ticket-2'],
    [['--limit', '2', '--after', 'ticket-2'], ['night', 'night/agent:clerk'], 'night/agent:clerk'],
    [['--limit', '1', '--after', 'night/agent:clerk'], ['ticket-3'], null],
    [['--newest', '--limit', '2'], ['ticket-3', 'night/agent:clerk'], 'night/agent:clerk'],
    [['--newest', '--limit', '2', '--after', 'night'], ['ticket-2', 'ticket-1'], null],
    [['--since', '2026-11-22T11:14:05Z'], ['ticket-2'], null],
    [['--name', 'nobody'], [], null],
  ])('%j finds %j, and the next page after %j', async (args, ids, next) => {
    const page = JSON.parse(await printed(['runs', '--json', ...args], { cwd })) as { runs: { id: string }[] }
    expect({ ...page, runs: page.runs.map(({ id }) => id) }).toEqual({ runs: ids, next })
  })

  it('prints rows whole as JSON', async () => {
    const runtime = deskRuntime(join(cwd, 'runs.db'))
    const rows = await runtime.runs.list({ status: 'waiting' })
    await runtime.close()
    const page: unknown = JSON.parse(await printed(['runs', '--status', 'waiting', '--json'], { cwd }))
    expect(page).toEqual({ runs: rows, next: null })
  })

  it('tells that there are none, or that there are more', async () => {
    expect(await printed(['runs', '--name', 'nobody'], { cwd })).toBe('There are no such runs.\n')
    expect(await printed(['runs', '--limit', '1'], { cwd })).toBe(
      `RUN       DEFINITION     STARTED               TURNS  COST        STATUS     TAGS
ticket-1  agent clerk 1  2026-11-22 11:14:03Z  3      >$0.000246  completed  web
There are more: the same with --after ticket-1
`,
    )
  })

  it('tells which could not be worked, why, and what to do', async () => {
    const elsewhere = tempFolder()
    expect(await printed(['runs', '--stuck', '--store', await stuckStore(elsewhere)], { cwd: elsewhere })).toBe(
      `RUN   DEFINITION     WHY
late  agent clerk 1  late
  It is late, and nobody has ended it. It had not ended by its deadline, 2026-11-22T11:14:04.000Z. Give it more time with deadlineMs, or look at the run for what took so long.
  Let a worker run: every worker ends such runs, also without their definitions.
`,
    )
    const { stdout } = await reprise(['runs', '--stuck', '--json', '--store', join(elsewhere, 'runs.db')], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ stuck: [{ run: { id: 'late' }, why: 'late' }], more: false })
    expect(await printed(['runs', '--stuck'], { cwd })).toContain('Nobody has taken it since 2026-11-22T11:14:03.000Z.')
    for (const others of [['--newest'], ['--tenant', 'acme'], ['--user', 'ann']])
      expect((await reprise(['runs', '--stuck', ...others], { cwd })).stderr).toContain('cannot be used with')
  })

  it.each<[string, { isTTY: boolean; env: NodeJS.ProcessEnv }, boolean]>([
    ['a terminal', { isTTY: true, env: { TERM: 'xterm-256color' } }, true],
    ['a terminal that wants none', { isTTY: true, env: { TERM: 'xterm-256color', NO_COLOR: '1' } }, false],
    ['a terminal that has none', { isTTY: true, env: { TERM: 'dumb' } }, false],
    ['a pipe', { isTTY: false, env: { TERM: 'xterm-256color' } }, false],
    ['a pipe that wants them', { isTTY: false, env: { FORCE_COLOR: '1' } }, true],
  ])('is for %s coloured or not', async (_, { isTTY, env }, isColoured) => {
    const { io, ended } = begin(['runs', '--limit', '1'], { cwd, env })
    Object.assign(io.stdout, { isTTY })
    expect((await ended).stdout.includes('\u001B[')).toBe(isColoured)
  })

  it('is coloured when colours are asked for', async () => {
    const [head, row] = (await printed(['runs', '--limit', '1'], { cwd, env: { FORCE_COLOR: '1' } })).split('\n')
    expect(head?.startsWith('\u001B[1mRUN\u001B[22m       \u001B[1mDEFINITION\u001B[22m')).toBe(true)
    expect(row?.endsWith('\u001B[32mcompleted\u001B[39m  web')).toBe(true)
  })
})
