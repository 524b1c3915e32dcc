// What a turn costs, counted instead of timed: none of it may grow, with the history or with a change to the code.
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import type { JsonSchema, Schema } from '@reprise/core'
import { changedStore, manualClock, scriptedModel } from '@reprise/testing'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { KeyFile } from './key-file.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-cost-'))

/** All that is counted of one run. */
interface Cost {
  /** Commits of the store. */
  readonly commits: number
  /** Statements that SQLite was given to prepare. */
  readonly prepared: number
  readonly hashes: number
  /** How often the tool's schema was asked for its JSON Schema. */
  readonly compiled: number
  /** How often the tool's schema was held against arguments. */
  readonly decoded: number
  /** What is stored, by the byte: of rows and of indexes. */
  readonly payload: number
  /** What that takes of the file, once it is closed. */
  readonly bytes: number
}

/** A run of so many turns, each with a call whose result is 2,000 characters. */
async function runOf(turns: number, effect: 'read' | 'idempotent'): Promise<Cost> {
  using prepare = vi.spyOn(Database.prototype, 'prepare')
  using hash = vi.spyOn(process.getBuiltinModule('node:crypto'), 'hash')
  let compiled = 0
  let decoded = 0
  const json: JsonSchema = {
    type: 'object',
    properties: { step: { type: 'string' } },
    required: ['step'],
    additionalProperties: false,
  }
  const input: Schema<{ step: string }> = {
    '~standard': {
      version: 1,
      vendor: 'counted',
      validate: (value) => {
        decoded++
        return { value: value as { step: string } }
      },
      jsonSchema: { input: () => (compiled++, { ...json }), output: () => ({ ...json }) },
    },
  }
  const work = defineTool({ name: 'work', description: 'Works.', input, effect, execute: () => 'x'.repeat(2_000) })
  const worker = defineAgent({ name: 'w', model: 'm', instructions: 'Work.', tools: [work], budget: { turns: 1_000 } })
  const path = join(folder, `${effect}-${turns}.db`)
  let commits = 0
  const store = sqlite(path, { durability: 'process' })
  const counted = changedStore(store, {
    commit: (writes) => {
      commits++
      return store.commit(writes)
    },
  })
  const runtime = createRuntime({
    store: counted,
    models: scriptedModel((_, nth) => {
      const four = String(nth).padStart(4, '0')
      return nth <= turns
        ? { calls: [{ name: 'work', arguments: { step: four }, callId: `call_${four}` }] }
        : { text: 'done' }
    }),
    definitions: [worker],
    clock: manualClock({ now: 1_800_000_000_000 }),
  })
  expect(await (await runtime.start(worker, 'go', { id: 'r' })).result()).toBe('done')
  await runtime.close()
  const counts = { commits, prepared: prepare.mock.calls.length, hashes: hash.mock.calls.length, compiled, decoded }
  const db = new Database(path, { readonly: true })
  // The row of an owner has numbers of its own: how long it lives, and one that is drawn.
  const payload = Number(db.prepare("select sum(payload) from dbstat where name <> 'owners'").pluck().get())
  db.close()
  return { ...counts, payload, bytes: statSync(path).size }
}

/** What 100 turns more cost. */
async function hundredTurns(effect: 'read' | 'idempotent'): Promise<Cost> {
  const short = await runOf(100, effect)
  const long = await runOf(200, effect)
  const { commits, prepared, hashes, compiled, decoded, payload, bytes } = long
  return {
    commits: commits - short.commits,
    prepared: prepared - short.prepared,
    hashes: hashes - short.hashes,
    compiled: compiled - short.compiled,
    decoded: decoded - short.decoded,
    payload: payload - short.payload,
    bytes: bytes - short.bytes,
  }
}

it('a turn whose tool reads is one commit, six hashes and 2,435 bytes, however many came before', async () => {
  expect(await hundredTurns('read')).toEqual({
    commits: 100,
    prepared: 0,
    // Of each entry's body and of its place in the chain, of the request and of the call.
    hashes: 600,
    compiled: 0,
    decoded: 100,
    payload: 243_500,
    bytes: 33 * 8_192,
  })
})

it('a turn whose tool writes is two commits and eight hashes: that nothing forbids the call is an entry', async () => {
  expect(await hundredTurns('idempotent')).toEqual({
    commits: 200,
    prepared: 0,
    hashes: 800,
    compiled: 0,
    decoded: 100,
    payload: 260_200,
    bytes: 33 * 8_192,
  })
})

