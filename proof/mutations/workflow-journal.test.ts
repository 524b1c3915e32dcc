// Journals of a workflow in which something was changed, with digests that fit: nothing but replay can see it. Each entry is
// dropped, doubled, swapped with the next, made another's and followed by one that no workflow has.
import {
  createRuntime,
  defineAgent,
  defineSignal,
  defineWorkflow,
  digest,
  type Replay,
  type StoredEntry,
  type Store,
} from '@reprise/core'
import { changedStore, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const RUN = 'r'
const go = defineSignal({ name: 'go', payload: z.number() })
const echo = defineAgent({ name: 'echo', model: 'm', instructions: 'Echo.' })
const twice = defineWorkflow({ name: 'twice', input: z.string(), run: async (_ctx, input) => input + input })

/** Comes past all that a workflow's journal has. */
const flow = defineWorkflow({
  name: 'flow',
  input: z.string(),
  async run(ctx, input) {
    if (input !== 'a') return
    ctx.uuid()
    let tries = 0
    await ctx.step('one', () => 1)
    await ctx.step('flaky', () => fail(tries++ < 2), { retry: { attempts: 3, baseMs: 1 } })
    await ctx.step('bad', () => fail(true), { retry: { attempts: 1 } }).catch(() => 0)
    await ctx.sleep(5)
    await ctx.map([1, 2], async (n, item) => [await item.step('square', () => n * n), await item.sleep(n)])
    await ctx.all([(branch) => branch.agent(echo, 'x'), (branch) => branch.child(twice, 'y')])
    await ctx.receive(go, { timeoutMs: 5 }).catch(() => 0)
    await ctx.receive(go)
    await ctx.race([(branch) => branch.receive(go), (branch) => branch.sleep(1e9)])
    if (ctx.patched('new')) await ctx.step('new', () => 1)
    await ctx.race([(branch) => branch.step('fast', () => 1), (branch) => branch.sleep(1e9)])
    await ctx.step('last', () => 1)
    ctx.continueAs('b')
  },
})

function fail(fails: boolean): void {
  if (fails) throw new Error('No.')
}

let store: Store
let entries: readonly StoredEntry[]

beforeAll(async () => {
  store = memoryStore()
  const clock = manualClock()
  const runtime = createRuntime({
    store,
    clock,
    models: scriptedModel(() => ({ text: 'X' })),
    definitions: [flow, twice, echo],
    random: () => 0,
  })
  await runtime.start(flow, 'a', { id: RUN })
  for (let sent = 0; ;) {
    await clock.advance(10)
    const { status, waiting } = await runtime.runs.get(RUN)
    if (status === 'completed') break
    if (
      waiting?.kind !== 'signal' &&
      !(await runtime.runs.entries(RUN)).some(({ key }) => key === 'race/branch:1/sleep')
    )
      continue
    if (sent === 2) continue
    await runtime.send(RUN, go, sent++)
    await runtime.resume(RUN)
  }
  await runtime.close()
  entries = await store.entries(RUN)
})

function at(index: number): StoredEntry {
  const entry = entries[index]
  if (!entry) throw new Error(`There is no entry ${index}`)
  return entry
}

async function look(changed: readonly StoredEntry[]): Promise<Replay> {
  const sealed = changed.map((entry, seq) => ({ ...entry, seq, digest: digest(entry.text) }))
  const other = changedStore(store, { entries: async () => sealed })
  return createRuntime({ store: other, models: scriptedModel([]), definitions: [flow, twice, echo] }).replay(RUN)
}

/** The entries whose change is not named in its place: what is said instead. */
async function unnamed(
  change: (index: number) => readonly StoredEntry[],
  place: (index: number) => number,
  { from = 1, to = entries.length - 1 }: { readonly from?: number; readonly to?: number } = {},
): Promise<readonly string[]> {
  const found: string[] = []
  for (let index = from; index <= to; index++) {
    const seq = (await look(change(index))).divergence?.seq
    if (seq !== place(index)) found.push(`${at(index).kind} ${at(index).key}: ${seq ?? 'the same'}`)
  }
  return found
}

test('the journal that was recorded matches, and comes past all that a workflow has', async () => {
  expect(await look(entries)).toMatchObject({ status: 'matched', divergence: null })
  expect(new Set(entries.map(({ kind }) => kind))).toEqual(
    new Set([
      'run.started',
      'step.returned',
      'step.failed',
      'timer.set',
      'timer.fired',
      'child.started',
      'child.ended',
      'run.waiting',
      'message.received',
      'race.won',
      'run.completed',
    ]),
  )
})

test('an entry that stands there twice is named', async () => {
  expect(
    await unnamed(
      (index) => entries.toSpliced(index, 0, at(index)),
      (index) => index + 1,
      { from: 0 },
    ),
  ).toEqual([])
})

test('an entry that comes before the one that it follows from is named', async () => {
  const found = await unnamed(
    (index) => entries.toSpliced(index, 2, at(index + 1), at(index)),
    (index) => index,
    { to: entries.length - 2 },
  )
  // Which of two comes first is the outside world's: of what goes on side by side, and of a message and what it is not for.
  expect(found.filter((said) => !said.includes('/item:') && !said.includes('/branch:'))).toEqual([
    // A run does not rest for what has come: that is named, and not the message.
    expect.stringMatching(/^run[.]waiting run: \d+$/),
    // A patch is told whenever it is asked for.
    'race.won race: the same',
    'step.returned patched:new: the same',
  ])
})

test('an entry of another key, or of another attempt, is named', async () => {
  // Without its patch the code goes the old way, which the next entry is not of.
  const rekeyed = await unnamed(
    (index) => entries.with(index, { ...at(index), key: `${at(index).key}0` }),
    (index) => index,
    { from: 0 },
  )
  expect(rekeyed.filter((said) => !/^step[.]returned patched:new: /.test(said))).toEqual([])
  expect(
    await unnamed(
      (index) => entries.with(index, { ...at(index), attempt: at(index).attempt + 1 }),
      (index) => index,
      { from: 0 },
    ),
  ).toEqual([])
})

test('an entry that is dropped is named by the next that hangs on it', async () => {
  const same: string[] = []
  for (let index = 1; index < entries.length - 1; index++) {
    const { divergence } = await look(entries.toSpliced(index, 1))
    if (!divergence) same.push(`${at(index).kind} ${at(index).key}`)
    else expect(at(divergence.seq + 1).seq).toBeGreaterThan(index)
  }
  // That a run has rested decides nothing, and the time of what has lost by then need not have been set.
  expect(same).toEqual(['run.waiting run', 'timer.set race/branch:1/sleep', 'timer.set race#2/branch:1/sleep'])
})

test('an entry that no workflow has is named where it stands, also after the end', async () => {
  const foreign = {
    ...at(1),
    kind: 'model.failed',
    key: 'agent:0/turn:0',
    text: '{"error":{},"retryAt":null}',
  } as const
  expect(
    await unnamed(
      (index) => entries.toSpliced(index + 1, 0, foreign),
      (index) => index + 1,
      { from: 0 },
    ),
  ).toEqual([])
})
