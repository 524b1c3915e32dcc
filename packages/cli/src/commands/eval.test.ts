import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { begin, launch, printed, reprise, tempFolder } from '../reprise.fixture.ts'

const file = join(import.meta.dirname, '../eval.fixture.ts')

/** Writes a config whose desk answers all tickets rightly but for so many of the chair's. */
function project({ wrong = 1, folder = tempFolder(), gate = 0.5, config = 'reprise.config.ts' } = {}): string {
  writeFileSync(
    join(folder, config),
    `import { project } from ${JSON.stringify(file)}
export const { runtime, tickets } = project(import.meta.dirname, ${wrong}, ${gate})
`,
  )
  return folder
}

const TABLE = `tickets: 2 rows, 2 times each
                mean       95 % interval
  exact         0.750      0.500 to 1.000
  pass^1        0.750      0.500 to 1.000
  pass^2        0.500      0.095 to 0.905
  costUsd       $0.001000  $0.001000 to $0.001000
  latencyMs     0.00 s     0.00 s to 0.00 s
  turns         1          1 to 1
  inputTokens   1,234      1,234 to 1,234
  outputTokens  56         56 to 56
  in all $0.004000
  reprise show eval:tickets:HASH:chair:1  1 of 2: exact: expected {"total":30}, and it is {"total":1}
  holds  exact is to be at least 0.5, and is 0.75
  holds  there is no last result to be worse than
`

function unhashed(text: string): string {
  return text.replaceAll(/tickets:[\w-]{12}:/g, 'tickets:HASH:')
}

