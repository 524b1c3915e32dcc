// A recorded conversation again, with another model: what is different is found, and nothing is invented or touched.
import { afterEach, describe, expect, it } from 'vitest'
import type { ScriptedAnswer, ScriptedCall } from '@reprise/testing'
import type { BacktestOptions, BacktestReport, BacktestRun, Model, Store } from '../src/index.ts'
import { playing, readOnly, recorded, runtimeOn, says, world } from './backtest.fixture.ts'

afterEach(() => {
  world.frozen = false
})

let kept: Promise<Store> | undefined

/** Backtests what was recorded, with tools that throw when they run, on a store that refuses to be written to. */
async function backtested(models: Model, options: BacktestOptions, filter = {}): Promise<BacktestReport> {
  const store = await (kept ??= recorded())
  world.frozen = true
  await using runtime = runtimeOn(readOnly(store), models)
  return await runtime.backtest(filter, options)
}

/** Backtests one run with a model that plays otherwise. */
async function tried(
  id: string,
  script: readonly ScriptedAnswer[],
  options: BacktestOptions = { model: 'luna' },
): Promise<BacktestRun> {
  const { runs } = await backtested(playing({ luna: { [id]: script } }), options, { ids: [id] })
  const [run] = runs
  if (!run) throw new Error('There is no run')
  return run
}

const calls = (...list: readonly ScriptedCall[]): ScriptedAnswer => ({ calls: list })
const call = (name: string, args: NonNullable<ScriptedCall['arguments']>): ScriptedCall => ({ name, arguments: args })
const findA = call('find', { id: 'a' })
const first = 'agent:0/turn:0/call:0'
const second = 'agent:0/turn:1/call:0'

describe('a backtest of a model that does the same', () => {
  it('finds all runs the same, whatever happened in them, and touches nothing', async () => {
    const models = playing()
    const report = await backtested(models, { model: 'luna' })
    const others = report.runs.filter(({ status, calls }) => status !== 'same' || calls.changes.length > 0)
    expect(others).toEqual([])
    expect(report.runs).toHaveLength(21)
    expect(report.runs.every(({ coverage }) => coverage.turns === coverage.of)).toBe(true)
    expect(new Set(models.asked.map(({ card }) => card.model))).toEqual(new Set(['luna']))
    expect(report.all).toMatchObject({ runs: 21, same: 21, changed: 0, parted: 0, failed: 0, reworded: 0, wentOn: 0 })
    expect(report.asked).toEqual({ asks: models.requests, reused: 0, costNano: 0, unpriced: models.requests })
    expect(report.partial).toBeNull()
  })

  it('comes to the same figures on both sides', async () => {
    const { runs } = await backtested(playing(), { model: 'luna' })
    for (const { recorded: was, candidate: is } of runs) {
      const { used, refused, sentBack, unusable } = is
      expect({ turns: used.turns, calls: used.calls, refused, sentBack, unusable }).toEqual({
        turns: was.used.turns,
        calls: was.used.calls,
        refused: was.refused,
        sentBack: was.sentBack,
        unusable: was.unusable,
      })
    }
    expect(runs.find(({ runId }) => runId === 'rules')?.candidate.refused).toBe(1)
    expect(runs.find(({ runId }) => runId === 'repair')?.candidate.sentBack).toBe(2)
    expect(runs.find(({ runId }) => runId === 'unusable')?.candidate.unusable).toBe(2)
  })

  it('asks no more where a recording that has not ended says no more', async () => {
    const models = playing()
    const { runs } = await backtested(models, { model: 'luna' }, { ids: ['waiting', 'cancelled'] })
    expect(models.requests).toBe(4)
    expect(runs.map(({ status, end, candidate }) => [status, end, candidate.outcome])).toEqual([
      ['same', null, { kind: 'open' }],
      ['same', null, { kind: 'open' }],
    ])
  })
})

