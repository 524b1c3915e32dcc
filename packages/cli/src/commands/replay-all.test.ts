import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunReplay, ReplaySummary } from '@reprise/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordDoubt, recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, start, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

/** Two runs of the clerk that have ended, a workflow that waits with its child, and a call in doubt. */
async function recordAll(): Promise<void> {
  await recordServed(store, 'a', 'b')
  await recordWaiting(store)
  await recordDoubt(store)
}

function linesOf(stdout: string): { readonly replays: RunReplay[]; readonly summary: ReplaySummary } {
  const lines = stdout.trimEnd().split('\n')
  const { summary } = JSON.parse(lines.pop() ?? '') as { summary: ReplaySummary }
  return { replays: lines.map((line) => JSON.parse(line) as RunReplay), summary }
}

describe('reprise replay --all', () => {
  it('tells first what would break in flight, then what would be answered otherwise, each cause and text once', async () => {
    writeConfig(cwd, '[desk.laterClerk, desk.writer, desk.laterNightly]')
    await recordAll()
    expect(await reprise(['replay', '--all'], { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: `In flight: 1 of 2 runs would break.
  night  likely: agent:clerk of workflow "nightly" is gone, or comes after receive:review
    The run "night" cannot go on under today's code of workflow "nightly", version 1: its entry 1 is child.started at agent:clerk, and today's code would wait for receive:review. Pin it: give createRuntime the version that wrote it beside today's; or patch it: let the code go the old way where ctx.patched("an id") is false; or fork it before that step: runtime.fork("night", { at: 1 }).

Answers: 4 runs would go another way, 0 could not be replayed, 3 with changed texts.
  3 runs of agent clerk, likely: the tool "pay" of agent "clerk" is gone
    a: entry 4 is call.judged pay at agent:0/turn:1/call:0 with {"id":"a"} (allowed), and today's code would call.failed pay at agent:0/turn:1/call:0 (unknown_tool)
  1 run of workflow nightly, likely: agent:clerk of workflow "nightly" is gone, or comes after receive:review
    night: entry 1 is child.started at agent:clerk, and today's code would wait for receive:review

Changed: the instructions of clerk in 3 runs, such as a. A text makes no divergence.
    Serve the customer.
  - Be brief.
  + Be kind.

Changed: the tools of clerk in 3 runs, such as a. A text makes no divergence.
          "additionalProperties": false
        }
  -   },
  -   {
  -     "name": "pay",
  -     "description": "Pays an order back.",
  -     "parameters": {
  -       "type": "object",
  -       "properties": {
  -         "id": {
  -           "type": "string"
  -         }
  -       },
  -       "required": [
  -         "id"
  -       ],
  -       "additionalProperties": false
  -     }
      }
    ]

1 of 5 runs matched: 3 had ended, 2 in flight.
`,
    })
  })

  it('says so where all is well', async () => {
    writeConfig(cwd)
    await recordAll()
    expect(await printed(['replay', '--all'], { cwd })).toBe(`In flight: all 2 runs would go on.

Answers: all 5 runs go the same way.

5 of 5 runs matched: 3 had ended, 2 in flight.
`)
  })

  it('exits with 0 where runs that have ended would only go another way, and with 1 where it is to be strict', async () => {
    const codes = async (definitions: string) => {
      cwd = tempFolder()
      await recordServed(join(cwd, 'runs.db'), 'a')
      writeConfig(cwd, definitions)
      const { code } = await reprise(['replay', '--all'], { cwd })
      return [code, (await reprise(['replay', '--all', '--strict'], { cwd })).code]
    }
    expect(await codes('[desk.clerk]')).toEqual([0, 0])
    expect(await codes('[desk.laterClerk]')).toEqual([0, 1])
    expect(await codes('[desk.writer]')).toEqual([0, 1])
  })

  it('exits with 1 where nobody can say what a run would do', async () => {
    await recordServed(store, 'a')
    const db = new DatabaseSync(store)
    db.prepare(`update entries set body = '{}' where seq = 2`).run()
    db.close()
    writeConfig(cwd)
    const { code, stdout } = await reprise(['replay', '--all'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('likely: its journal is not what was written')
  })

  it('prints a run a line as JSON, and what they come to at last', async () => {
    writeConfig(cwd, '[desk.laterClerk, desk.writer, desk.nightly]')
    await recordAll()
    const { replays, summary } = linesOf((await reprise(['replay', '--all', '--json'], { cwd })).stdout)
    expect(replays.map(({ runId, status, inFlight, broken }) => [runId, status, inFlight, broken])).toEqual([
      ['a', 'diverged', false, null],
      ['b', 'diverged', false, null],
      ['night', 'matched', true, null],
      ['night/agent:clerk', 'diverged', false, null],
      ['r', 'matched', true, null],
    ])
    expect(summary).toMatchObject({ runs: 5, inFlight: { runs: 2, broken: 0 }, answers: { diverged: 3 } })
  })

  it('leaves out what has ended before, and no run in flight', async () => {
    writeConfig(cwd)
    await recordAll()
    const ids = async (...args: readonly string[]) =>
      linesOf(await printed(['replay', '--all', '--json', ...args], { cwd })).replays.map(({ runId }) => runId)
    expect(await ids('--since', '2026-11-22T11:14:04Z')).toEqual(['b', 'night', 'r'])
    expect(await ids('--in-flight')).toEqual(['night', 'r'])
    expect(await ids('--name', 'clerk', '--tag', 'web')).toEqual(['a', 'b'])
    expect(await ids('--status', 'completed')).toEqual(['a', 'b', 'night/agent:clerk'])
    expect(await reprise(['replay', '--all', '--in-flight', '--since', '1d'], { cwd })).toMatchObject({ code: 2 })
  })

  it('looks at what was in flight in a store that was made of a backup', async () => {
    writeConfig(cwd)
    await recordAll()
    await printed(['backup', 'copy.db'], { cwd })
    const other = tempFolder()
    await printed(['restore', join(cwd, 'copy.db'), '--store', join(other, 'runs.db')], { cwd })
    writeConfig(other, '[desk.clerk, desk.writer, desk.laterNightly]')
    const { code, stdout } = await reprise(['replay', '--all', '--json'], { cwd: other })
    expect(code).toBe(1)
    const { replays, summary } = linesOf(stdout)
    const flying = replays.filter(({ inFlight }) => inFlight)
    expect(flying.map(({ runId, runStatus, broken }) => [runId, runStatus, broken?.code])).toEqual([
      ['night', 'quarantined', 'diverged'],
      ['r', 'quarantined', undefined],
    ])
    expect(summary.answers.failed).toBe(0)
  })

  it('says that it has looked at nothing, where no run fits', async () => {
    writeConfig(cwd)
    expect(await printed(['replay', '--all', '--name', 'ghost'], { cwd })).toBe(
      'In flight: no runs.\n\nAnswers: no runs.\n\nNo run fits, so nothing was looked at.\n',
    )
  })

  it('writes the files for CI, whatever stands in names and texts', async () => {
    writeConfig(cwd, '[desk.laterClerk, desk.writer, desk.laterNightly]')
    await recordAll()
    const { code } = await reprise(['replay', '--all', '--junit', 'out.xml', '--sarif', 'out.sarif'], { cwd })
    expect(code).toBe(1)
    const junit = readFileSync(join(cwd, 'out.xml'), 'utf8')
    expect(junit).toContain('<testsuites name="reprise replay" tests="5" failures="1" errors="0" time="0">')
    expect(junit).toContain('<testsuite name="agent clerk" tests="3" failures="0" errors="0" skipped="0" time="0">')
    expect(junit).toContain(
      '<testcase classname="workflow nightly" name="night" time="0"><failure type="step-removed" message="likely: agent:clerk of workflow &quot;nightly&quot; is gone, or comes after receive:review">',
    )
    const sarif = JSON.parse(readFileSync(join(cwd, 'out.sarif'), 'utf8')) as {
      runs: { results: { ruleId: string; level: string; locations: unknown[] }[] }[]
    }
    expect(sarif.runs[0]?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['step-removed', 'error'],
      ['tool-removed', 'warning'],
      ['step-removed', 'warning'],
      ['text-changed', 'note'],
      ['text-changed', 'note'],
    ])
    expect(sarif.runs[0]?.results[0]?.locations).toEqual([
      {
        physicalLocation: { artifactLocation: { uri: 'reprise.config.ts' }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: 'workflow nightly', kind: 'type' }],
      },
    ])
    expect(await reprise(['replay', '--all', '--junit', 'no/such/out.xml'], { cwd })).toMatchObject({
      code: 1,
      stderr: `reprise: There is no folder ${join(cwd, 'no/such')}. Make it first.\n`,
    })
  })
})

describe('reprise replay --all in threads', () => {
  /** A config that thread after thread loads. */
  function configOf(more: string): void {
    const desk = JSON.stringify(join(import.meta.dirname, '../desk.fixture.ts'))
    writeFileSync(
      join(cwd, 'reprise.config.ts'),
      `import { isMainThread } from 'node:worker_threads'
import { createRuntime, defineWorkflow } from '@reprise/core'
import { sqlite } from '@reprise/store'
import * as desk from ${desk}
console.log('The config is loaded.')
${more}
export const runtime = createRuntime({ store: sqlite(import.meta.dirname + '/runs.db'), models: desk.models, definitions })
`,
    )
  }

  const ran = (args: readonly string[]) => start(['replay', '--all', ...args], { cwd }).ended

  it('comes to the same, in the same order', { tags: 'slow' }, async () => {
    await recordServed(store, ...Array.from({ length: 40 }, (_, at) => `n${at}`))
    await recordAll()
    configOf('const definitions = [desk.laterClerk, desk.writer, desk.nightly]')
    const alone = await ran(['--json', '--threads', '0'])
    const threaded = await ran(['--json', '--threads', '2'])
    expect(threaded).toEqual(alone)
    expect(linesOf(threaded.stdout.replace('The config is loaded.\n', '')).replays).toHaveLength(45)
  })

  it('tells at which run a thread has died, and goes on with the rest', { tags: 'slow' }, async () => {
    await recordWaiting(store)
    await recordServed(store, 'a')
    configOf(`const nightly = defineWorkflow({ name: 'nightly', input: desk.nightly.input, run: async (ctx) => {
  if (!isMainThread) process.exit(7)
  return null
} } as never)
const definitions = [desk.clerk, nightly]`)
    const { code, stdout, stderr } = await ran(['--json', '--threads', '1'])
    expect([code, stderr]).toEqual([1, ''])
    const { replays } = linesOf(stdout.replace('The config is loaded.\n', ''))
    expect(replays.map(({ runId, status }) => [runId, status])).toEqual([
      ['night', 'failed'],
      ['night/agent:clerk', 'matched'],
      ['a', 'matched'],
    ])
    expect(replays[0]).toMatchObject({
      broken: {
        code: 'replay_died',
        message: 'The thread that replayed the run "night" has died: its code ended the thread by process.exit(7)',
      },
    })
  })

  it('says of a config that no thread can load, why', { tags: 'slow' }, async () => {
    await recordServed(store, 'a')
    configOf(`if (!isMainThread) throw new Error('only once')
const definitions = [desk.clerk]`)
    const { code, stderr } = await ran(['--threads', '1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^reprise: file:.*reprise.config.ts cannot be used by a thread that replays runs: only once\. It must export/,
    )
  })

  it(
    'refuses a config that has another store in each thread, instead of looking at nothing',
    { tags: 'slow' },
    async () => {
      await recordServed(store, 'a')
      configOf(`const definitions = [desk.clerk]`)
      const config = join(cwd, 'reprise.config.ts')
      const other = `import.meta.dirname + (isMainThread ? '/runs.db' : '/other.db')`
      writeFileSync(config, readFileSync(config, 'utf8').replace(`import.meta.dirname + '/runs.db'`, other))
      const { code, stderr } = await ran(['--threads', '1'])
      expect(code).toBe(1)
      expect(stderr).toMatch(/does not have the run "a", which is in this one's store\./)
    },
  )

  it('leaves nothing behind where it is killed', { tags: 'slow' }, async () => {
    await recordServed(store, 'a', 'b')
    await recordWaiting(store)
    configOf(`import { writeSync } from 'node:fs'
const nightly = defineWorkflow({ name: 'nightly', input: desk.nightly.input, run: async (ctx) => {
  writeSync(2, 'HERE')
  for (;;);
} } as never)
const definitions = [desk.clerk, nightly]`)
    const before = rowsOf(store)
    const { child, ended } = start(['replay', '--all', '--threads', '1'], { cwd })
    await new Promise((resolve) => child.stderr.on('data', (data) => String(data).includes('HERE') && resolve(true)))
    child.kill('SIGKILL')
    await ended
    expect(rowsOf(store)).toEqual(before)
    // Nobody has a lock: it can be written to, and read, at once.
    const db = new DatabaseSync(store, { timeout: 0 })
    db.exec('begin exclusive; rollback')
    db.close()
    writeConfig(cwd)
    expect((await reprise(['resume', 'a'], { cwd })).code).toBe(0)
  })
})

/** All rows of all tables, of a copy that nobody reads but this. */
function rowsOf(path: string): unknown {
  const copy = join(tempFolder(), 'copy.db')
  for (const suffix of ['', '-wal'])
    try {
      copyFileSync(`${path}${suffix}`, `${copy}${suffix}`)
    } catch {
      // There is no log.
    }
  const db = new DatabaseSync(copy)
  const tables = db.prepare(`select name from sqlite_schema where type = 'table'`).all()
  const rows = tables.map(({ name }) => [name, db.prepare(`select * from "${String(name)}"`).all()])
  db.close()
  return rows
}