test('an evaluation is told as a table, kept, and not asked again', async () => {
  const cwd = project()
  expect(unhashed(await printed(['eval'], { cwd }))).toBe(TABLE)
  const kept = readFileSync(join(cwd, 'tickets.eval.json'), 'utf8')
  const asked = readFileSync(join(cwd, 'asked.txt'), 'utf8')
  expect(asked.trim().split('\n')).toHaveLength(4)
  expect(unhashed(await printed(['eval', 'tickets', '--concurrency', '1'], { cwd }))).toBe(TABLE)
  expect(readFileSync(join(cwd, 'asked.txt'), 'utf8')).toBe(asked)
  expect(readFileSync(join(cwd, 'tickets.eval.json'), 'utf8')).toBe(kept)
  const runs = [...kept.matchAll(/"run": "(.*?)"/g)].map(([, run = '']) => run)
  const labels = runs.map((run, at) => JSON.stringify({ run, scorer: 'exact', label: at !== 0 }))
  writeFileSync(join(cwd, 'labels.jsonl'), labels.join('\n'))
  expect(await printed(['eval', '--labels', 'labels.jsonl'], { cwd })).toContain(
    '  exact agrees with people on 0.500 (0.150 to 0.850) of 4 trials, kappa -0.333 (',
  )
  writeFileSync(join(cwd, 'labels.jsonl'), '{}')
  expect(await reprise(['eval', '--labels', 'labels.jsonl'], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Line 1 of labels.jsonl is no label.') as string,
  })
  const shown = await printed(['show', String(/eval:\S+:chair:1/.exec(kept)?.[0]).replace(/".*/, '')], { cwd })
  expect(shown).toContain('{"total":1}')
})

test('another result is compared with the last one, and one that a gate stops is not kept', async () => {
  const cwd = project({ wrong: 1 })
  await printed(['eval'], { cwd })
  const kept = readFileSync(join(cwd, 'tickets.eval.json'), 'utf8')
  project({ folder: cwd, wrong: 2, gate: 0.9, config: 'later.ts' })
  const { code, stdout, stderr } = await reprise(['eval', 'later.ts', '--label', 'two', '--junit', 'out.xml'], { cwd })
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toContain('against the last, over 2 rows')
  expect(stdout).toContain('-0.250, 0 up, 1 down: may be chance (p 1.0)')
  expect(stdout).toContain('  GATE  exact is to be at least 0.9, and is 0.5\n')
  expect(unhashed(stdout)).toContain('\n  reprise show eval:tickets:HASH:chair:1 --config later.ts  ')
  expect(readFileSync(join(cwd, 'tickets.eval.json'), 'utf8')).toBe(kept)
  const xml = readFileSync(join(cwd, 'out.xml'), 'utf8')
  expect(xml).toContain('<testsuite name="tickets" tests="4" failures="1">')
  expect(xml).toContain(
    '<testcase classname="tickets.gates" name="exact"><failure message="exact is to be at least 0.9, and is 0.5"/></testcase>',
  )
  expect(xml).toContain('expected {\\&quot;total\\&quot;:30}')

  const accepted = await reprise(['eval', 'later.ts', '--label', 'two', '--accept', '--json'], { cwd })
  expect(accepted.code).toBe(0)
  const { evals } = JSON.parse(accepted.stdout) as { evals: { report: { ok: boolean } }[] }
  expect(evals[0]?.report.ok).toBe(false)
  expect(readFileSync(join(cwd, 'tickets.eval.json'), 'utf8')).not.toBe(kept)
})

test(
  'one that is killed in the middle goes on by the same command, and no question is asked twice',
  { tags: 'slow' },
  async () => {
    const cwd = project()
    writeFileSync(join(cwd, 'slow'), '')
    const child = launch(['eval', '--concurrency', '1'], { cwd })
    const exit = new Promise((resolve) => child.once('close', resolve))
    await expect.poll(() => existsSync(join(cwd, 'waiting')), { timeout: 60_000 }).toBe(true)
    expect(answeredIn(cwd)).toBe(2)
    child.kill('SIGKILL')
    await exit
    expect(existsSync(join(cwd, 'tickets.eval.json'))).toBe(false)
    writeFileSync(join(cwd, 'fast'), '')
    const { code, stdout } = await reprise(['eval'], { cwd })
    expect(code).toBe(0)
    expect(withoutLatency(unhashed(stdout))).toBe(withoutLatency(TABLE))
    // The third was being asked when the process died.
    expect(answeredIn(cwd)).toBe(4)
  },
)

test('one that is interrupted gives its trials back, and goes on by the same command', async () => {
  const cwd = project()
  writeFileSync(join(cwd, 'slow'), '')
  const { io, ended } = begin(['eval', '--concurrency', '1'], { cwd })
  await expect.poll(() => existsSync(join(cwd, 'waiting')), { timeout: 60_000 }).toBe(true)
  io.emit('SIGINT')
  const { code, stdout } = await ended
  expect(code).toBe(130)
  expect(stdout).toContain('2 trials came to no end, so nothing is kept. The same command goes on.')
  expect(existsSync(join(cwd, 'tickets.eval.json'))).toBe(false)
  writeFileSync(join(cwd, 'fast'), '')
  expect(withoutLatency(unhashed(await printed(['eval'], { cwd })))).toBe(withoutLatency(TABLE))
  expect(answeredIn(cwd)).toBe(4)
})

/** How long a run took that stood still in between is not known, and columns are as wide as what is in them. */
function withoutLatency(table: string): string {
  return table.replaceAll(/latencyMs.*/g, '').replaceAll(/ +/g, ' ')
}

/** Questions that were answered, each of them once. */
function answeredIn(cwd: string): number {
  const path = join(cwd, 'asked.txt')
  const runs = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  expect(new Set(runs).size).toBe(runs.length)
  return runs.length
}

test('on a terminal it tells how far it has come, and takes that away again', async () => {
  const { io, ended } = begin(['eval', '--concurrency', '1'], { cwd: project() })
  Object.assign(io.stderr, { isTTY: true })
  const { stderr } = await ended
  expect(stderr.split('\r\u001B[K')).toEqual([
    '',
    'tickets: 1 of 4 trials, $0.0010',
    'tickets: 2 of 4 trials, $0.0020',
    'tickets: 3 of 4 trials, $0.0030',
    '',
  ])
})

test('what the command line names wrongly is told, and nothing is asked', async () => {
  const cwd = project()
  expect(await reprise(['eval', 'ticket'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no evaluation "ticket"') as string,
  })
  expect(await reprise(['eval', 'a.ts', 'b.ts'], { cwd })).toMatchObject({ code: 2 })
  expect(await reprise(['eval', '--concurrency', '0'], { cwd })).toMatchObject({ code: 2 })
  expect(await reprise(['eval', 'none.ts'], { cwd })).toMatchObject({ code: 1 })
  writeFileSync(join(cwd, 'empty.ts'), `export { runtime } from './reprise.config.ts'\n`)
  expect(await reprise(['eval', 'empty.ts'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('empty.ts exports no evaluation.') as string,
  })
  expect(existsSync(join(cwd, 'asked.txt'))).toBe(false)
  expect(unhashed(await printed(['eval', 'reprise.config.ts'], { cwd }))).toBe(
    TABLE.replace(':chair:1', ':chair:1 --config reprise.config.ts'),
  )
})
