// The stored format is a promise: what a release has written opens, holds and replays under every later one (fault 22).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, type RunRow, type Store } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { FORMAT } from '../codec.ts'
import { sqlite, type SqliteStore } from '../index.ts'
import { kindOf } from '../kinds.ts'
import { MIGRATIONS } from '../sqlite/schema.ts'
import { goldenFile, newest, releases, unpackGolden } from './releases.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A copy of a release's journals, opened by today's store. */
function opened(name: string): SqliteStore {
  return sqlite(unpackGolden(name, folder), { durability: 'process' })
}

async function rowsOf(store: Store): Promise<readonly RunRow[]> {
  return store.runs({ limit: 1_000 })
}

/** How each run replays under the definitions that recorded it, offline. */
async function replays(store: Store, { definitions }: (typeof releases)[number]): Promise<Record<string, string>> {
  const runtime = createRuntime({ store, models: scriptedModel([]), definitions })
  const found: Record<string, string> = {}
  for (const { id } of await rowsOf(store)) {
    const { status, divergence } = await runtime.replay(id)
    found[id] = divergence ? `${divergence.seq}: ${divergence.recorded}, today ${divergence.today}` : status
  }
  return found
}

function allMatched(rows: readonly RunRow[]): Record<string, string> {
  return Object.fromEntries(rows.map(({ id }) => [id, 'matched']))
}

describe.each(releases)('the golden journals of release $name', (release) => {
  test('open, and each entry holds against the chain', async () => {
    const store = opened(release.name)
    const rows = await rowsOf(store)
    expect(rows.map(({ id, kind, status }) => `${id} ${kind} ${status}`)).toEqual(release.runs)
    for (const { id } of rows) expect((await store.entries(id)).length, id).toBeGreaterThan(0)
    await store.close()
  })

  test('replay under the definitions that are kept beside them', async () => {
    const store = opened(release.name)
    const rows = await rowsOf(store)
    expect(await replays(store, release)).toEqual(allMatched(rows))
    await store.close()
  })

  test('go on where they had not ended, and end', async () => {
    const store = opened(release.name)
    await release.goOn(store)
    const rows = await rowsOf(store)
    const open = rows.filter(({ endedAt }) => endedAt === null).map(({ id, status }) => `${id} ${status}`)
    expect(open).toEqual([])
    expect(await replays(store, release)).toEqual(allMatched(rows))
    await store.close()
  })
})

/** Kinds that the design knows and nothing writes yet. */
const UNWRITTEN = ['history.compacted', 'run.woken']

/** What stands in a body, without its values: a field that comes, goes or is of another type shows. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((element) => JSON.stringify(shapeOf(element))))].toSorted()
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const members = Object.entries(value).map(([name, member]) => [name, shapeOf(member)] as const)
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** The shapes of all bodies and messages of a store, by kind. */
async function shapesIn(store: Store): Promise<string[]> {
  const shapes = new Set<string>()
  for (const row of await rowsOf(store)) {
    shapes.add(`row ${JSON.stringify(shapeOf({ ...row, waiting: row.waiting && { ...row.waiting } }))}`)
    for (const { kind, text } of await store.entries(row.id))
      shapes.add(`${kind} ${JSON.stringify(shapeOf(JSON.parse(text)))}`)
  }
  return [...shapes].toSorted()
}

const WHAT_TO_DO = `What is stored has changed since the golden journals of ${newest.name} were made.
Until ${newest.name} is out: npm run golden -- --again, and commit ${goldenFile(newest.name)}.
Afterwards, what it has written must stay readable: leave its files in packages/store as they are; where rows or tables
mean something else, add a step to MIGRATIONS and raise FORMAT; write a decision record; begin the next release in
packages/store/src/golden/release-NEXT.fixture.ts and releases.fixture.ts; npm run golden.`

describe('the golden journals of the newest release', () => {
  test('are of today’s schema and format', () => {
    const db = new Database(unpackGolden(newest.name, folder), { readonly: true })
    const meta = db.prepare('select schema, format from meta').get()
    db.close()
    expect(meta, WHAT_TO_DO).toEqual({ schema: MIGRATIONS.length, format: FORMAT })
  })

  test('hold every kind of entry that can be written', async () => {
    const store = opened(newest.name)
    const found = new Set<string>()
    for (const { id } of await rowsOf(store)) for (const { kind } of await store.entries(id)) found.add(kind)
    await store.close()
    const known = Array.from({ length: 100 }, (_, code) => kindOf(code)).filter((kind) => kind !== undefined)
    const missing = known.filter((kind) => !found.has(kind) && !UNWRITTEN.includes(kind))
    expect(missing, `Record a run that writes these. ${WHAT_TO_DO}`).toEqual([])
  })

  test('hold what today’s code writes, in the same shapes', async () => {
    const golden = opened(newest.name)
    const today = sqlite(':memory:')
    await newest.record(today)
    const shapes = { golden: await shapesIn(golden), today: await shapesIn(today) }
    await Promise.all([golden.close(), today.close()])
    expect(shapes.today, WHAT_TO_DO).toEqual(shapes.golden)
  })
})
