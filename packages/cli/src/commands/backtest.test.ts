import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordServed } from '../desk.fixture.ts'
import { begin, printed, reprise, start, tempFolder } from '../reprise.fixture.ts'

let cwd: string

/** Writes a config whose model answers as the runs were recorded, but for luna, which leaves things out as `script` says. */
function writeConfig(script = '{}'): void {
  const desk = JSON.stringify(join(import.meta.dirname, '../desk.fixture.ts'))
  writeFileSync(
    join(cwd, 'reprise.config.ts'),
    `import { appendFileSync } from 'node:fs'
import { createRuntime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import * as desk from ${desk}

const script = ${script}
const log = import.meta.dirname + '/asks.log'
let nth = 0
const models = scriptedModel(({ items, card }) => {
  if (String(++nth) === process.env.KILL_AT) process.kill(process.pid, 'SIGKILL')
  const said = items[0].text.split(' ')[1]
  const turn = items.filter(({ kind }) => kind === 'result').length
  appendFileSync(log, card.model + ' ' + said + ' ' + turn + '\\n')
  return (script[said] ?? desk.served)[turn]
})
models.reserve = async () => ({ costNano: 1_000_000 })
export const runtime = desk.reopening(() => createRuntime({
  store: sqlite(import.meta.dirname + '/runs.db'), models, definitions: desk.definitions,
}))
`,
  )
}

const asks = (): readonly string[] =>
  existsSync(join(cwd, 'asks.log')) ? readFileSync(join(cwd, 'asks.log'), 'utf8').trim().split('\n') : []

beforeEach(async () => {
  cwd = tempFolder()
  await recordServed(join(cwd, 'runs.db'), 'a', 'b', 'c')
})

