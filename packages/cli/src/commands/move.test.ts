// A desk in a file goes on over Postgres: all that it holds is there to the byte, whatever cuts its move short.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { RunRow, Store } from '@reprise/core'
import { hasStore, postgres } from '@reprise/postgres'
import { move, sqlite } from '@reprise/store'
import { crashing } from '@reprise/testing'
import { beginning, sampleEntry, sampleMessage } from '@reprise/testing/store-suite'
import { beforeEach, describe, expect, it } from 'vitest'
import { clerk, deskRuntime, nightly, recordDoubt, recordServed, reply, review, say } from '../desk.fixture.ts'
import { namedOnPostgres } from '../postgres.fixture.ts'
import { printed, reprise, start, tempFolder } from '../reprise.fixture.ts'

let cwd: string
let file: string
let at: Awaited<ReturnType<typeof namedOnPostgres>>

beforeEach(async () => {
  cwd = tempFolder()
  file = join(cwd, 'runs.db')
  at = await namedOnPostgres()
})

/** A desk with runs in every status, mail, a schedule, an erasure, and who did what. */
async function recordDesk(store: Store): Promise<void> {
  await recordServed(store, 'a', 'b', 'forgotten')
  await recordDoubt(store, 'doubt')
  const runtime = deskRuntime(store)
  await (await runtime.start(nightly, { ticket: 'Order a' }, { id: 'night' })).outcome()
  await runtime.send('early', review, { approved: true }, { early: true, id: 'first' })
  await runtime.enqueue(clerk, 'Later', {
    id: 'later',
    priority: 3,
    delayMs: 60_000,
    tenant: 'acme',
    user: 'ann',
    concurrency: { key: 'ann', limit: 1 },
    deadlineMs: 9_000_000,
  })
  await runtime.enqueue(clerk, 'No more', { id: 'cancelled' })
  await runtime.cancel('cancelled', 'no more', { by: 'ana' })
  await runtime.schedule('daily', { cron: '0 9 * * *', timeZone: 'UTC', definition: clerk, input: 'Daily' })
  await runtime.erase('forgotten', { by: 'ana' })
  await runtime.close()
  const ofDriven = await store.secrets?.('driven', 0)
  const secrets = ofDriven ? ['hunter2', 'sesame'].map((value) => ({ token: ofDriven.token(value), value })) : []
  // Runs of another program, with mail that waits.
  await store.commit([
    { ...beginning('driven', { ...NOBODYS_NAME, owner: null }), secrets },
    { ...beginning('large', { ...NOBODYS_NAME, owner: null }), entries: LARGE },
  ])
  for (const mark of ['second', 'first']) await store.send(sampleMessage('driven', mark))
}

const NOBODYS_NAME: Partial<RunRow> = { name: 'nobody' }
const LARGE = Array.from({ length: 130 }, (_, seq) => sampleEntry(seq, { result: `${seq} said by many `.repeat(100) }))

async function held(store: Store) {
  const rows = await store.runs({ limit: 1_000 })
  const runs = rows.map(async (row) => ({
    row: { ...row, owner: null, epoch: row.erasedAt === null ? row.epoch : null },
    entries: row.erasedAt === null ? await store.entries(row.id) : [],
    inbox: await store.inbox(row.id),
    secrets: (row.erasedAt === null && (await store.secrets?.(row.lineageId, 0))?.secrets) || [],
  }))
  const audit = await store.audit({})
  return {
    runs: await Promise.all(runs),
    schedules: await store.schedules({}),
    audit: audit.filter(({ what }) => what !== 'move').map((note) => ({ ...note, id: 0 })),
  }
}

