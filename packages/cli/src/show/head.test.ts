import { stripVTControlCharacters } from 'node:util'
import { agentTool, createRuntime, defineAgent, defineTool, type RunRow } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { sayHead } from './head.ts'

const gated = (name: string) =>
  defineTool({
    name,
    description: 'Does.',
    input: z.object({ usd: z.number() }),
    effect: 'idempotent',
    approval: true,
    execute: () => name,
  })

it('a run is told with all that it waits for, and with what its children wait for', async () => {
  const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [gated('pay')] })
  const ask = agentTool(till, { name: 'ask', description: 'Asks.' })
  const boss = defineAgent({ name: 'boss', model: 'm', instructions: '', tools: [ask, gated('seal')] })
  const models = scriptedModel(({ card }) => ({
    calls:
      card.agent === 'till'
        ? [{ name: 'pay', arguments: { usd: 5 } }]
        : [
            { name: 'ask', arguments: { task: 'Pay.' } },
            { name: 'seal', arguments: { usd: 1 } },
          ],
  }))
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [boss, till] })
  await (await runtime.start(boss, 'go', { id: 'r' })).outcome()
  const row = await runtime.runs.get('r')
  const child = await runtime.runs.get('r/agent:0/turn:0/call:0')
  const below = new Map<string, RunRow>([[child.id, child]])
  const lines = sayHead(row, await runtime.runs.entries('r'), { below, forks: [] }).map((line) =>
    stripVTControlCharacters(line).trimEnd(),
  )
  expect(lines.filter((line) => /^ {2}(?:status|and|go on|asked|child) /.test(line))).toEqual([
    '  status   waiting for its child r/agent:0/turn:0/call:0',
    '  go on    reprise show r/agent:0/turn:0/call:0',
    '  child    r/agent:0/turn:0/call:0 waits for somebody to allow pay at agent:0/turn:0/call:0',
    '  go on    reprise approve r/agent:0/turn:0/call:0 agent:0/turn:0/call:0 --by NAME (or reject)',
    '  asked    till calls pay {"usd":5}',
    '  and      for somebody to allow seal at agent:0/turn:0/call:1',
    '  go on    reprise approve r agent:0/turn:0/call:1 --by NAME (or reject)',
    '  asked    boss calls seal {"usd":1}',
  ])
})
