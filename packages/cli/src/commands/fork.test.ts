import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

let cwd: string
beforeEach(async () => {
  cwd = tempFolder()
  writeConfig(cwd)
  await recordServed(join(cwd, 'runs.db'), 'r')
})

it('reprise fork goes on from the first entries of a run, and tells what happens from there', async () => {
  // The model answers at once, where the run was paid back first.
  expect(untimed(await printed(['fork', 'r', '--at', '3', '--id', 'f'], { cwd }))).toBe(
    `    3  forked from r: all before is of that run, and from here only tools that read run
    4  clerk replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    5  the run is completed: {"total":7}
f is completed:
{
  "total": 7
}
1 turn, 0 calls, 0 tokens in, 0 out, $0.000000 and 1 turn of unknown price
`,
  )
  const shown = await printed(['show', 'f'], { cwd })
  expect(shown).toMatch(/^ +forked +from r, at 3$/m)
  expect(shown).toMatch(/^ +used +1 turn, 0 calls/m)
  expect(JSON.parse(await printed(['fork', 'r', '--at', '3', '--json'], { cwd }))).toMatchObject({ kind: 'completed' })
})

it('reprise fork ends at what is more than reading, and tells what to type; --live does it', async () => {
  expect(await reprise(['fork', 'r', '--at', '4', '--id', 'f'], { cwd })).toMatchObject({
    code: 1,
    stderr: '',
    stdout: expect.stringContaining('Go on with: reprise fork f --at 7 --live\n') as unknown,
  })
  expect(await printed(['fork', 'f', '--at', '7', '--live', '--id', 'g'], { cwd })).toContain('g is completed:')
  expect(await printed(['show', 'g'], { cwd })).toContain('call:0 pay returns "paid a"')
})

it('reprise fork tells which places a run has', async () => {
  await recordWaiting(join(cwd, 'runs.db'))
  const refusal = async (...args: string[]): Promise<string> => (await reprise(['fork', ...args], { cwd })).stderr
  expect(await refusal('r', '--at', '99')).toBe(
    'reprise: The run "r" cannot be forked at 99: it has 8 entries, and has ended at the last. Give the number of entries to go on from, 1 to 7.\n',
  )
  expect(await refusal('night', '--at', '99')).toBe(
    'reprise: The run "night" cannot be forked at 99: it has 5 entries. Give the number of entries to go on from, 1 to 5.\n',
  )
})
