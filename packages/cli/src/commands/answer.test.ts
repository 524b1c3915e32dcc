import { join } from 'node:path'
import { createRuntime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { asker } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

const id = 'r/agent:0/turn:0/call:0'

it('reprise answer answers a call that somebody is to answer, and brings the run as far as it goes', async () => {
  const cwd = tempFolder()
  writeConfig(cwd, '[...desk.definitions, desk.asker]')
  const models = scriptedModel([{ calls: [{ name: 'ask', arguments: { id: 'a' } }] }])
  const runtime = createRuntime({ store: sqlite(join(cwd, 'runs.db')), models, definitions: [asker] })
  await (await runtime.start(asker, 'Which colour?', { id: 'r' })).outcome()
  await runtime.close()
  const lines = (await printed(['show', 'r'], { cwd })).split('\n')
  expect(lines.slice(1, 4)).toEqual([
    `  status   waiting for somebody to answer ask, as ${id}`,
    `  go on    reprise answer ${id} VALUE --by NAME`,
    '  asked    asker calls ask {"id":"a"}',
  ])
  expect(await reprise(['answer', id, '7', '--by', 'kim'], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`The answer to ask at "agent:0/turn:0/call:0" of the run "r" is none.`),
  })
  expect(await reprise(['answer', 'r', '7', '--by', 'kim'], { cwd })).toMatchObject({ code: 2 })
  expect(await printed(['approvals'], { cwd })).toContain(
    `what is the answer\n  reprise answer ${id} VALUE --by NAME\n`,
  )
  const told = untimed(await printed(['answer', id, '"blue"', '--by', 'kim'], { cwd })).split('\n')
  expect(told[0]).toBe('    4  call:0 ask is answered by kim: "blue"')
  expect(told.join('\n')).toContain('r is completed')
})
