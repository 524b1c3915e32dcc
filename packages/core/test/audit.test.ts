// Who did what to runs: kept with what was done, without content, and longer than that.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AuditFilter, createRuntime, defineAgent, defineTool, type Model, type Store } from '../src/index.ts'
import { quiet } from './flow.fixture.ts'
import { errorOf, textOf } from './golden.fixture.ts'
import { call, newWorld, untilCrash, type World } from './world.fixture.ts'

const ANA = { id: 'ana', source: 'oidc' }
const WHOSE = { tenant: 'acme', user: 'ann' }

const seal = defineTool({
  name: 'seal',
  description: 'Seals what somebody allows.',
  input: z.object({ id: z.string() }),
  effect: 'idempotent',
  approval: true,
  execute: ({ id }, { services }: { services: unknown }) => {
    ;(services as World).effects.push(`seal ${id}`)
    return `sealed ${id}`
  },
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [seal] })
const model = (): Model =>
  scriptedModel(({ items }) =>
    items.some(({ kind }) => kind === 'result') ? { text: 'done' } : { calls: [call('seal', 'a')] },
  )
const ASK = 'agent:0/turn:0/call:0'

/** Each runtime begins a moment after the one before it. */
let now = 1_764_000_000_000

function runtimeOn(store: Store) {
  const given = { store, models: model(), definitions: [clerk], services: newWorld(), log: quiet, random: () => 0 }
  return createRuntime({ ...given, clock: manualClock({ now: now++ }) })
}

/** A store in which the run `r` waits for somebody. */
async function asking(...ids: string[]): Promise<Store> {
  const store = memoryStore()
  await using runtime = runtimeOn(store)
  for (const id of ids) await (await runtime.start(clerk, 'go', { id, ...WHOSE })).outcome()
  return store
}

async function told(store: Store, filter: AuditFilter = {}): Promise<string[]> {
  const entries = await store.audit(filter)
  return entries.map(
    ({ action, by, runId, tenant, what }) =>
      `${by.id} (${by.source}) ${action} ${runId} of ${tenant}${what === null ? '' : `: ${what}`}`,
  )
}

