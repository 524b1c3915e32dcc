import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { type DemoEnd, demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { contents, tempFolder } from './temp-folder.fixture.ts'

const data = tempFolder()

beforeAll(async () => {
  await demoHere(demo, ['--data', data])
})

it('every run replays offline and matches, and nothing is written', async () => {
  const before = contents(data)
  // A server that is down: whoever asked it would fail.
  const { code, stdout } = await demoHere(demo, ['--data', data, '--replay'], {
    OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
  })
  const lines = stdout.split('\n')
  const matched = /^ticket-\d+ +matched, (\d+) of \1 entries$/
  expect(lines.filter((line) => matched.test(line))).toHaveLength(12)
  expect(lines.slice(12)).toEqual(['', '12 of 12 runs matched. No model was asked, no tool was run.', ''])
  expect(code).toBe(0)
  expect(contents(data)).toEqual(before)
})

it('one run replays by its id', async () => {
  const { code, stdout } = await demoHere(demo, ['--data', data, '--replay', 'ticket-7'])
  expect(stdout).toMatch(
    /^ticket-7 +matched, (\d+) of \1 entries\n\n1 of 1 runs matched\. No model was asked, no tool was run\.\n$/,
  )
  expect(code).toBe(0)
})

it('a run is shown from its first entry to its end', async () => {
  const { code, stdout } = await demoHere(demo, ['--data', data, '--show', 'ticket-5'])
  expect(stdout).toMatch(
    /^ticket-5: desk, completed, taken up once\n\n 0 +0 ms +run +run\.started +"I never wore the jacket/,
  )
  expect(stdout).toMatch(
    /call\.failed +refund_order -> Not refunded\. Order F-1005 was delivered more than 30 days ago/,
  )
  expect(stdout).toMatch(/run +run\.completed +\{"resolution":"declined",.*\}\n$/)
  expect(code).toBe(0)
})

it('an edit of the instructions is a difference of text, and the runs match', { tags: 'slow' }, async () => {
  const { code, stdout } = await replayAfter('desk/policy.md', 'up to 150 dollars', 'up to 200 dollars')
  expect(stdout).toContain('\n12 of 12 runs matched.')
  const line =
    "by itself. A larger refund is a person's decision: pass the ticket on with a summary, do not split it, and do not offer a part of it."
  for (const agent of ['triage', 'orders', 'returns']) {
    expect(stdout).toContain(
      `\nThe instructions of ${agent} read otherwise today:\n  - - The desk refunds up to 150 dollars ${line}\n  + - The desk refunds up to 200 dollars ${line}\n`,
    )
  }
  expect(code).toBe(0)
})

it('a renamed tool is a divergence at the first step that called it', { tags: 'slow' }, async () => {
  const { code, stdout } = await replayAfter('desk/tools/give-back.ts', "name: 'refund_order'", "name: 'pay_back'")
  expect(stdout).toMatch(
    /\nticket-2 +diverged, (\d+) of \d+ entries\n {2}at entry \1\n {4}recorded {2}call\.judged refund_order at (\S+) with \{"orderId".*\} \((?:allowed|refused)\)\n {4}today {5}.*call\.failed refund_order at \2 \(unknown_tool\)/,
  )
  expect(stdout).toContain('\nThe tools of returns read otherwise today:\n')
  expect(stdout).toMatch(/\nticket-4 +matched/)
  expect(code).toBe(1)
})

it('the command line finds the runs of the demo by its config', () => {
  const copy = copied()
  cpSync(data, join(copy, '.data'), { recursive: true })
  const reprise = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'reprise')
  const { stdout, stderr } = spawnSync(reprise, ['runs', '--status', 'completed', '--limit', '1'], {
    cwd: copy,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^RUN .*\nticket-1 +team desk 1 .*completed/)
})

/** A copy of the program, without what it keeps. */
function copied(): string {
  const copy = tempFolder()
  const left = ['node_modules', '.data']
  cpSync(import.meta.dirname, copy, {
    recursive: true,
    filter: (source) => !left.some((name) => source === join(import.meta.dirname, name)),
  })
  symlinkSync(join(import.meta.dirname, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** Replays the runs under a copy of the program in which one text is another. */
async function replayAfter(file: string, from: string, to: string): Promise<DemoEnd> {
  const copy = copied()
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  expect(source).toContain(from)
  writeFileSync(path, source.replace(from, to))
  // It is the same program but for one text.
  const edited = (await import(join(copy, 'demo.ts'))) as { readonly demo: typeof demo }
  return demoHere(edited.demo, ['--data', data, '--replay'])
}
