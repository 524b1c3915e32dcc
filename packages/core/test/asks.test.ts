// What people are asked just now, over all runs of a store.
import { changedStore, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { sqlite } from '@reprise/store'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { agentTool, type AskFilter, createRuntime, defineAgent, defineTool, type Store } from '../src/index.ts'

const input = z.object({ id: z.string() })
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input,
  effect: 'idempotent',
  approval: true,
  approvalTimeoutMs: 60_000,
  execute: () => 'paid',
})
const ask = defineTool({ name: 'ask', description: 'Asks.', external: true, input, output: z.string() })
const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay, ask] })
const boss = defineAgent({
  name: 'boss',
  model: 'm',
  instructions: '',
  tools: [agentTool(till, { name: 'till', description: 'Asks the till.' })],
})
const quick = defineAgent({ name: 'quick', model: 'm', instructions: '' })

const models = scriptedModel(({ card, items }) => {
  if (card.agent === 'quick' || items.some(({ kind }) => kind === 'result')) return { text: 'done' }
  if (card.agent === 'boss') return { calls: [{ name: 'till', arguments: { task: 'go' } }] }
  return { calls: ['pay', 'ask', 'pay'].map((name, at) => ({ name, arguments: { id: String(at) } })) }
})

async function desk(store: Store = memoryStore()) {
  const clock = manualClock()
  const runtime = createRuntime({ store, models, definitions: [boss, till, quick], clock })
  const rests = async (agent: typeof boss | typeof till | typeof quick, id: string, tenant = 'acme') =>
    (await runtime.start(agent, 'go', { id, tenant, tags: [id] })).outcome()
  return { clock, runtime, rests }
}

describe('what people are asked', () => {
  it.each([
    ['memory', () => memoryStore()],
    ['SQLite', () => sqlite(':memory:')],
  ])('is listed with all that they need to know, on %s', async (_, open) => {
    const { clock, runtime, rests } = await desk(open())
    await rests(till, 'r')
    await clock.advance(5_000)
    await rests(boss, 'b', 'other')
    const { asks, next } = await runtime.approvals()
    expect(next).toBeNull()
    const child = 'b/agent:0/turn:0/call:0'
    const key = (at: number) => `agent:0/turn:0/call:${at}`
    expect(asks.map(({ kind, runId, id, ageMs, parents }) => [kind, runId, id, ageMs, parents])).toEqual([
      ['approval', 'r', key(0), 5_000, []],
      ['answer', 'r', `r/${key(1)}`, 5_000, []],
      ['approval', 'r', key(2), 5_000, []],
      ['approval', child, key(0), 0, ['b']],
      ['answer', child, `${child}/${key(1)}`, 0, ['b']],
      ['approval', child, key(2), 0, ['b']],
    ])
    expect(asks[0]).toEqual({
      kind: 'approval',
      id: key(0),
      runId: 'r',
      parents: [],
      definition: { kind: 'agent', name: 'till', version: 1 },
      tags: ['r'],
      tenant: 'acme',
      user: null,
      agent: 'till',
      tool: 'pay',
      arguments: { id: '0' },
      askedAt: 0,
      ageMs: 5_000,
      until: 60_000,
      approvers: 1,
      by: [],
    })
    const ids = async (filter: AskFilter) => (await runtime.approvals(filter)).asks.map(({ id }) => id)
    expect(await ids({ kind: 'answer', tenant: 'acme' })).toEqual([`r/${key(1)}`])
    expect(await ids({ tool: 'pay', name: 'till', tag: 'r' })).toEqual([key(0), key(2)])
    expect(await ids({ user: 'nobody' })).toEqual([])
    expect((await runtime.forTenant('other').approvals()).asks).toHaveLength(3)

    // What nobody has allowed in time is refused, and asked no more; what is to be answered has no end.
    await clock.advance(55_000)
    await (await runtime.resume('r')).outcome()
    expect(await ids({ tenant: 'acme' })).toEqual([`r/${key(1)}`])
    const given = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'approval.given')
    expect(given.map(({ body }) => body)).toMatchObject(
      [key(0), key(2)].map(() => ({ approved: false, by: 'the clock' })),
    )
    await runtime.close()
  })

  it('comes in pages that go on where the one before ended, whatever was answered meanwhile', async () => {
    const { runtime, rests } = await desk()
    for (const id of ['r1', 'r2']) await rests(till, id)
    const pages: string[][] = []
    let after: string | undefined
    for (let page = 0; page < 4; page++) {
      const { asks, next } = await runtime.approvals({ limit: 2, ...(after !== undefined && { after }) })
      pages.push(asks.map(({ runId, id }) => `${runId} ${id.at(-1)}`))
      if (page === 0) await (await runtime.approve('r1', 'agent:0/turn:0/call:0', { by: 'ana' })).outcome()
      if (next === null) break
      after = next
    }
    expect(pages).toEqual([
      ['r1 0', 'r1 1'],
      ['r1 2', 'r2 0'],
      ['r2 1', 'r2 2'],
    ])
    await expect(runtime.approvals({ after: 'r1' })).rejects.toThrow('runtime.approvals was given after: "r1"')
    await expect(runtime.approvals({ limit: 0 })).rejects.toThrow('runtime.approvals was given limit')
    await runtime.close()
  })

  it('costs nothing for runs that have ended', async () => {
    const store = memoryStore()
    let read = 0
    const counting = changedStore(store, {
      runs: async (filter) => {
        const rows = await store.runs(filter)
        read += rows.length
        return rows
      },
    })
    const { runtime, rests } = await desk(counting)
    for (let nth = 0; nth < 20; nth++) await rests(quick, `q${nth}`)
    await rests(till, 'r')
    read = 0
    expect((await runtime.approvals()).asks).toHaveLength(3)
    expect(read).toBe(1)
    await runtime.close()
  })
})
