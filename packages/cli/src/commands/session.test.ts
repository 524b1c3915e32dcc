import { join } from 'node:path'
import { createRuntime, defineAgent } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { printed, tempFolder } from '../reprise.fixture.ts'

it('reprise runs --session lists the turns of a conversation, and reprise show says which one a run is', async () => {
  const cwd = tempFolder()
  const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Help.' })
  const models = scriptedModel(() => ({ text: 'Yes.' }))
  {
    await using runtime = createRuntime({ store: sqlite(join(cwd, 'runs.db')), models, definitions: [desk] })
    const session = runtime.session('chat', { agent: desk })
    for (const id of ['m1', 'm2']) await (await session.send(`Hello ${id}`, { id })).result()
    await (await runtime.start(desk, 'Alone', { id: 'alone' })).result()
  }
  const at = ['--store', 'runs.db']
  const listed = JSON.parse(await printed(['runs', '--session', 'chat', '--json', ...at], { cwd })) as {
    readonly runs: readonly { readonly id: string }[]
  }
  expect(listed.runs.map(({ id }) => id)).toEqual(['chat/m1', 'chat/m2'])
  const shown = await printed(['show', 'chat/m2', ...at], { cwd })
  expect(shown).toMatch(/^ +session +chat, turn 2$/m)
  expect(shown).toContain('goes on from the turn chat/m1')
  const asked = await printed(['show', 'chat/m2', '--request', '2', ...at], { cwd })
  for (const said of ['Hello m1', 'Yes.', 'Hello m2']) expect(asked).toContain(said)
})
