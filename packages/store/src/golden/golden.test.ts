// The stored format is a promise: what a release has written opens, holds and replays under every later one (fault 22).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, type RunRow, type Store } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { FORMAT, kindOf } from '@reprise/format'
import { MIGRATIONS } from '../sqlite/schema.ts'
import { newest, openGolden, recordAnew, type Release, releases, unpackGolden } from './releases.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The runs of a store whose journals are there. */
async function runsOf(store: Store): Promise<readonly RunRow[]> {
  return (await store.runs({ limit: 1_000 })).filter(({ erasedAt }) => erasedAt === null)
}

/** The runs that do not replay as they were recorded, offline, under the definitions that recorded them. */
async function strayed(store: Store, { definitions }: Release): Promise<string[]> {
  const runtime = createRuntime({ store, models: scriptedModel([]), definitions })
  const found: string[] = []
  for (const { id } of await runsOf(store)) {
    const { divergence } = await runtime.replay(id)
    if (divergence) found.push(`${id} ${divergence.seq}: ${divergence.recorded}, today ${divergence.today}`)
  }
  return found
}

const kept = releases.flatMap((release) => release.stores.map((golden) => ({ file: golden.file, golden, release })))

describe.each(kept)('the golden journals $file', ({ golden, release }) => {
  test('open, each entry holds against the chain, and all replay under the definitions that are kept beside them', async () => {
    const store = openGolden(golden, folder)
    const rows = await store.runs({ limit: 1_000 })
    const expected = [...release.runs, ...(golden.encrypted ? release.encryptedRuns : [])]
    expect(rows.map(({ id, kind, status }) => `${id} ${kind} ${status}`).toSorted()).toEqual(expected.toSorted())
    for (const { id } of await runsOf(store)) expect((await store.entries(id)).length, id).toBeGreaterThan(0)
    for (const { id } of rows.filter(({ erasedAt }) => erasedAt !== null))
      await expect(store.entries(id), id).rejects.toMatchObject({ code: 'run_erased', details: { by: 'ana' } })
    expect(await strayed(store, release)).toEqual([])
    await store.close()
  })

  test('go on where they had not ended, and end', async () => {
    const store = openGolden(golden, folder)
    expect(await release.goOn(store, golden.encrypted)).toEqual(golden.encrypted ? ['4000 0000 0000 0003'] : [])
    const open = (await runsOf(store)).filter(({ endedAt }) => endedAt === null)
    expect(open.map(({ id, status }) => `${id} ${status}`)).toEqual([])
    expect(await strayed(store, release)).toEqual([])
    await store.close()
  })
})

/** Kinds that the design knows and nothing writes yet, or no run of the golden journals: a longer list would be a new format. */
const UNWRITTEN = [
  'session.assigned',
  'history.compacted',
  'run.woken',
  'answer.given',
  'call.edited',
  'budget.reserved',
  'budget.raised',
  'batch.joined',
  'batch.settled',
  'model.chosen',
  'model.adapted',
  'output.continued',
  'output.reviewed',
  'constraint.judged',
  'run.annotated',
  'schedule.fired',
]

/** What stands in a value, without the values: a field that comes, goes or is of another type shows. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((element) => JSON.stringify(shapeOf(element))))].toSorted()
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const members = Object.entries(value).map(([name, member]) => [name, shapeOf(member)] as const)
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** The shapes of all rows and bodies of a store. */
async function shapesIn(store: Store): Promise<string[]> {
  const shapes = new Set<string>()
  for (const row of await runsOf(store)) {
    shapes.add(`row ${JSON.stringify(shapeOf(row))}`)
    for (const { kind, text } of await store.entries(row.id))
      shapes.add(`${kind} ${JSON.stringify(shapeOf(JSON.parse(text)))}`)
  }
  return [...shapes].toSorted()
}

const WHAT_TO_DO = `What is stored has changed since the golden journals of ${newest.name} were made.
Until ${newest.name} is out: npm run golden -- --again, and commit what it makes.
Afterwards, what it has written must stay readable: leave its files in packages/store as they are; where tables or rows
mean something else, add a step to MIGRATIONS and raise FORMAT; write a decision record; begin the next release in
packages/store/src/golden/release-NEXT.fixture.ts and releases.fixture.ts; npm run golden.`

describe('the golden journals of the newest release', () => {
  test.each(newest.stores)('$file are of today’s schema and format', (golden) => {
    const db = new Database(unpackGolden(golden, folder), { readonly: true })
    const meta = db.prepare('select schema, format from meta').get()
    db.close()
    expect(meta, WHAT_TO_DO).toEqual({ schema: MIGRATIONS.length, format: FORMAT })
  })

  test('hold every kind of entry, and all that today’s code writes, in the same shapes', async () => {
    const [golden] = newest.stores
    const store = openGolden(golden, folder)
    const today = await recordAnew(golden, ':memory:')
    const [before, now] = [await shapesIn(store), await shapesIn(today)]
    await Promise.all([store.close(), today.close()])
    expect(now, WHAT_TO_DO).toEqual(before)
    const kinds = Array.from({ length: 100 }, (_, code) => kindOf(code)).filter((kind) => kind !== undefined)
    const missing = kinds.filter(
      (kind) => !now.some((shape) => shape.startsWith(`${kind} `)) && !UNWRITTEN.includes(kind),
    )
    expect(missing, `Record a run that writes these. ${WHAT_TO_DO}`).toEqual([])
  })
})
