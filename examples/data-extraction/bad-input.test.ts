import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { STATEMENTS } from './statements.ts'
import { contents, tempFolder } from './temp-folder.fixture.ts'

/** An extraction that is done, but for one file that waits for a person. */
const folder = tempFolder()
const out = tempFolder()

beforeAll(async () => {
  for (const name of ['aldgate-print.csv', 'harbour-supplies.csv']) cpSync(join(STATEMENTS, name), join(folder, name))
  await demoHere(demo, ['--folder', folder, '--out', out])
})

it.each([
  [
    'aldgate-print.csv',
    ['--accept'],
    'aldgate-print.csv does not wait for a person: it is right. What waits: harbour-supplies.csv.',
  ],
  [
    'harbour-supplies.csv',
    ['--correct', '{"totalMinor":1}'],
    'The correction of harbour-supplies.csv does not add up. The lines come to 1,284.50 GBP, and the total is 0.01 GBP.',
  ],
])('--review %s %j is refused', async (file, decision, complaint) => {
  expect(await refused(out, ['--review', file, ...decision])).toBe(complaint)
})

it('what was read is not mixed with other files, nor with results that were changed', async () => {
  writeFileSync(join(folder, 'aldgate-print.csv'), 'Total,0')
  expect(await refused(out, ['--folder', folder])).toBe(
    `${folder} is not as it was when its reading began (aldgate-print.csv). Start over with --fresh, or give another place with --out.`,
  )
  writeFileSync(join(out, 'lines.csv'), 'mine')
  expect(await refused(out, ['--review', 'harbour-supplies.csv'])).toBe(
    `${join(out, 'lines.csv')} was changed since it was written. Put it back as it was, or use --fresh.`,
  )
})

it('where nothing was read there is nothing to review', async () => {
  const empty = tempFolder()
  expect(await refused(empty, ['--review', 'a.csv'])).toBe(
    `Nothing was read into ${empty} yet. Read statements first: npm run demo:extract`,
  )
})

it('a fresh start does not empty a folder that holds anything else', async () => {
  const place = tempFolder({ 'thesis.txt': 'ten years of work' })
  expect(await refused(place, ['--fresh'])).toBe(
    `${place} holds more than an extraction's files (thesis.txt): --fresh leaves it as it is. Give another folder with --out.`,
  )
})

it('a file that is no database is no journal', async () => {
  const place = tempFolder({ 'extraction.db': 'dear diary' })
  expect(await refused(place, [])).toBe(
    `The store at ${join(place, 'extraction.db')} is not a SQLite database, and was left as it is. Give the path of a store, or of a file that does not exist yet.`,
  )
})

it('a command line that makes no sense ends with 2, and --help with 0', async () => {
  const { code, stdout, stderr } = await demoHere(demo, ['--accept'])
  expect(stderr).toBe(
    '--accept needs to know of which file: --review FILE --accept. For what there is: npm run demo:extract -- --help\n',
  )
  expect(stdout).toBe('')
  expect(code).toBe(2)
  const help = await demoHere(demo, ['--help'])
  expect(help.stdout).toMatch(/^npm run demo:extract -- \[OPTION\.\.\.\]\n/)
  expect(help.code).toBe(0)
})

/** Runs the demo in a place that it must leave as it is, and gives its one line. */
async function refused(place: string, args: readonly string[]): Promise<string> {
  const before = contents(place)
  const { code, stdout, stderr } = await demoHere(demo, ['--out', place, ...args])
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^[^\n]+\n$/)
  expect(code).toBe(1)
  expect(contents(place)).toEqual(before)
  return stderr.trimEnd()
}