describe('reprise backtest', () => {
  it('tells that a model does the same', async () => {
    writeConfig()
    const text = await printed(['backtest', '--model', 'luna', '--fail-on', 'changed', 'broken'], { cwd })
    expect(text).toContain(
      'Backtest of luna with the recorded texts: 3 runs\n  same 3   changed 0   parted 0   failed 0\n',
    )
    expect(text).toContain('  covered 9 of 9 recorded turns; asked 9 times, $0.000738 and 3 asks of unknown price\n')
    expect(text).not.toContain('What is different')
    expect(text).toContain('It did the same in 3 of 3 runs, between 44 % and 100 % of all like these.')
    expect(asks()).toHaveLength(9)
  })

  it('tells what is different with examples, and exits with 1 where it is to', async () => {
    writeConfig(`{
      a: [desk.served[0], desk.reply([desk.call('c1', 'pay', 'x')]), desk.served[2]],
      b: [desk.reply([desk.say('{"total":13}')])],
    }`)
    const { code, stdout, stderr } = await reprise(['backtest', '--model', 'luna'], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('same 1   changed 1   parted 1   failed 0')
    expect(stdout).toContain(`What is different
  Wanted what is not recorded: 1 run
    a  pay {"id":"x"} (call not recorded); recorded: pay {"id":"a"}
  Other arguments: 1 run
    a  pay: id "a" → "x"
  Calls that were left out: 1 run
    b  look {"id":"a"}
  Other answers: 1 run
    b  total 12 → 13
`)
    const gate = await reprise(['backtest', 'a', 'b', '--model', 'luna', '--fail-on', 'parted', 'broken'], { cwd })
    expect(gate.code).toBe(1)
    expect(gate.stdout).toContain('Not passed: 1 of 2 are parted\n')
    const json = await reprise(['backtest', 'c', '--model', 'luna', '--json'], { cwd })
    expect(JSON.parse(json.stdout)).toMatchObject({ all: { runs: 1, same: 1 }, runs: [{ runId: 'c', status: 'same' }] })
  })

  it('tries the definitions of a file, or those of the config', async () => {
    writeConfig()
    const desk = JSON.stringify(join(import.meta.dirname, '../desk.fixture.ts'))
    writeFileSync(join(cwd, 'later.ts'), `export { laterClerk } from ${desk}\n`)
    const { stdout } = await reprise(['backtest', 'a', '--definitions', 'later.ts'], { cwd })
    expect(stdout).toContain('Backtest of other definitions, each with its own model: 1 run')
    // The later clerk cannot pay.
    expect(stdout).toContain('unusable calls')
    expect((await reprise(['backtest', 'a', '--definitions', 'later.ts', '--fail-on', 'broken'], { cwd })).code).toBe(1)
    expect(await printed(['backtest', 'a', '--today'], { cwd })).toContain('same 1')
    writeFileSync(join(cwd, 'none.ts'), 'export const one = 1\n')
    for (const [file, problem] of [
      ['none.ts', 'exports no agent, team or workflow'],
      ['nowhere.ts', 'There is no file at'],
    ] as const)
      expect((await reprise(['backtest', '--definitions', file], { cwd })).stderr).toContain(problem)
  })

  it('asks nothing in a dry run, and tells what it would cost at most', async () => {
    writeConfig()
    expect(await printed(['backtest', '--model', 'luna', '--dry-run'], { cwd }))
      .toBe(`3 runs, about 9 asks, at most $0.009000.
The recordings: 9 turns, 6 calls, 11,106 tokens in (83 % cached), 504 out, $0.000738 and 3 turns of unknown price.
Nothing was asked.
`)
    expect(asks()).toEqual([])
  })

  it('stops at its budget, says so, and fails', async () => {
    writeConfig()
    const options = ['--model', 'luna', '--budget-usd', '0.0011', '--concurrency', '1']
    const { code, stdout } = await reprise(['backtest', ...options], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('The budget of the backtest is $0.001100')
    expect(asks().length).toBeLessThan(9)
  })

  it('fails a gate that nothing passes through', async () => {
    writeConfig()
    const { code, stdout } = await reprise(['backtest', '--name', 'ghost', '--today', '--fail-on', 'changed'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('Nothing was compared')
  })

  it('wants to know what is tried', async () => {
    writeConfig()
    for (const args of [
      [],
      ['a', '--name', 'clerk', '--model', 'm'],
      ['a', '--since', '7d', '--model', 'm'],
      ['--today', '--definitions', 'x'],
      ['--model', 'm', '--budget-usd', '-1'],
      ['--model', 'm', '--fail-on', 'rain'],
    ])
      expect((await reprise(['backtest', ...args], { cwd })).code).toBe(2)
    expect(asks()).toEqual([])
  })

  it.each([
    [[], 'Nothing was kept: --results FILE does.'],
    [['--results', 'kept.jsonl'], 'What was answered is in kept.jsonl: the same command goes on.'],
  ])('is interrupted by ^C with %j, and says what is left: %s', async (options, left) => {
    writeConfig()
    const { io, ended } = begin(['backtest', '--model', 'luna', ...options], { cwd })
    io.emit('SIGINT')
    expect(await ended).toMatchObject({ code: 130, stderr: `reprise: Interrupted. ${left}\n` })
  })

  it('asks nobody where its results could not be kept', async () => {
    writeConfig()
    const { code, stderr } = await reprise(['backtest', '--model', 'luna', '--results', 'no/luna.jsonl'], { cwd })
    expect([code, stderr]).toEqual([1, `reprise: There is no folder ${join(cwd, 'no')}. Make it first.\n`])
    expect(asks()).toEqual([])
  })
})

describe('the results of a backtest', () => {
  const options = ['backtest', '--model', 'luna', '--concurrency', '1', '--results', 'luna.jsonl']

  it('go on after a process that was killed anywhere: no model is asked twice', { tags: 'slow' }, async () => {
    writeConfig()
    for (const at of ['2', '5', '9']) {
      const { code } = await start(options, { cwd, env: { KILL_AT: at } }).ended
      if (code === 0) continue
      expect(code).toBeNull()
    }
    const text = await printed(options, { cwd })
    expect(text).toContain('same 3   changed 0')
    expect(text).toMatch(/[1-9] replies stood in the results/)
    expect(asks()).toHaveLength(9)
    expect(new Set(asks()).size).toBe(9)
    const all = readFileSync(join(cwd, 'luna.jsonl'), 'utf8')
    expect(statSync(join(cwd, 'luna.jsonl')).mode & 0o777).toBe(0o600)
    // A line that was cut off in the middle is asked for again, and no more.
    writeFileSync(join(cwd, 'luna.jsonl'), all.slice(0, -10))
    await printed(options, { cwd })
    expect(asks()).toHaveLength(10)
    expect(readFileSync(join(cwd, 'luna.jsonl'), 'utf8').trim().split('\n')).toHaveLength(9)
  })

  it('are not written into a file of something else', async () => {
    writeConfig()
    writeFileSync(join(cwd, 'luna.jsonl'), 'My notes\n')
    const { code, stderr } = await reprise(options, { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/Line 1 of .*luna\.jsonl cannot be taken/)
    expect(readFileSync(join(cwd, 'luna.jsonl'), 'utf8')).toBe('My notes\n')
  })
})
