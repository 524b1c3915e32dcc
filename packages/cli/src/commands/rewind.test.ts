import { join } from 'node:path'
import { ModelError } from '@reprise/core'
import { beforeEach, expect, it } from 'vitest'
import { deskRuntime, nightly } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

const child = 'night/agent:clerk'
let cwd: string
beforeEach(async () => {
  cwd = tempFolder()
  writeConfig(cwd)
  // Its child cannot ask its model, until somebody has mended that.
  const keyless = new ModelError({ code: 'unauthorized', message: 'There is no such key.', mendable: true })
  const runtime = deskRuntime(join(cwd, 'runs.db'), [keyless])
  await (await runtime.start(nightly, { ticket: 'Order a' }, { id: 'night' })).outcome()
  await runtime.close()
})

it('reprise rewind lets a run go on with a fork of its child, and tells what happens from there', async () => {
  await printed(['fork', child, '--at', '1', '--id', 'f', '--live', '--edit-input', 'Order b'], { cwd })
  expect(untimed(await printed(['rewind', 'night', '--from', child, '--to', 'f', '--by', 'ana'], { cwd }))).toBe(
    `    2  agent:clerk goes on with the run f instead of ${child}, says ana
    3  agent:clerk has completed the run f: {"total":7}
                       1 turn, 0 calls, 0 tokens in, 0 out, $0.000000 and 1 turn of unknown price
    4  step:note returns "noted"
    5  the run waits for the signal review
night waits for the signal review
Go on with: reprise send night review PAYLOAD
1 turn, 1 call, 0 tokens in, 0 out, $0.000000 and 1 turn of unknown price
`,
  )
  const facts = async (id: string) => (await printed(['show', id], { cwd })).split('\n').map((line) => line.trim())
  expect(await facts('f')).toContain('parent   night, at agent:clerk')
  expect(await facts(child)).toContain('status   cancelled')
  expect(await facts(child)).toContain('forks    f (at 1, completed)')
})

it('reprise rewind says why a run does not, and which runs it takes', async () => {
  await printed(['fork', child, '--at', '1', '--id', 'f', '--live'], { cwd })
  const { code, stderr } = await reprise(['rewind', 'night', '--from', 'f', '--to', child, '--by', 'ana'], { cwd })
  expect([code, stderr]).toEqual([
    1,
    `reprise: The run "night" cannot go on with "${child}" instead of "f": "f" is no child of it. It has: ${child}.\n`,
  ])
  expect((await reprise(['rewind', 'night', '--from', child], { cwd })).code).toBe(2)
})
