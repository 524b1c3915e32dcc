// The proofs stand on this: what must not be is seen.
import {
  digest,
  type EntryBodies,
  type EntryKind,
  type ModelRequest,
  type RowChange,
  type RunWrite,
  type Store,
} from '@reprise/core'
import { memoryStore } from '@reprise/testing'
import { beginning, sampleEntry, sampleRow } from '@reprise/testing/store-suite'
import { beforeEach, expect, test } from 'vitest'
import { Auditor } from './auditor.ts'

let now = 0
let complaints: string[] = []
let auditor: Auditor
let real: Store
let store: Store

beforeEach(async () => {
  now = 0
  complaints = []
  auditor = new Auditor(
    (complaint) => complaints.push(complaint),
    () => now,
    () => now,
  )
  real = memoryStore()
  store = auditor.watch(real)
  await store.commit([beginning('r1')])
})

function entry(seq: number, kind: EntryKind, key: string) {
  return { ...sampleEntry(seq), kind, key }
}

/** An entry that says something. */
function saying<K extends EntryKind>(seq: number, kind: K, key: string, body: EntryBodies[K]) {
  return { ...entry(seq, kind, key), text: JSON.stringify(body) }
}

function write(epoch: number, ...entries: RunWrite['entries']): RunWrite {
  return { runId: 'r1', epoch, entries }
}

/** A store that takes whatever it is given. */
function yielding(): Store {
  return auditor.watch({ ...real, commit: async (writes) => writes.map(() => ({ kind: 'written' })) })
}

const over: RowChange = {
  status: 'completed',
  waiting: null,
  waits: [],
  wakeAt: null,
  endedAt: 1,
  totals: sampleRow('').totals,
}
const doer = { runId: 'r1', idempotencyKey: 'r1/agent:0/turn:0/call:0', signal: new AbortController().signal }
const request = { runId: 'r1', items: [] } as unknown as ModelRequest

test('a write at an epoch that has passed, and one after the end, are seen', async () => {
  await store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 })
  await yielding().commit([write(1, entry(1, 'model.replied', 'agent:0/turn:0'))])
  await yielding().commit([{ ...write(2, entry(2, 'run.completed', 'run')), row: over, release: true }])
  await yielding().commit([{ ...write(2, entry(3, 'run.failed', 'run')), row: over }])

  expect(complaints).toEqual([
    'r1 was written to at epoch 1, and is at 2',
    'r1 has ended, and run.failed was written after that',
  ])
})

test('what stands once and is written twice is seen, and a write that is refused to the owner', async () => {
  const fired = [1, 2].map((seq) => saying(seq, 'timer.fired', 'sleep', { until: 0 }))
  await store.commit([write(1, ...fired)])
  const refusing = { ...real, commit: async () => [{ kind: 'stale' } as const] }
  await auditor.watch(refusing).commit([write(1, entry(3, 'timer.set', 'sleep'))])

  expect(complaints).toEqual([
    'r1: timer.fired at sleep was written twice',
    'r1 was refused a write at its own epoch 1',
  ])
})

test('a deed of another than the owner, one that nothing written led to, and one after its result are seen', async () => {
  auditor.begins('pay', doer, 'bob')
  auditor.begins('pay', doer, 'ann')
  await store.commit([write(1, entry(1, 'model.replied', 'agent:0/turn:0'))])
  auditor.begins('mail', { ...doer, idempotencyKey: 'r1/agent:0/turn:0/call:1' }, 'ann')
  auditor.begins('pay', { ...doer, idempotencyKey: 'r1/agent:0/turn:0/call:2' }, 'ann')
  auditor.begins('pay', { ...doer, idempotencyKey: 'r1/agent:0/turn:0/call:2' }, 'ann')
  await store.commit([write(1, entry(2, 'call.returned', 'agent:0/turn:0/call:0'))])
  auditor.ends(doer, 'ann')
  auditor.begins('pay', doer, 'ann')

  expect(complaints).toEqual([
    'pay at r1/agent:0/turn:0/call:0 by bob: the run is owned by ann at epoch 1',
    'pay at r1/agent:0/turn:0/call:0 by ann: the reply that asks for it is not written',
    'mail at r1/agent:0/turn:0/call:1 by ann: its intent is not written, but nothing',
    'pay at r1/agent:0/turn:0/call:2 by ann: it is under way already',
    'pay at r1/agent:0/turn:0/call:0 by ann: its result is written already',
  ])
})

test('a model that is asked what was answered, or after what is not written, is seen', async () => {
  auditor.asks({ ...request, items: [{ kind: 'assistant', text: 'Yes.' }] }, 'ann')
  await store.commit([write(1, entry(1, 'model.replied', 'agent:0/turn:0'))])
  auditor.asks(request, 'ann')

  expect(complaints).toEqual([
    'the model is asked for r1 by ann after 1 replies, and 0 are written',
    'the model is asked for r1 by ann after 0 replies, and 1 are written',
  ])
})

