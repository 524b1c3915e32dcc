import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SavedAnswer, digest } from '@reprise/core'
import { expect, test } from 'vitest'
import { tempFolder } from '../reprise.fixture.ts'
import { ResultsFile } from './results-file.ts'

const answer = (runId: string): SavedAnswer => ({
  runId,
  of: digest(runId),
  kind: 'verdict',
  verdict: { verdict: 'equal', why: 'line\nbreak' },
})

test('what was kept is there again, in the order in which it was kept', async () => {
  const path = join(tempFolder(), 'answers.jsonl')
  const file = new ResultsFile(path)
  expect(await file.load()).toEqual([])
  await Promise.all(['a', 'b', 'c'].map((id) => file.save(answer(id))))
  await file.close()
  const again = new ResultsFile(path)
  expect(await again.load()).toEqual(['a', 'b', 'c'].map(answer))
  await again.close()
})

test('a line that was cut off is no answer, and the next one stands on a line of its own', async () => {
  const path = join(tempFolder(), 'answers.jsonl')
  const first = new ResultsFile(path)
  await first.load()
  await first.save(answer('a'))
  await first.close()
  appendFileSync(path, '{"runId":"b","of":"\u00E9')
  const again = new ResultsFile(path)
  expect(await again.load()).toEqual([answer('a')])
  await again.save(answer('c'))
  await again.close()
  expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(answer('a'))}\n${JSON.stringify(answer('c'))}\n`)
})

test.for(['not JSON\n', 'not JSON', '[1]\n', '{"runId":"a"}\n'])('%j is refused with its line', async (text) => {
  const path = join(tempFolder(), 'answers.jsonl')
  writeFileSync(path, `${JSON.stringify(answer('a'))}\n${text}`)
  await expect(new ResultsFile(path).load()).rejects.toThrow(/^Line 2 of .*answers\.jsonl cannot be taken: /)
})