describe('a backtest finds', () => {
  it('arguments that differ, by their paths, and stops there', async () => {
    const run = await tried('approved', [calls(findA), calls(call('pay', { id: 'a', usd: 250 })), says(1)])
    expect(run).toMatchObject({ status: 'parted', coverage: { turns: 1, of: 3 }, end: null })
    expect(run.parted).toEqual({
      seq: 4,
      key: second,
      agent: 'clerk',
      why: 'call not recorded',
      recorded: 'pay {"id":"a","usd":200}',
      candidate: 'pay {"id":"a","usd":250}',
      wentOn: null,
    })
    const fields = [{ path: 'usd', recorded: 200, candidate: 250 }]
    expect(run.calls).toEqual({
      recorded: 1,
      candidate: 2,
      same: 1,
      inOrder: true,
      changes: [{ kind: 'arguments', agent: 'clerk', tool: 'pay', key: second, recordedKey: second, seq: 4, fields }],
    })
  })

  it('no difference in the order of calls, or of keys, nor in what a schema fills in', async () => {
    const pays = [call('pay', '{"why":null,"usd":5,"id":"a"}'), call('log', { line: 'x' })]
    const run = await tried('parallel', [
      calls(call('find', '{"full":false,"id":"b"}'), findA),
      calls(...pays, call('pay', { usd: 5, id: 'b' })),
      says(10),
    ])
    expect(run).toMatchObject({ status: 'same', calls: { same: 5, inOrder: false, changes: [] } })
  })

  it('no difference in how calls are spread over turns', async () => {
    const run = await tried('parallel', [
      calls(findA),
      calls(call('find', { id: 'b' }), call('pay', { id: 'a', usd: 5 })),
      calls(call('pay', { id: 'b', usd: 5 })),
      calls(call('log', { line: 'x' })),
      says(10),
    ])
    expect(run).toMatchObject({ status: 'same', coverage: { turns: 3, of: 3 } })
    expect([run.recorded.used.turns, run.candidate.used.turns]).toEqual([3, 5])
  })

  it('a call that is left out', async () => {
    const run = await tried('plain', [says(12)])
    expect(run).toMatchObject({ status: 'changed', coverage: { turns: 2, of: 2 }, end: { same: true, changes: [] } })
    expect(run.calls.changes).toEqual([
      {
        kind: 'left out',
        agent: 'clerk',
        tool: 'find',
        key: first,
        seq: 1,
        arguments: { id: 'a', full: false },
      },
    ])
  })

  it('a handoff that is not made', async () => {
    const run = await tried('route', [{ text: 'Ask them yourself.' }])
    expect(run.status).toBe('changed')
    expect(run.calls.changes.map(({ kind, tool, agent }) => [kind, tool, agent])).toEqual([
      ['left out', 'transfer_to_orders', 'triage'],
      ['left out', 'find', 'orders'],
    ])
  })

  it('a rule that is broken, and one that is broken no more', async () => {
    const broken = await tried('plain', [calls(call('pay', { id: 'a', usd: 1 })), calls(findA), says(12)])
    expect(broken).toMatchObject({ status: 'changed', recorded: { refused: 0 }, candidate: { refused: 1 } })
    expect(broken.calls.changes.map(({ kind, tool }) => [kind, tool])).toEqual([['added', 'pay']])
    const kept = await tried('rules', [calls(findA), calls(call('pay', { id: 'a', usd: 5 })), says(5)])
    expect(kept).toMatchObject({ status: 'changed', recorded: { refused: 1 }, candidate: { refused: 0 } })
    expect(kept.calls.changes.map(({ kind, tool }) => [kind, tool])).toEqual([['left out', 'pay']])
  })

  it('answers that are sent back no more', async () => {
    const run = await tried('repair', [says(3)])
    expect(run).toMatchObject({ status: 'same', recorded: { sentBack: 2 }, candidate: { sentBack: 0 } })
  })

  it('fields of the answer that differ', async () => {
    const run = await tried('plain', [calls(findA), says(13, 'Well.')])
    expect(run.status).toBe('changed')
    expect(run.end).toEqual({
      same: true,
      fields: { of: 2, same: 0 },
      changes: [
        { path: 'text', recorded: 'Done.', candidate: 'Well.' },
        { path: 'usd', recorded: 12, candidate: 13 },
      ],
      reworded: false,
    })
  })

  it('words apart from differences: answers without a schema, and the places that are to be ignored', async () => {
    expect(await tried('spring', [{ text: 'Sun at last.' }])).toMatchObject({ status: 'same', end: { reworded: true } })
    const options = { model: 'luna', ignore: ['output.text', 'pay.why'] }
    const script = [calls(findA), calls(call('pay', { id: 'a', usd: 200, why: 'late' })), says(200, 'Well.')]
    const run = await tried('approved', script, options)
    expect(run).toMatchObject({ status: 'same', end: { fields: { of: 1, same: 1 }, reworded: true } })
    expect(await tried('approved', script)).toMatchObject({ status: 'parted' })
  })

  it('another end', async () => {
    const run = await tried('refusing', [calls(findA), says(1)])
    expect(run).toMatchObject({ status: 'changed', end: { same: false }, recorded: { outcome: { kind: 'refused' } } })
    const refused = await tried('plain', [calls(findA), { refusal: 'No.' }])
    expect(refused).toMatchObject({
      status: 'changed',
      end: { same: false },
      candidate: { outcome: { kind: 'refused' } },
    })
  })

  it('a read that is made once more, which is answered as the last time, and a letter that is sent twice, which is not', async () => {
    const read = await tried('twice', [calls(findA), calls(findA), calls(findA), calls(findA), says(4)])
    expect(read).toMatchObject({ status: 'changed', parted: null, calls: { same: 3 } })
    expect(read.calls.changes.map(({ kind }) => kind)).toEqual(['added'])
    const letter = call('mail', { to: 'ana' })
    const run = await tried('failing', [calls(call('find', { id: 'none' })), calls(letter, letter), says(0)])
    expect(run).toMatchObject({
      status: 'parted',
      coverage: { turns: 2, of: 3 },
      parted: { key: 'agent:0/turn:1/call:1' },
    })
    expect(run.parted?.recorded).toBe('answered {"text":"Done.","usd":0}')
  })

  it('what a run that has not ended did otherwise, without scoring how it ends', async () => {
    const run = await tried('waiting', [calls(findA), says(0)])
    expect(run).toMatchObject({ status: 'changed', end: null, candidate: { outcome: { kind: 'completed' } } })
    expect(run.calls.changes.map(({ kind, tool }) => [kind, tool])).toEqual([
      ['left out', 'pay'],
      ['left out', 'find'],
    ])
  })
})