/** A run of so many turns on an encrypted file, and how often the keys and the secrets were looked at. */
async function encryptedRunOf(turns: number): Promise<{ readonly secrets: number; readonly keys: number }> {
  using version = vi.spyOn(KeyFile.prototype, 'version', 'get')
  let secrets = 0
  const store = sqlite(join(folder, `encrypted-${turns}.db`), { encryption: { key: Buffer.alloc(32, 7) } })
  const counted = changedStore(store, {
    secrets: (lineageId, from) => {
      secrets++
      return store.secrets?.(lineageId, from) ?? Promise.reject(new Error('it is encrypted'))
    },
  })
  const input = z.object({})
  const work = defineTool({ name: 'work', description: 'Works.', input, effect: 'read', execute: () => 'done' })
  const worker = defineAgent({ name: 'w', model: 'm', instructions: 'Work.', tools: [work], budget: { turns: 1_000 } })
  const runtime = createRuntime({
    store: counted,
    models: scriptedModel((_, nth) =>
      nth <= turns ? { calls: [{ name: 'work', arguments: {}, callId: `call_${nth}` }] } : { text: 'done' },
    ),
    definitions: [worker],
    clock: manualClock({ now: 1_800_000_000_000 }),
  })
  expect(await (await runtime.start(worker, 'go', { id: 'r' })).result()).toBe('done')
  await runtime.close()
  return { secrets, keys: version.mock.calls.length }
}

it(
  'on an encrypted file a turn asks for no secrets and no keys: each commit tells that there are no others',
  { tags: 'slow' },
  async () => {
    const short = await encryptedRunOf(10)
    const long = await encryptedRunOf(110)
    expect(short.secrets).toBe(1)
    expect(long).toEqual(short)
  },
)

it('a run of one turn is three commits, with its schema compiled once', async () => {
  // The beginning, the turn, and the answer with the end.
  expect(await runOf(1, 'read')).toMatchObject({ commits: 3, hashes: 15, compiled: 1, decoded: 1 })
})

/** All that SQLite was given to prepare, and what a store was asked for, while a worker did runs one after the other. */
async function worked(runs: number) {
  using prepare = vi.spyOn(Database.prototype, 'prepare')
  const asked: string[] = []
  const store = sqlite(join(folder, `worked-${runs}.db`), { durability: 'process' })
  const counted = changedStore(store, {
    commit: (writes) => (asked.push('commit'), store.commit(writes)),
    take: async (taker, filter) => {
      const rows = await store.take(taker, filter)
      for (const _ of rows) asked.push('take')
      return rows
    },
    used: (runIds) => (asked.push('used'), store.used(runIds)),
  })
  const worker = defineAgent({ name: 'w', model: 'm', instructions: 'Work.' })
  let answers = 0
  const { promise: answered, resolve } = Promise.withResolvers<void>()
  const models = scriptedModel(() => {
    if (++answers === runs) resolve()
    return { text: 'done' }
  })
  const runtime = createRuntime({ store: counted, models, definitions: [worker] })
  for (let nth = 0; nth < runs; nth++) await runtime.enqueue(worker, 'go', { id: `r${nth}` })
  asked.length = 0
  const work = runtime.work({ concurrency: 1 })
  await answered
  await work.stop()
  await runtime.close()
  return { asked, statements: prepare.mock.calls.map(([sql]) => sql) }
}

it('a run that a worker takes is a take, a commit that it runs and one for its turn, and nobody sums what it used', async () => {
  const { asked } = await worked(3)

  expect(asked).toEqual(['take', 'commit', 'commit', 'take', 'commit', 'commit', 'take', 'commit', 'commit'])
})

it('no statement of a worker lets SQLite see how many it is to give: it would plan anew each time', async () => {
  const { statements } = await worked(1)

  expect(statements.filter((sql) => sql.includes('limit cast(@limit as integer)'))).toHaveLength(14)
  // Those that forget owners and list runs are not for each run.
  expect(statements.filter((sql) => /\blimit\s+[?@]/.test(sql) && !sql.startsWith('delete from owners'))).toEqual([])
})

it('nor does one that joins or sorts by what it is given', async () => {
  const { statements } = await worked(2)
  const given = (part: string): string[] => statements.filter((sql) => sql.includes(part))

  expect(given('left join entries')).toEqual([expect.stringContaining('where runs.id = cast(? as text)')])
  expect(given('from inbox join runs')).toEqual([expect.stringContaining('where runs.id = cast(? as text)')])
  expect(given('lower(hex(hash))')).toEqual([expect.stringContaining('where run = cast(? as integer)')])
})
