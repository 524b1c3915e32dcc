import { join } from 'node:path'
import { createRuntime, defineAgent, defineTeam, defineTool, type ModelReply, type ReplyItem } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { manualClock, scriptedModel } from '@reprise/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { call, say } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

const input = z.object({ id: z.string() })
const look = defineTool({ name: 'look', description: 'Looks.', input, effect: 'read', execute: () => 'here' })
const pay = defineTool({ name: 'pay', description: 'Pays.', input, effect: 'idempotent', execute: () => 'paid' })
const clerk = defineAgent({ name: 'clerk', model: 'm-1', instructions: 'Serve.', tools: [look] })
const cashier = defineAgent({ name: 'cashier', model: 'm-1', instructions: 'Pay.', tools: [look, pay] })
const desk = defineTeam({ name: 'desk', entry: clerk, handoffs: [[clerk, [cashier]]] })

let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

function reply(items: readonly ReplyItem[], inputTokens: number, cachedTokens: number): ModelReply {
  const usage = { inputTokens, cachedTokens, outputTokens: 5, reasoningTokens: 0 }
  return { items, finish: 'stop', model: 'm-1', usage, costNano: 1_000 }
}

async function record(replies: readonly ModelReply[]): Promise<void> {
  const clock = manualClock({ now: Date.UTC(2026, 10, 22) })
  const models = scriptedModel(async (_request, nth) => {
    await clock.advance(nth === 3 ? 720_000 : 1_000)
    return replies[nth - 1] ?? expect.fail()
  })
  await using runtime = createRuntime({ store: sqlite(store), models, definitions: [desk], clock, random: () => 0 })
  await (await runtime.start(desk, 'go', { id: 'r' })).outcome()
}

describe('reprise cache', () => {
  it('tells what was cached of each request and, where that fell, what had changed', async () => {
    await record([
      reply([call('c0', 'look', 'a')], 1_000, 0),
      reply([call('c1', 'look', 'b')], 1_200, 900),
      reply([{ kind: 'call', callId: 'c2', name: 'transfer_to_cashier', arguments: '{}' }], 1_500, 0),
      reply([call('c3', 'pay', 'a')], 1_600, 0),
      reply([say('done')], 1_700, 1_500),
    ])
    expect(await printed(['cache', 'r', '--store', store], { cwd })).toBe(
      `ENTRY  AGENT    MODEL  INPUT  CACHED  SHARE
1      clerk    m-1    1,000  0       0 %
3      clerk    m-1    1,200  900     75 %
5      clerk    m-1    1,500  0       0 %
       fell: nothing that was sent before had changed; 2 items came, 12 min 0 s after the reply before
7      cashier  m-1    1,600  0       0 %
10     cashier  m-1    1,700  1,500   88 %
7,000 tokens in, 2,400 of them cached (34 %)
`,
    )
  })

  it('names the parts of a request that are others than before', async () => {
    await record([
      reply([call('c0', 'look', 'a')], 1_000, 0),
      reply([{ kind: 'call', callId: 'c2', name: 'transfer_to_cashier', arguments: '{}' }], 1_500, 900),
      reply([say('done')], 1_700, 100),
    ])
    const { replies } = JSON.parse(await printed(['cache', 'r', '--json', '--store', store], { cwd })) as {
      replies: unknown[]
    }
    expect(replies.at(-1)).toMatchObject({
      agent: 'cashier',
      cachedTokens: 100,
      fall: { changed: ['instructions', 'tools: pay is new, transfer_to_cashier is gone'], added: 2, afterMs: 720_000 },
    })
  })

  it('says so where no reply tells its tokens', async () => {
    await record([{ ...reply([say('done')], 1, 0), usage: undefined } as unknown as ModelReply])
    expect(await reprise(['cache', 'r', '--store', store], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'reprise: No reply of the run "r" tells its tokens. Where its agents are runs of their own, look at those: reprise runs --parent r\n',
    })
  })
})