describe('reprise move', () => {
  it.each([
    ['plain', {}, {}],
    ['encrypted, by another key', { key: randomBytes(32) }, { key: randomBytes(32) }],
  ] as const)('takes a desk over to Postgres, where it goes on: %s', async (_, from, into) => {
    const source = sqlite(file, 'key' in from ? { encryption: from } : {})
    await recordDesk(source)
    const before = await held(source)
    const there = deskRuntime(source)
    const replayed = await there.replay({}).summary()
    await there.close()
    const env =
      'key' in from && 'key' in into
        ? { REPRISE_KEY: into.key.toString('base64'), REPRISE_FROM_KEY: from.key.toString('base64') }
        : {}
    const told = await printed(['move', '--from', file, '--to', at.name, '--by', 'ana'], { cwd, env })
    const { host } = new URL(at.url)
    const encryption = 'key' in into ? ', encryption: { key }' : ''
    expect(told).toBe(`${file} is moved to postgres://postgres@${host}/postgres, schema "${at.schema}":
  10 runs, 5 of which had not ended
  2 messages, and 1 for runs that have not begun
  1 schedule
  0 facts
  ${before.audit.length} notes of the audit, and the word of 1 erasure
Say so in your config: store: postgres(url, { schema: '${at.schema}'${encryption} })
The file takes nothing any more, and what is erased from now on is not erased there: once you have looked at the new store, delete ${file}, and what stands beside it.
`)
    expect(existsSync(`${file}.move`)).toBe(false)
    const store = postgres(at.url, { schema: at.schema, ...('key' in into && { encryption: into }) })
    expect(await held(store)).toEqual(before)
    expect(await store.audit({ action: 'backed-up' })).toMatchObject([
      { by: { id: 'ana', source: 'cli' }, what: 'move' },
    ])

    const runtime = deskRuntime(store, [reply([say('It is sent.')])])
    expect(await runtime.replay({}).summary()).toEqual(replayed)
    await runtime.send('night', review, { approved: true })
    expect(await (await runtime.resume('night')).outcome()).toMatchObject({ kind: 'completed' })
    const sent = { happened: true, result: 'sent a' } as const
    const doubt = await runtime.settleDoubt('doubt', (await doubtOf(store)) ?? '', sent, 'ana')
    expect(await doubt.outcome()).toMatchObject({ kind: 'completed' })
    expect((await store.run('later'))?.status).toBe('queued')
    await runtime.close()
    expect(await printed(['verify', '--store', at.name], { cwd, env })).toContain('every hash holds.')
    expect((await reprise(['cancel', 'later', '--store', file], { cwd, env: ofFile(env) })).stderr).toContain(
      'takes nothing any more: it is moved to postgres://',
    )
  })

  it.each([1, 4, 7, 8] as const)(
    'goes on where it died after write %d to Postgres, encrypted',
    { tags: 'slow' },
    async (nth) => {
      const [from, into] = [randomBytes(32), randomBytes(32)]
      const source = sqlite(file, { encryption: { key: from } })
      await recordDesk(source)
      const before = await held(source)
      await source.close()
      const store = postgres(at.url, { schema: at.schema, encryption: { key: into } })
      const to = { name: 'Postgres', encryption: { key: from } }
      const mortal = crashing(store, { of: 'write', at: nth, side: 'after' })
      await expect(move(file, mortal, to)).rejects.toThrow('This process is dead')
      await move(file, store, to)
      expect(await held(store)).toEqual(before)
      await store.close()
    },
  )

  it('goes on where its process was killed in the middle', { tags: 'slow' }, async () => {
    const source = sqlite(file)
    for (let from = 0; from < 400; from += 100)
      await source.commit(
        Array.from({ length: 100 }, (_, nth) => ({
          ...beginning(`run-${from + nth}`, { owner: null, status: 'queued' }),
          entries: [sampleEntry(0, { said: 'a word '.repeat(200) })],
        })),
      )
    const before = await held(source)
    await source.close()
    const store = postgres(at.url, { schema: at.schema })
    const { child, ended } = start(['move', '--from', file, '--to', at.name], { cwd })
    while (child.exitCode === null && !(await hasStore(at.url, { schema: at.schema }))) await setImmediate()
    while (child.exitCode === null && (await store.runs({ limit: 1 })).length === 0) await setImmediate()
    child.kill('SIGKILL')
    expect((await ended).code).toBe(null)
    expect((await store.runs({ limit: 1_000 })).length).toBeLessThan(400)
    expect(await store.runs({ status: 'queued' })).toEqual([])
    expect((await reprise(['cancel', 'run-1', '--store', file], { cwd })).stderr).toContain('takes nothing any more')

    expect(await printed(['move', '--from', file, '--to', at.name], { cwd })).toContain('400 runs')
    expect(await held(store)).toEqual(before)
    await store.close()
  })

  it('gives up, and says what is wrong with what it was given', async () => {
    await recordServed(file, 'a')
    const said = async (...args: string[]): Promise<string> => (await reprise(['move', ...args], { cwd })).stderr
    expect(await said('--from', 'runs.db')).toContain('Where is it to be moved? Give --to.')
    expect(await said('--from', 'runs.db', '--to', './runs.db')).toContain('is where it is')
    expect(await said('--from', 'nothing.db', '--to', 'b.db')).toContain('There is no store at')
    expect(await said('--from', at.name, '--to', 'b.db')).toContain('reprise move takes a file.')
    expect(await said('--from', 'runs.db', '--give-up')).toContain('is not being moved')
    await recordServed(join(cwd, 'full.db'), 'b')
    expect(await said('--from', 'runs.db', '--to', 'full.db')).toContain('has runs, schedules or facts already')
    expect(await printed(['move', '--from', 'runs.db', '--to', 'b.db', '--json'], { cwd })).toContain('"runs": 1,')
    expect(await said('--from', 'runs.db', '--give-up')).toContain(`all of it goes on at ${join(cwd, 'b.db')}`)
  })
})

/** The key of the file that was moved. */
function ofFile({ REPRISE_FROM_KEY }: { readonly REPRISE_FROM_KEY?: string }): NodeJS.ProcessEnv {
  return { REPRISE_KEY: REPRISE_FROM_KEY }
}

async function doubtOf(store: Store): Promise<string | undefined> {
  const waiting = (await store.run('doubt'))?.waiting
  return waiting?.kind === 'in-doubt' ? waiting.id : undefined
}
