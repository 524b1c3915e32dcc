import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeAnswer, fakeOpenAI, type FakeReply } from '@reprise/fake-openai'
import { expect, it } from 'vitest'
import { taskOf } from './part/scene.ts'
import { writtenPart } from './part/part.ts'
import { resultsIn } from './results.fixture.ts'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { STATEMENTS } from './statements.ts'
import { statusesIn } from './table.fixture.ts'
import { tempFolder } from './temp-folder.fixture.ts'

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

/** The demo with two files and a server of its own, which has a fault with one of them until that is mended. */
async function withFault(fault: NonNullable<FakeReply['fault']>) {
  const folder = tempFolder()
  for (const name of ['aldgate-print.csv', 'ito-shoten.csv']) cpSync(join(STATEMENTS, name), join(folder, name))
  const part = writtenPart(0)
  let isMended = false
  const asked: string[] = []
  const server = await fakeOpenAI((ask): FakeAnswer | Promise<FakeAnswer> => {
    asked.push(taskOf(ask.body.input))
    if (!isMended && taskOf(ask.body.input).includes('ito')) return { text: '', fault }
    return part(ask)
  })
  const out = tempFolder()
  return {
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    asked,
    run: () => demoHere(demo, ['--folder', folder, '--out', out], { OPENAI_BASE_URL: server.url }),
    mend: () => {
      isMended = true
      asked.length = 0
    },
  }
}

it('a file that failed is read again by the same command, and the others are not', async () => {
  await using server = await withFault('invalid_request')
  const first = await server.run()
  expect(statusesIn(first.stdout)).toEqual(['aldgate-print.csv right', 'ito-shoten.csv failed'])
  expect(first.stdout).toMatch(/\nito-shoten\.csv failed: .* The same command reads it again\.\n/)
  expect(first.code).toBe(1)
  server.mend()
  const second = await server.run()
  expect(statusesIn(second.stdout)).toEqual(['aldgate-print.csv right', 'ito-shoten.csv right'])
  expect(second.code).toBe(0)
  expect(server.asked.filter((task) => !task.includes('ito'))).toEqual([])
})

it('a quota that is spent holds all up, and the same command goes on when there is one again', async () => {
  await using server = await withFault('insufficient_quota')
  const first = await server.run()
  expect(first.stdout).toMatch(/\nThe extraction is not done: .*insufficient_quota.*\n/)
  expect(first.code).toBe(1)
  server.mend()
  const second = await server.run()
  expect(statusesIn(second.stdout)).toEqual(['aldgate-print.csv right', 'ito-shoten.csv right'])
  expect(second.code).toBe(0)
  expect(server.asked.filter((task) => !task.includes('ito'))).toEqual([])
})
