// A store with something of everything that a store can hold, and what it holds as it can be compared.
import type { AuditNote, NewFact, RunRow, RunWrite, Store, StoredSchedule } from '@reprise/core'
import { beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'

const AT = 1_764_000_000_000

/** Who drove a run, and is dead. */
export const DEAD = 'dead'

const free: Partial<RunRow> = { owner: null, attempts: 0 }
const ended: Partial<RunRow> = { ...free, status: 'completed', endedAt: AT + 9 }
const timer = { kind: 'timer', key: 'sleep', until: AT + 50 } as const
const signal = { kind: 'signal', key: 'wait', signal: 'review' } as const

function runs(): readonly RunWrite[] {
  const totals = { turns: 3, calls: 2, inputTokens: 9, cachedTokens: 1, outputTokens: 4, costNano: 77, unpriced: 0 }
  const long = Array.from({ length: 130 }, (_, seq) => sampleEntry(seq, { result: `line ${seq} ü\u0000` }))
  return [
    beginning('driven', { owner: DEAD, epoch: 3, attempts: 2 }),
    beginning('failed', { ...ended, status: 'failed', totals }),
    beginning('urgent', { ...free, status: 'queued', priority: 9, tags: ['web', 'ümlaut'] }),
    beginning('later', {
      ...free,
      status: 'queued',
      epoch: 0,
      wakeAt: AT + 500,
      expireAt: AT + 900,
      deadlineAt: AT + 999,
      tenant: 'acme',
      user: 'ann',
      concurrency: { key: 'ann', limit: 1 },
    }),
    beginning('asleep', { ...free, status: 'waiting', waiting: timer, waits: [timer, signal], wakeAt: AT + 50 }),
    beginning('asleep/child', { ...free, parentId: 'asleep', parentKey: 'child:1', lineageId: 'asleep', totals }),
    beginning('cancelled', { ...ended, status: 'cancelled', epoch: 2 }),
    { ...beginning('long', { ...ended, tenant: 'acme' }), entries: long },
    { ...beginning('large', ended), entries: [sampleEntry(0, { result: 'said by many '.repeat(2_000) })] },
    { ...beginning('large-fork', { ...ended, forkOf: 'large', forkSeq: 1, lineageId: 'large' }), entries: [] },
    beginning('round', ended),
    beginning('round~2', { ...free, root: 'round', round: 2, lineageId: 'round', status: 'waiting', waiting: signal }),
    beginning('bad', {
      ...free,
      status: 'quarantined',
      waiting: { kind: 'quarantined', key: 'run', reason: 'It ends its owners.' },
    }),
    beginning('forgotten', { ...ended, tenant: 'acme', tags: ['said'] }),
    beginning('forgotten/child', { ...ended, tenant: 'acme', parentId: 'forgotten', lineageId: 'forgotten' }),
    beginning('chat/a', { ...ended, sessionId: 'chat', turn: 1, lineageId: 'session chat' }),
    beginning('gone', { ...ended, endedAt: 1 }),
  ].map((write) =>
    write.entries.length > 0
      ? write
      : { ...write, entries: [sampleEntry(0, { result: 'said by many '.repeat(2_000) })] },
  )
}

function schedule(name: string, rest: Partial<StoredSchedule>): StoredSchedule {
  const definition = { kind: 'agent', name: 'support' } as const
  return {
    name,
    etag: `${name} 1`,
    definition,
    dueAt: 100,
    paused: false,
    tenant: null,
    user: null,
    text: '{ "a": 1 }',
    ...rest,
  }
}

function note(action: AuditNote['action'], runId: string | null): AuditNote {
  return { at: AT, action, by: { id: 'ana', source: 'cli' }, runId, lineageId: runId, tenant: null, what: null }
}

function facts(): readonly NewFact[] {
  const origin = { kind: 'call', runId: 'long', key: 'agent:0/turn:1/call:0' } as const
  const by = { id: 'ana', source: 'cli' }
  const of = { memory: 'memory', at: AT, origin }
  return [
    { ...of, scope: { tenant: 'acme', user: 'ann' }, key: 'size', text: '{"key":"size","value":"44 \u00fc"}' },
    { ...of, scope: { tenant: 'acme', user: null }, key: 'hours', text: '{}', origin: { kind: 'set', by } },
    { ...of, scope: { tenant: null, user: 'ann' }, key: 'size', text: '{"key":"size","value":43}' },
  ]
}

/** Fills a store that is empty. */
export async function fill(store: Store): Promise<void> {
  await store.heartbeat(DEAD, 1)
  for (const write of runs())
    await store.commit([
      { ...write, ...(store.secrets && write.runId === 'driven' && { secrets: await secretsOf(store, 'driven') }) },
    ])
  for (const mark of ['second', 'first']) await store.send(sampleMessage('round~2', mark))
  await store.send(sampleMessage('failed', 'late'))
  for (const mark of ['b', 'a']) await store.sendEarly(sampleMessage('coming', mark), 9)
  await store.sendEarly(sampleMessage('another', 'a'), 9)
  await store.keepSchedule({ schedule: schedule('daily', { tenant: 'acme', user: 'ann' }), before: null })
  await store.keepSchedule({ schedule: schedule('weekly', { paused: true, dueAt: null }), before: null })
  for (const fact of facts()) await store.keepFact(fact)
  await store.note([note('read', 'failed'), note('read', 'failed'), note('exported', null)])
  await store.erase('gone', 'bob', AT + 1)
  await store.gc(5, ['completed'], 100)
  await store.erase('forgotten', 'ana', AT + 2, note('erased', 'forgotten'))
}

async function secretsOf(store: Store, lineageId: string) {
  const secrets = await store.secrets?.(lineageId, 0)
  return ['hunter2', 'sesame'].map((value) => ({ token: secrets?.token(value) ?? '', value }))
}

/** Waits for which `coming` has, in their order, once it begins. */
export async function begunEarly(store: Store): Promise<readonly string[]> {
  await store.commit([beginning('coming'), beginning('another')])
  const inboxes = await Promise.all(['coming', 'another'].map((id) => store.inbox(id)))
  return inboxes.flat().map(({ runId, dedupe }) => `${runId} ${dedupe}`)
}

/** All that can be read of a store. */
export async function held(store: Store) {
  const rows = await store.runs({ limit: 1_000 })
  const runs = await Promise.all(
    rows.map(async (row) => ({
      row,
      entries: row.erasedAt === null ? await store.entries(row.id) : await erasedAs(store, row.id),
      inbox: await store.inbox(row.id),
      secrets: row.erasedAt === null ? ((await store.secrets?.(row.lineageId, 0))?.secrets ?? []) : [],
    })),
  )
  const audit = await store.audit({ limit: 1_000 })
  const facts = (await store.facts({})).map((fact) => ({ ...fact, id: 0 }))
  return { runs, facts, schedules: await store.schedules({}), audit: audit.map((kept) => ({ ...kept, id: 0 })) }
}

async function erasedAs(store: Store, runId: string): Promise<unknown> {
  const error: unknown = await store.entries(runId).catch((thrown: unknown) => thrown)
  return error instanceof Error && 'details' in error ? error.details : error
}
