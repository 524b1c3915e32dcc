// Differences that are hard to see, and likenesses that are easy to miss, planted between a recording and a candidate.
import { manualClock, memoryStore, type ScriptedAnswer, type ScriptedCall, scriptedModel } from '@reprise/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  after,
  type AnyDefinition,
  type BacktestOptions,
  type BacktestReport,
  type BacktestRun,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
} from '../src/index.ts'

const base = { model: 'mini', instructions: 'Serve.' } as const
const output = z.object({ value: z.unknown() })
const teller = defineAgent({ ...base, name: 'teller', output })
const look = defineTool({
  name: 'look',
  description: 'Looks.',
  input: z.object({}),
  effect: 'read',
  execute: () => 'seen',
})
const put = defineTool({
  name: 'put',
  description: 'Puts.',
  input: z.object({ value: z.unknown() }),
  effect: 'idempotent',
  execute: () => 'done',
})
const clerk = defineAgent({ ...base, name: 'clerk', tools: [look, put], rules: [after(put, look)] })

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const calls = (...list: readonly ScriptedCall[]): ScriptedAnswer => ({ calls: list })
const call = (name: string, args: NonNullable<ScriptedCall['arguments']> = {}): ScriptedCall => ({
  name,
  arguments: args,
})
const tells = (value: unknown): ScriptedAnswer => ({ text: JSON.stringify({ value }) })

/** Records one script, and backtests another one against it. */
async function planted(
  definition: AnyDefinition,
  recorded: readonly ScriptedAnswer[],
  candidate: readonly ScriptedAnswer[],
  options: Omit<BacktestOptions, 'model'> = {},
): Promise<{ readonly run: BacktestRun; readonly report: BacktestReport }> {
  const store = memoryStore()
  const on = (script: readonly ScriptedAnswer[]) =>
    createRuntime({ store, models: scriptedModel(script), definitions: [definition], log: quiet, random: () => 0 })
  await using before = on(recorded)
  await (await before.start(definition, 'Go', { id: 'r' })).outcome()
  await using now = on(candidate)
  const report = await now.backtest({ ids: ['r'] }, { model: 'luna', ...options })
  const [run] = report.runs
  if (!run) throw new Error('There is no run')
  return { run, report }
}

test('names that read as paths are told from paths', async () => {
  const pairs: readonly (readonly [unknown, unknown, readonly string[]])[] = [
    [{ 'a.b': 1 }, { a: { b: 1 } }, ['value["a.b"]', 'value.a.b']],
    [{ 'a[0]': 1 }, { a: [1] }, ['value["a[0]"]', 'value.a[0]']],
    [{ '': { x: 1 } }, { '': { x: 2 } }, ['value[""].x']],
  ]
  for (const [was, is, paths] of pairs) {
    const { run } = await planted(teller, [tells(was)], [tells(is)])
    expect(run).toMatchObject({ status: 'changed', end: { fields: { of: paths.length, same: 0 } } })
    expect(run.end?.changes.map(({ path }) => path)).toEqual(paths)
  }
  for (const name of ['a.b', 'a[0]', 'a"[1].b']) {
    const ignore = [`output.value[][${JSON.stringify(name)}]`, `put.value[][${JSON.stringify(name)}]`]
    const { run } = await planted(teller, [tells([{ [name]: 'x' }])], [tells([{ [name]: 'y' }])], { ignore })
    expect(run, name).toMatchObject({ status: 'same', end: { reworded: true } })
    const puts = (text: string) => [
      calls(call('look')),
      calls(call('put', { value: [{ [name]: text }] })),
      { text: 'Done.' },
    ]
    const made = await planted(clerk, puts('x'), puts('y'), { ignore })
    expect(made.run, name).toMatchObject({ status: 'same', calls: { same: 2 } })
  }
})

test('numbers, signs and keys that are only written otherwise are the same', async () => {
  const looks = calls(call('look'))
  const was = '{"value":{"n":1,"text":"\\u00e9/","list":[{"a":1,"b":null}]}}'
  const is = '{ "value": { "list": [{ "b": null, "a": 1e0 }], "text": "é\\/", "n": 1.0 } }'
  const { run } = await planted(
    clerk,
    [looks, calls(call('put', was)), { text: 'Done.' }],
    [looks, calls(call('put', is)), { text: 'Done.' }],
  )
  expect(run).toMatchObject({ status: 'same', calls: { same: 2, changes: [] } })
  const ends = await planted(teller, [{ text: was }], [{ text: is }])
  expect(ends.run).toMatchObject({ status: 'same', end: { changes: [], reworded: false } })
})

