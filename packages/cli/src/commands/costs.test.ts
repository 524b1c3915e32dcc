import { join } from 'node:path'
import { agentTool, createRuntime, defineAgent } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { manualClock, scriptedModel } from '@reprise/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordServed, recordWaiting, reply, say } from '../desk.fixture.ts'
import { printed, tempFolder } from '../reprise.fixture.ts'

const cwd = tempFolder()
const store = join(cwd, 'runs.db')
const costs = (...args: readonly string[]): Promise<string> => printed(['costs', '--store', store, ...args], { cwd })

/** Groups by their keys: runs, turns and nano-dollars. */
async function groups(...args: readonly string[]): Promise<unknown> {
  const told = JSON.parse(await costs('--json', ...args)) as {
    groups: { key: string; runs: number; turns: number; costNano: number }[]
    total: { runs: number; turns: number; costNano: number }
  }
  return [...told.groups, { ...told.total, key: 'all' }].map(({ key, runs, turns, costNano }) => [
    key,
    runs,
    turns,
    costNano,
  ])
}

beforeAll(async () => {
  await recordServed(store, 'a', 'b')
  await recordWaiting(store)
  const writer = defineAgent({ name: 'helper', model: 'gpt-4.1', instructions: '' })
  const boss = defineAgent({
    name: 'boss',
    model: 'gpt-4.1-mini',
    instructions: '',
    tools: [agentTool(writer, { name: 'ask', description: 'Asks.' })],
  })
  const models = scriptedModel(({ card, items }) =>
    card.agent === 'boss' && items.length === 1
      ? reply([{ kind: 'call', callId: 'c', name: 'ask', arguments: '{"task":"Go."}' }], 1_000)
      : {
          ...reply([say('done')], 7_000),
          model: card.agent === 'boss' ? 'gpt-4.1-mini-2025-04-14' : 'gpt-4.1-2025-04-14',
        },
  )
  const clock = manualClock({ now: Date.UTC(2026, 10, 23, 1) })
  await using runtime = createRuntime({ store: sqlite(store), models, definitions: [boss, writer], clock })
  await (await runtime.start(boss, 'go', { id: 'c', tags: ['web', 'late'] })).outcome()
})

describe('reprise costs', () => {
  it('sums all runs, those below others once, and tells apart what has no known price', async () => {
    expect(await costs()).toBe(
      `     RUNS  TURNS  CALLS  TOKENS IN  CACHED  TOKENS OUT  COST
all  6     12     8      14,808     83 %    672         >$0.000753
3 runs with 3 turns of unknown price: the cost is more than that.
`,
    )
  })

  it('tells by name what used it, and by day in the order of days', async () => {
    expect(await costs('--by', 'name')).toBe(
      `NAME     RUNS  TURNS  CALLS  TOKENS IN  CACHED  TOKENS OUT  COST
clerk    3     9      6      11,106     83 %    504         >$0.000738
boss     1     2      1      2,468      83 %    112         $0.000008
helper   1     1      0      1,234      83 %    56          $0.000007
nightly  1     0      1      0                  0           $0.000000
all      6     12     8      14,808     83 %    672         >$0.000753
3 runs with 3 turns of unknown price: the cost is more than that.
`,
    )
    expect(await groups('--by', 'day')).toEqual([
      ['2026-11-22', 4, 9, 738_000],
      ['2026-11-23', 2, 3, 15_000],
      ['all', 6, 12, 753_000],
    ])
  })

  it('counts a run for each of its tags, with the runs below it', async () => {
    expect(await groups('--by', 'tag')).toEqual([
      ['web', 4, 9, 507_000],
      ['(none)', 2, 3, 246_000],
      ['late', 2, 3, 15_000],
      ['all', 6, 12, 753_000],
    ])
  })

  it('tells by model what each has replied', async () => {
    expect(await costs('--by', 'model')).toMatch(/^gpt-4\.1-mini-2025-04-14 +4 +11 +7 /m)
    expect(await groups('--by', 'model')).toEqual([
      ['gpt-4.1-mini-2025-04-14', 4, 11, 746_000],
      ['gpt-4.1-2025-04-14', 1, 1, 7_000],
      ['all', 6, 12, 753_000],
    ])
  })

  it.each([
    [
      ['--tag', 'late'],
      ['all', 2, 3, 15_000],
    ],
    [
      ['--name', 'nightly'],
      ['all', 2, 3, 246_000],
    ],
    [
      ['--name', 'clerk'],
      ['all', 3, 9, 738_000],
    ],
    [
      ['--since', '2026-11-23'],
      ['all', 2, 3, 15_000],
    ],
    [
      ['--name', 'nobody'],
      ['all', 0, 0, 0],
    ],
  ])('with %j counts %j', async (args, total) => {
    expect(await groups(...args)).toEqual([total])
  })
})