test('a call that nobody allowed in time is seen, and one that ran out though somebody had', async () => {
  const call = { name: 'pay', asked: digest('asked') }
  const key = 'agent:0/turn:0/call:0'
  const says = (at: number, approved: boolean) =>
    store.send({ runId: 'r1', dedupe: `${at}`, kind: 'approval', body: { key, attempt: 1, approved }, at })
  await store.commit([
    write(
      1,
      entry(1, 'model.replied', 'agent:0/turn:0'),
      saying(2, 'approval.asked', key, { ...call, tool: digest('tool'), until: 100 }),
    ),
  ])
  auditor.begins('pay', doer, 'ann')
  auditor.ends(doer, 'ann')
  now = 150
  await says(120, true)
  await store.commit([write(1, saying(3, 'approval.given', key, { ...call, approved: true, by: 'ana' }))])
  now = 90
  await says(80, false)
  const ranOut = { ...call, approved: false, by: 'the clock' }
  await yielding().commit([write(1, saying(4, 'approval.given', key, ranOut))])
  auditor.begins('pay', doer, 'ann')

  expect(complaints).toEqual([
    `pay at r1/${key} by ann: nobody has allowed it`,
    `r1: ${key} was allowed, and nobody said so in time`,
    `r1: approval.given at ${key} was written twice`,
    `r1: approval.given at ${key} was written before its time`,
    `r1: ${key} ran out, though a word was left before any clock said so`,
    `pay at r1/${key} by ann: nobody has allowed it`,
  ])
})

test('a run that is taken before its moment, or beside too many of its key, is seen', async () => {
  const free = { owner: null, status: 'queued', concurrency: { key: 'k', limit: 1 } } as const
  await store.commit([beginning('a', free), beginning('b', free), beginning('c', { ...free, wakeAt: 9 })])
  const rows = await Promise.all(['a', 'b', 'c'].map((id) => real.run(id)))
  const given = rows.flatMap((row) => (row ? [{ ...row, owner: 'bob', epoch: 2 }] : []))
  const filter = { now: 9, gone: [], definitions: [], except: [], limit: 9 }
  await auditor.watch({ ...real, take: async () => given }).take({ owner: 'bob', heartbeat: 1 }, filter)

  expect(complaints).toEqual([
    'b is one of 2 runs of "k" that are worked: 1 may be',
    'c was taken before its moment',
    'c is one of 3 runs of "k" that are worked: 1 may be',
  ])
})

test('one that is taken over beside another that may be worked beside it keeps its place', async () => {
  const free = { owner: null, status: 'queued' } as const
  await store.commit([
    beginning('a', { ...free, concurrency: { key: 'k', limit: 1 } }),
    beginning('b', { ...free, concurrency: { key: 'k', limit: 2 } }),
  ])
  const definitions = [{ kind: 'agent', name: sampleRow('a').name }] as const
  const filter = { now: 9, gone: [], definitions, except: [], limit: 9 }
  expect(await store.take({ owner: 'bob', heartbeat: 1 }, filter)).toHaveLength(2)
  const over = await store.take({ owner: 'cid', heartbeat: 1 }, { ...filter, gone: [{ owner: 'bob', heartbeat: 1 }] })

  expect(over.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(complaints).toEqual([])
})

test('a run that is said to be late and is not, or goes on long after its deadline, is seen', async () => {
  auditor = new Auditor(
    (complaint) => complaints.push(complaint),
    () => now,
    () => now,
    () => 0,
  )
  store = auditor.watch(memoryStore())
  now = 99
  const late = (code: string) => ({ outcome: 'failed', error: { code, message: 'Late.' } }) as const
  const end = { row: { ...over, status: 'failed' }, release: true } as const
  const rows = [
    ['early', { deadlineAt: 100 }],
    ['begun', { expireAt: 50 }],
    ['free', {}],
    ['on', { deadlineAt: 5 }],
  ] as const
  for (const [id, row] of rows) {
    await store.commit([beginning(id, row)])
    const code = id === 'begun' ? 'run_expired' : 'run_deadline'
    const entries = [entry(1, 'model.replied', 'agent:0/turn:0'), saying(2, 'run.failed', 'run', late(code))]
    await store.commit([
      { runId: id, epoch: 1, entries: id === 'on' ? entries.slice(0, 1) : entries, ...(id !== 'on' && end) },
    ])
  }

  const after = `${sampleEntry(1).at - 5}`
  expect(complaints.filter((complaint) => !/^(early|begun).*after its deadline/.test(complaint))).toEqual([
    'early is said to be late before its time',
    'begun is said to have expired, and was begun',
    'free is said to be late, and has all the time',
    `on: call.returned was written ${sampleEntry(0).at - 5} ms after its deadline`,
    `on: model.replied was written ${after} ms after its deadline`,
  ])
})

test('a timer that fires before its time is seen', async () => {
  await store.commit([write(1, saying(1, 'timer.set', 'sleep', { until: 100 }))])
  now = 99
  await store.commit([write(1, saying(2, 'timer.fired', 'sleep', { until: 100 }))])

  expect(complaints).toEqual(['r1: timer.fired at sleep was written before its time'])
})

test('a run that becomes the child of another is one that this may not leave behind', async () => {
  await store.commit([beginning('f'), beginning('held')])
  const adopts = [{ runId: 'f', parentKey: 'agent' }]
  const rewound = saying(1, 'run.rewound', 'agent', { from: 'r1/agent', to: 'f', by: 'ann' })
  await store.commit([{ ...write(1), adopts: [{ runId: 'held', parentKey: 'agent' }] }])
  await store.commit([{ ...write(1, rewound), adopts }])
  await store.commit([{ ...write(1, entry(2, 'run.completed', 'run')), row: over, release: true }])

  expect(complaints).toEqual(['r1 has ended, and its child f has not, nor was it told to'])
})

test('a run that is taken from an owner that beats is seen, and one that leaves a child behind', async () => {
  await store.heartbeat('ann', 1)
  now = 8_000
  await store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 1 }, { owner: 'bob', heartbeat: 1 })
  await store.commit([beginning('r2', { parentId: 'r1', owner: 'bob' })])
  await store.commit([{ ...write(2, entry(1, 'run.completed', 'run')), row: over, release: true }])

  expect(complaints).toEqual([
    'r1 was taken by bob from ann, which lives and beats',
    'r1 has ended, and its child r2 has not, nor was it told to',
  ])
})