describe('a call that is not recorded', () => {
  const letter = call('mail', { to: 'eve' })
  const script = [calls(findA), calls(letter), says(12)]

  it('is answered by the function that says so, or fails as that throws', async () => {
    const asked: unknown[] = []
    const simulate = (unrecorded: { readonly tool: string }): string => {
      asked.push(unrecorded)
      return 'sent'
    }
    const run = await tried('plain', script, { model: 'luna', unrecorded: { simulate } })
    expect(asked).toEqual([
      { runId: 'plain', key: second, agent: 'clerk', tool: 'mail', effect: 'once', arguments: { to: 'eve' } },
    ])
    expect(run).toMatchObject({ status: 'changed', parted: { wentOn: 'simulated', key: second }, end: { same: true } })
    expect(run.calls.changes.map(({ kind, tool }) => [kind, tool])).toEqual([['added', 'mail']])
    const failing = (): never => {
      throw new Error('no stamps')
    }
    const failed = await tried('plain', script, { model: 'luna', unrecorded: { simulate: failing }, keep: true })
    expect(failed.candidate.entries?.find(({ kind }) => kind === 'call.failed')?.body).toMatchObject({
      error: { message: 'no stamps' },
    })
  })

  it('stops the run where the function gives nothing', async () => {
    const run = await tried('plain', script, { model: 'luna', unrecorded: { simulate: () => undefined } })
    expect(run).toMatchObject({ status: 'parted', parted: { wentOn: null } })
  })

  it('is really made where its tool only reads and that is asked for; any other stops the run', async () => {
    const store = await recorded()
    const luna = { plain: [calls(call('find', { id: 'z' })), calls(letter), says(12)] }
    await using runtime = runtimeOn(readOnly(store), playing({ luna }))
    const before = world.runs
    const { runs } = await runtime.backtest({ ids: ['plain'] }, { model: 'luna', unrecorded: 'read-live', keep: true })
    expect(world.runs).toBe(before + 1)
    expect(runs[0]).toMatchObject({ status: 'parted', parted: { key: second, wentOn: null } })
    expect(runs[0]?.candidate.entries?.find(({ kind }) => kind === 'call.returned')?.body).toMatchObject({
      result: { id: 'z', usd: 12 },
    })
  })
})