describe('the audit', () => {
  it('tells who allowed, refused, cancelled, edited, read, exported and erased what, and nothing of its content', async () => {
    const store = await asking('r1', 'r2', 'r3')
    await using runtime = runtimeOn(store)
    await (await runtime.approve('r1', ASK, { by: ANA })).outcome()
    await (await runtime.reject('r2', ASK, { by: 'bob', reason: 'too dear' })).outcome()
    await runtime.cancel('r3', 'enough', { by: ANA })
    await (await runtime.fork('r1', { at: 1, id: 'f', edit: { kind: 'input', input: 'other' }, by: ANA })).cancel()
    await runtime.runs.entries('r1', { reader: ANA })
    await runtime.runs.entries('r1')
    await textOf(runtime.export(['r1', 'r2'], { reader: ANA }))
    await textOf(runtime.export('r3'))
    await runtime.erase('r2', { by: ANA })

    expect(await told(store)).toEqual([
      `ana (oidc) approved r1 of acme: ${ASK}`,
      `bob (program) rejected r2 of acme: ${ASK}`,
      'ana (oidc) cancelled r3 of acme',
      'ana (oidc) edited f of acme: input at 1',
      'unknown (program) cancelled f of acme',
      'ana (oidc) read r1 of acme',
      'ana (oidc) exported r1 of acme',
      'ana (oidc) exported r2 of acme',
      'unknown (program) exported r3 of acme',
      'ana (oidc) erased r2 of acme',
    ])
    expect(JSON.stringify(await runtime.audit())).not.toMatch(/too dear|enough|other|ann/)
    expect(await told(store, { runId: 'r2' })).toHaveLength(3)
    expect(await told(store, { lineageId: 'r1', order: 'newest', limit: 2 })).toEqual([
      'ana (oidc) exported r1 of acme',
      'ana (oidc) read r1 of acme',
    ])
    const approved = (await runtime.runs.entries('r1')).find(({ kind }) => kind === 'approval.given')
    expect(approved?.body).toMatchObject({ by: 'ana' })
  })

  it('tells who brought runs in, and who let go of it, and outlives cleaning up', async () => {
    const from = await asking('r1')
    const text = await textOf(runtimeOn(from).export('r1'))
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await runtime.import([text], { by: ANA })
    await runtime.import([text], { by: ANA })
    await runtime.unquarantine('r1', { by: ANA })
    await runtime.cancel('r1', 'enough', { by: ANA })
    await runtimeOn(store).gc({ olderThanMs: 0 })
    expect(await store.run('r1')).toBeUndefined()
    expect(await told(store)).toEqual([
      'ana (oidc) imported r1 of acme',
      'ana (oidc) released r1 of acme',
      'ana (oidc) cancelled r1 of acme',
    ])
    const { code } = await errorOf(runtime.pruneAudit({ olderThanMs: -1, by: ANA }))
    expect([code, (await store.audit({})).length]).toEqual(['bad_number', 3])
    expect(await runtime.pruneAudit({ olderThanMs: 3_600_000, by: ANA })).toBe(0)
    expect((await told(store)).at(-1)).toMatch(/^ana \(oidc\) pruned null of null: before \d+$/)
  })

  it('has a word of somebody if and only if the run has it, wherever the process dies', async () => {
    for (const deed of ['approve', 'reject', 'cancel', 'erase', 'import'] as const)
      for (const side of ['before', 'after'] as const)
        for (let at = 1; ; at++) {
          const store = deed === 'import' ? memoryStore() : await asking('r')
          if (deed === 'erase') await ending(store)
          const golden = deed === 'import' ? await textOf(runtimeOn(await asking('r')).export('r')) : ''
          const dying = crashing(store, { of: 'write', at, side })
          const one = runtimeOn(dying)
          await untilCrash(one, async () => {
            if (deed === 'approve') await (await one.approve('r', ASK, { by: ANA })).outcome()
            if (deed === 'reject') await (await one.reject('r', ASK, { by: ANA })).outcome()
            if (deed === 'cancel') await one.cancel('r', 'enough', { by: ANA })
            if (deed === 'erase') await one.erase('r', { by: ANA })
            if (deed === 'import') await one.import([golden], { by: ANA })
          })
          const notes = (await told(store)).filter((line) => line.startsWith('ana (oidc)'))
          expect([deed, at, notes.length === 1]).toEqual([deed, at, await wasDone(store, deed)])
          expect(notes.length).toBeLessThan(2)
          if (dying.writes < at) break
        }
  })

  it('refuses who is nobody, and a filter that is none', async () => {
    await using runtime = runtimeOn(await asking('r'))
    const wrong = [undefined, 4, {}, { id: 'ana' }, { id: '', source: 'x' }, { id: 'x'.repeat(201), source: 'x' }]
    for (const by of wrong)
      expect((await errorOf(runtime.approve('r', ASK, { by: by as never }))).code).toMatch(/^bad_(text|argument)$/)
    for (const filter of [
      { action: 'eaten' },
      { limit: 0 },
      { after: 'x' },
      { user: 'ann' },
      { order: 'up' },
      { by: 4 },
    ])
      expect((await errorOf(runtime.audit(filter as never))).code).toMatch(/^bad_(text|argument)$/)
  })
})

async function ending(store: Store): Promise<void> {
  await using runtime = runtimeOn(store)
  await (await runtime.reject('r', ASK, { by: 'bob' })).outcome()
}

/** Whether what somebody wanted is in the store: as a message, or as what came of it. */
async function wasDone(store: Store, deed: string): Promise<boolean> {
  const row = await store.run('r')
  if (deed === 'import') return row !== undefined
  if (deed === 'erase') return (row?.erasedAt ?? null) !== null
  const inbox = await store.inbox('r')
  const entries = await store.entries('r')
  if (deed === 'cancel') return row?.status === 'cancelled' || inbox.some(({ kind }) => kind === 'cancel')
  return inbox.some(({ kind }) => kind === 'approval') || entries.some(({ kind }) => kind === 'approval.given')
}