test('a call that a rule refused is held against the refused one, however the two were written', async () => {
  const [one, other] = ['{"value":1}', '{"value": 1}']
  const script = (first: string, second: string): readonly ScriptedAnswer[] => [
    calls(call('put', first)),
    calls(call('look')),
    calls(call('put', second)),
    { text: 'Done.' },
  ]
  const { run } = await planted(clerk, script(one, other), script(other, one))
  expect(run).toMatchObject({ status: 'same', calls: { same: 3, inOrder: true, changes: [] } })
})

test('whoever holds a run at its end answers for it, also where it was handed back', async () => {
  const front = defineAgent({ ...base, name: 'front', output })
  const back = defineAgent({ ...base, name: 'back', output })
  const team = defineTeam({
    name: 'team',
    entry: front,
    handoffs: [
      [front, [back]],
      [back, [front]],
    ],
  })
  const script = (value: number): readonly ScriptedAnswer[] => [
    calls(call('transfer_to_back')),
    calls(call('transfer_to_front')),
    tells(value),
  ]
  const { report, run } = await planted(team, script(1), script(2))
  expect(run.candidate.lastAgent).toBe('front')
  expect(report.byAgent['front']).toMatchObject({ same: 0, changed: 1, changes: { answer: 1 } })
  expect(report.byAgent['back']).toMatchObject({ same: 1, changed: 0, changes: { answer: 0 } })
})

test('a call that can be run on one side alone is a difference', async () => {
  const script = [calls(call('look')), calls(call('put', { value: 1 })), { text: 'Done.' }]
  const narrower = defineTool({
    name: 'put',
    description: 'Puts.',
    input: z.object({ value: z.string() }),
    effect: 'idempotent',
    execute: () => 'done',
  })
  for (const tools of [[look], [look, narrower]]) {
    const today = defineAgent({ ...base, name: 'clerk', tools })
    const { run, report } = await planted(clerk, script, script, { definitions: [today] })
    expect(run).toMatchObject({ status: 'changed', recorded: { unusable: 0 }, candidate: { unusable: 1 } })
    const key = 'agent:0/turn:1/call:0'
    expect(run.calls.changes).toEqual([
      { kind: 'unusable', agent: 'clerk', tool: 'put', key, recordedKey: key, seq: 3, unusable: 'candidate' },
    ])
    expect(report.all.changes.unusable).toBe(1)
  }
})

test('where no time was recorded, as of some imports, nobody is slower', async () => {
  const store = memoryStore()
  const script = [calls(call('look')), { text: 'Done.' }]
  const timeless = createRuntime({ store, models: scriptedModel(script), definitions: [clerk], clock: manualClock() })
  await (await timeless.start(clerk, 'Go', { id: 'r' })).outcome()
  await timeless.close()
  const clock = manualClock()
  const slow = scriptedModel(async (_, nth) => {
    await clock.advance(900)
    return script[nth - 1] ?? { text: 'No more.' }
  })
  await using now = createRuntime({ store, models: slow, definitions: [clerk], clock, log: quiet })
  const { all } = await now.backtest({ ids: ['r'] }, { model: 'luna' })
  expect(all.latency).toEqual({
    recorded: { replies: 0, p50: undefined, p95: undefined },
    candidate: { replies: 2, p50: 900, p95: 900 },
  })
  expect(all.figures.latencyMs).toMatchObject({ runs: 0, chance: { up: 0, down: 0 } })
})

test('an agent may have the name of something that all objects have', async () => {
  const front = defineAgent({ ...base, name: 'front' })
  const back = defineAgent({ ...base, name: 'constructor' })
  const team = defineTeam({ name: 'team', entry: front, handoffs: [[front, [back]]] })
  const { report } = await planted(team, [calls(call('transfer_to_constructor')), { text: 'So.' }], [{ text: 'So.' }])
  expect(report.byAgent['constructor']).toMatchObject({ runs: 1, same: 1, figures: { turns: { candidate: 0 } } })
  expect(report.byAgent['front']).toMatchObject({ runs: 1, changed: 1, changes: { 'left out': 1 } })
})
