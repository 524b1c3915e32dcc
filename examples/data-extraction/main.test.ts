import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeAnswer, fakeOpenAI } from '@reprise/testing'
import { expect, it } from 'vitest'
import { taskOf } from './part/scene.ts'
import { writtenPart } from './part/part.ts'
import { RESULTS, resultsIn } from './results.fixture.ts'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { STATEMENTS } from './statements.ts'
import { contents, tempFolder } from './temp-folder.fixture.ts'

/** A server that is down: whoever asked it would fail. */
const OFFLINE = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }

it('statements are read, a person decides of two, and every run replays offline', async () => {
  const out = tempFolder()
  const first = await demoHere(demo, ['--out', out])
  expect(first.stderr).toBe('')
  expect(first.stdout).toMatch(
    /^OPENAI_API_KEY is not set: no model reads, but a written part .* \(seed 21\), from a server on http:\/\/127\.0\.0\.1:\d+\/v1\.\n\n/,
  )
  expect(statuses(first.stdout)).toEqual(RESULTS.map(({ file, status }) => `${file} ${status}`))
  expect(first.stdout).toContain(`
harbour-supplies.csv waits for a person. The lines come to 1,284.50 GBP, and the total is 1,248.50 GBP.
  npm run demo:extract -- --review harbour-supplies.csv                                    shows it
  npm run demo:extract -- --review harbour-supplies.csv --accept                           takes it as it was read
  npm run demo:extract -- --review harbour-supplies.csv --correct '{"totalMinor":128450}'  mends what is wrong
`)
  expect(first.code).toBe(0)
  expect(resultsIn(out)).toEqual(RESULTS)
  const csv = readFileSync(join(out, 'lines.csv'), 'utf8').split('\n')
  expect(csv.slice(0, 2)).toEqual([
    'file,vendor,date,description,amount_minor,currency',
    'aldgate-print.csv,Aldgate Print Ltd,2026-10-02,"Leaflets, A5, 5,000 copies",31000,GBP',
  ])
  expect(csv.filter((line) => line.startsWith('harbour'))).toEqual([])

  const again = await demoHere(demo, ['--out', out])
  expect(table(again.stdout)).toEqual(table(first.stdout))
  expect(again.stdout).not.toContain(' + ')
  expect(again.code).toBe(0)

  const shown = await demoHere(demo, ['--out', out, '--review', 'harbour-supplies.csv'], OFFLINE)
  expect(shown.stdout).toContain('\n  2026-10-22  Shackles                       74.00 GBP\n')
  const corrected = await demoHere(
    demo,
    ['--out', out, '--review', 'harbour-supplies.csv', '--correct', '{"totalMinor":128450}'],
    OFFLINE,
  )
  expect(statuses(corrected.stdout)).toContain('harbour-supplies.csv corrected')
  expect(corrected.code).toBe(0)
  const accepted = await demoHere(demo, ['--out', out, '--review', 'kestrel-hosting.csv', '--accept'], OFFLINE)
  expect(accepted.stdout).not.toContain('waits for a person')
  expect(accepted.code).toBe(0)
  const [harbour, kestrel] = resultsIn(out).filter(({ status }) => status !== 'right')
  expect(harbour).toMatchObject({
    file: 'harbour-supplies.csv',
    status: 'corrected',
    statement: { totalMinor: 128_450 },
  })
  expect(kestrel).toMatchObject({ file: 'kestrel-hosting.csv', status: 'accepted', statement: null })
  expect(readFileSync(join(out, 'lines.csv'), 'utf8')).toContain(
    '\nharbour-supplies.csv,Harbour Supplies Ltd,2026-10-08,"Fenders, 4",31600,GBP\n',
  )

  const before = contents(out)
  const replayed = await demoHere(demo, ['--out', out, '--replay'], OFFLINE)
  expect(replayed.stdout).toMatch(/^extraction +matched, (\d+) of \1 entries\n/)
  expect(replayed.stdout).toMatch(/\n(\d+) of \1 runs matched\. No model was asked, no tool was run\.\n$/)
  expect(replayed.code).toBe(0)
  expect(contents(out)).toEqual(before)
})

it("a user's own folder is read, and what is wrong in it comes to a person", async () => {
  const folder = tempFolder({ 'unknown.txt': 'Dear diary', 'logo.png': '', '.hidden.txt~': '' })
  const text = readFileSync(join(STATEMENTS, 'green-valley.txt'), 'utf8')
  writeFileSync(join(folder, 'green-valley.txt'), text.replace('(45.00)', ' 45.00 '))
  const out = tempFolder()
  const { code, stdout } = await demoHere(demo, ['--folder', folder, '--out', out])
  expect(resultsIn(out).map(({ file, status, problems }) => [file, status, ...problems])).toEqual([
    ['green-valley.txt', 'review', 'The lines come to 2,306.00 USD, and the total is 2,216.00 USD.'],
    ['unknown.txt', 'review', 'The written part does not know this file.'],
  ])
  expect(stdout).toContain('\nunknown.txt waits for a person. The written part does not know this file.\n')
  expect(code).toBe(0)
})

it('a file that failed is read again by the same command, and the others are not', async () => {
  const folder = tempFolder()
  for (const name of ['aldgate-print.csv', 'ito-shoten.csv']) cpSync(join(STATEMENTS, name), join(folder, name))
  const part = writtenPart(0)
  let isSpent = true
  const asked: string[] = []
  const server = await fakeOpenAI((ask): FakeAnswer | Promise<FakeAnswer> => {
    asked.push(taskOf(ask.body.input))
    if (isSpent && taskOf(ask.body.input).includes('ito')) return { text: '', fault: 'insufficient_quota' }
    return part(ask)
  })
  try {
    const command = [demo, ['--folder', folder, '--out', tempFolder()], { OPENAI_BASE_URL: server.url }] as const
    const first = await demoHere(...command)
    expect(statuses(first.stdout)).toEqual(['aldgate-print.csv right', 'ito-shoten.csv failed'])
    expect(first.stdout).toMatch(/\nito-shoten\.csv failed: .* The same command reads it again\.\n/)
    expect(first.code).toBe(1)
    isSpent = false
    asked.length = 0
    const second = await demoHere(...command)
    expect(statuses(second.stdout)).toEqual(['aldgate-print.csv right', 'ito-shoten.csv right'])
    expect(second.code).toBe(0)
    expect(asked.filter((task) => !task.includes('ito'))).toEqual([])
  } finally {
    await server[Symbol.asyncDispose]()
  }
})

function table(stdout: string): string[] {
  const lines = stdout.split('\n')
  const start = lines.findIndex((line) => line.startsWith('file  '))
  return lines.slice(start + 2, lines.findIndex((line) => /^\d+ files /.test(line)) - 1)
}

/** The files of the table, each with its status. */
function statuses(stdout: string): string[] {
  return table(stdout).map((line) => {
    const cells = line.split(/\s{2,}/)
    return `${cells[0]} ${cells.at(-4)}`
  })
}
