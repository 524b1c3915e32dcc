import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { deskRuntime, recordRounds, recordServed, recordWaiting, review } from '../desk.fixture.ts'
import { begin, launch, printed, reprise, tempFolder, untimed } from '../reprise.fixture.ts'

const TERMINAL = { env: { TERM: 'xterm-256color' }, terminal: { columns: 100, rows: 30 } }

let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

describe('reprise watch', () => {
  it('tells what is there and what comes, until the run ends', async () => {
    await recordWaiting(store)
    const runtime = deskRuntime(store)
    const { io, ended } = begin(['watch', 'night', '--store', store], { cwd })
    const lines = createInterface({ input: io.stdout })[Symbol.asyncIterator]()
    let line = await lines.next()
    while (!line.done && !line.value.includes('waits for the signal')) line = await lines.next()
    await runtime.send('night', review, { approved: true })
    expect(await ended).toEqual({
      code: 0,
      stderr: '',
      stdout: `    0         +0 ms  workflow nightly starts with {"ticket":"Order a"}
    1         +0 ms  agent:clerk starts the run night/agent:clerk
    2        +3.6 s  agent:clerk has completed the run night/agent:clerk: {"total":12}
                       3 turns, 2 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price
    3        +3.6 s  step:note returns "noted"
    4        +3.6 s  the run waits for the signal review
    5         +0 ms  the signal review comes with {"approved":true}
    6         +0 ms  the run is completed: {"total":12,"approved":true}
`,
    })
    await runtime.close()
  })

  it('tells of the runs that a run goes on as too', async () => {
    await recordRounds(store)
    const runtime = deskRuntime(store)
    await runtime.send('r', review, { approved: true })
    await (await runtime.resume('r')).outcome()
    await runtime.close()
    expect(untimed(await printed(['watch', 'r', '--store', store], { cwd }))).toBe(
      `    0  workflow rounds starts with {"round":1}
    1  the run waits for the signal review
    2  the signal review comes with {"approved":false}
    3  the run goes on as r~2
    0  workflow rounds starts with {"round":2}
    1  the run waits for the signal review
    2  the signal review comes with {"approved":true}
    3  the run is completed: {"rounds":2}
`,
    )
  })

  it('prints an entry a line as JSON', async () => {
    await recordServed(store, 'r')
    const lines = (await printed(['watch', 'r', '--store', store, '--json'], { cwd })).trimEnd().split('\n')
    const runtime = deskRuntime(store)
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(await runtime.runs.entries('r'))
    await runtime.close()
  })

  it('exits with 1 when the run did not complete', async () => {
    await recordWaiting(store)
    const runtime = deskRuntime(store)
    await runtime.cancel('night', 'enough')
    await runtime.close()
    const { code, stdout } = await reprise(['watch', 'night', '--store', store], { cwd })
    expect([code, stdout.split('\n').at(-2)]).toEqual([1, '    5         +0 ms  the run was cancelled: enough'])
  })

  it('ends when nobody reads it any more', { tags: 'slow' }, async () => {
    await recordWaiting(store)
    const child = launch(['watch', 'night', '--store', store], { cwd })
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const runtime = deskRuntime(store)
    // Whoever read to the end would see a failure.
    await runtime.cancel('night')
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect([code, stderr]).toEqual([0, ''])
    await runtime.close()
  })

  it('exits with 130 when it is interrupted', async () => {
    await recordWaiting(store)
    const { io, ended } = begin(['watch', 'night', '--store', store], { cwd })
    await once(io.stdout, 'data')
    io.emit('SIGINT')
    expect(await ended).toMatchObject({ code: 130, stderr: '' })
  })

  it('draws a tree on a terminal, and then says the outcome once', async () => {
    await recordServed(store, 'r')
    const { code, stdout } = await reprise(['watch', 'r', '--store', store], { cwd, ...TERMINAL })
    expect(code).toBe(0)
    const [picture = '', outcome = ''] = stdout.split('\u001B[?25h')
    expect(picture).toContain('\u001B[?25l')
    expect(stripVTControlCharacters(picture)).toContain('✓ turn 2 clerk')
    expect(stripVTControlCharacters(outcome)).toBe(
      'r is completed:\n{\n  "total": 12\n}\n3 turns, 2 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price\n',
    )
  })

  it('draws one tree after the other of a run that goes on as others', async () => {
    await recordRounds(store)
    const runtime = deskRuntime(store)
    await runtime.send('r', review, { approved: true })
    await (await runtime.resume('r')).outcome()
    await runtime.close()
    const { code, stdout } = await reprise(['watch', 'r', '--store', store], { cwd, ...TERMINAL })
    expect(code).toBe(0)
    expect(stripVTControlCharacters(stdout).match(/^.*(?:workflow rounds|r~2 is).*$/gm)).toEqual([
      expect.stringContaining('✓ r  workflow rounds  completed'),
      expect.stringContaining('✓ r~2  workflow rounds  completed'),
      'r~2 is completed:',
    ])
  })

  it('gives the terminal back as it was when it is interrupted', async () => {
    await recordWaiting(store)
    const { io, ended } = begin(['watch', 'night', '--store', store], { cwd, ...TERMINAL })
    await once(io.stdout, 'data')
    io.emit('SIGINT')
    const { code, stdout } = await ended
    expect([code, stdout.endsWith('\u001B[?25h')]).toEqual([130, true])
  })

  it.each<[string, readonly string[], NodeJS.ProcessEnv]>([
    ['that is asked for lines', ['--lines'], { TERM: 'xterm-256color' }],
    ['that wants no colours', [], { TERM: 'xterm-256color', NO_COLOR: '1' }],
    ['that obeys nothing', [], { TERM: 'dumb' }],
    ['that is asked for JSON', ['--json'], { TERM: 'xterm-256color' }],
  ])('draws nothing on a terminal %s', async (_, args, env) => {
    await recordServed(store, 'r')
    const { stdout } = await reprise(['watch', 'r', '--store', store, ...args], {
      cwd,
      env,
      terminal: TERMINAL.terminal,
    })
    expect(stdout).not.toMatch(/\p{Cc}\[[^m]*[^\dm]/u)
    expect(stdout.split('\n').length).toBeGreaterThan(8)
  })
})
