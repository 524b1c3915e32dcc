import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineWorkflow, type RunRow, type Store } from '@reprise/core'
import { changedStore, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import { examine } from '../sqlite/examine.ts'
import { sqlite } from '../sqlite/sqlite.ts'
import type { SqliteStore } from '../sqlite/sqlite-store.ts'
import { begunEarly, DEAD, fill, held } from './filled.fixture.ts'
import { giveUpMove, move } from './move.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-move-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KEY = Buffer.alloc(32, 'key')
const OTHER = Buffer.alloc(32, 'other')
const encryption = { key: KEY }
const to = { name: 'the other', by: { id: 'ana', source: 'cli' }, patienceMs: 1 }

let filled: Record<'plain' | 'encrypted', string>
beforeAll(async () => {
  filled = { plain: join(folder, 'plain.db'), encrypted: join(folder, 'encrypted.db') }
  for (const [path, options] of [
    [filled.plain, {}],
    [filled.encrypted, { encryption }],
  ] as const) {
    const store = sqlite(path, options)
    await fill(store)
    await store.close()
  }
})

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

function aFilled(kind: 'plain' | 'encrypted'): { readonly encryption?: { readonly key: Buffer } } {
  copyFileSync(filled[kind], path)
  if (existsSync(`${filled[kind]}.keys`)) copyFileSync(`${filled[kind]}.keys`, `${path}.keys`)
  return kind === 'plain' ? {} : { encryption }
}

async function heldIn(file: string, options: object): Promise<Awaited<ReturnType<typeof held>>> {
  const store = sqlite(file, options)
  try {
    return await held(store)
  } finally {
    await store.close()
  }
}

/** What a store holds that was moved: its owners are gone, an erasure raises the epoch, and the move itself is noted. */
function asMoved({ runs, facts, schedules, audit }: Awaited<ReturnType<typeof held>>, keepsSecrets = true): object {
  return {
    facts,
    schedules,
    audit: [
      ...audit,
      {
        id: 0,
        at: expect.any(Number),
        action: 'backed-up',
        by: to.by,
        runId: null,
        lineageId: null,
        tenant: null,
        what: 'move',
      },
    ],
    runs: runs.map(({ row, secrets, ...run }) => ({
      ...run,
      row: { ...row, owner: null, epoch: row.epoch + (row.erasedAt === null ? 0 : 1) } satisfies RunRow,
      secrets: keepsSecrets ? secrets : [],
    })),
  }
}

describe('move', () => {
  test.each([
    ['plain', 'plain'],
    ['plain', 'encrypted'],
    ['encrypted', 'encrypted'],
  ] as const)('takes all that a store holds, to the byte: %s to %s', async (from, into) => {
    const options = aFilled(from)
    const before = await heldIn(path, options)
    await using other = sqlite(':memory:', into === 'encrypted' ? { encryption: { key: OTHER } } : {})

    expect(await move(path, other, { ...to, ...options })).toEqual({
      runs: 16,
      open: 7,
      interrupted: 1,
      messages: 3,
      early: 3,
      schedules: 2,
      facts: 3,
      notes: 4,
      erased: 2,
    })
    expect(await held(other)).toEqual(asMoved(before))
    expect(await other.owners()).toEqual([])
    expect(await begunEarly(other)).toEqual(['coming b', 'coming a', 'another a'])
    // What was erased begins nowhere again.
    expect(await other.commit([beginning('gone'), beginning('forgotten')])).toEqual([
      { kind: 'exists' },
      { kind: 'exists' },
    ])
    expect(before.runs.find(({ row }) => row.id === 'driven')?.secrets).toHaveLength(from === 'encrypted' ? 2 : 0)
  })

  test('lets nobody take a run there before all is there, nor write to the file from then on', async () => {
    const options = aFilled('plain')
    await using open = sqlite(path)
    await open.runs({})
    await using other = sqlite(':memory:')
    const taken: string[] = []
    const refused: unknown[] = []
    const note: Store['note'] = async (notes) => {
      taken.push(...(await take(other)))
      refused.push(...(await Promise.all(writesOf(open).map((write) => write.catch((error: unknown) => error)))))
      return other.note(notes)
    }
    await move(path, changedStore(other, { note }), { ...to, ...options })

    expect(taken).toEqual([])
    expect(refused).toHaveLength(6)
    for (const error of refused)
      expect(error).toMatchObject({
        code: 'store_moved',
        message: `The store at ${path} takes nothing any more: it is moved to the other. Give that store in your config. Where the move was cut short, go on with it (reprise move), or give it up (reprise move --give-up).`,
      })
    expect((await take(other)).toSorted()).toEqual(['asleep', 'asleep/child', 'driven', 'round~2', 'urgent'])
    expect((await open.entries('driven')).length).toBe(1)
  })

  test('lets a process that slept meanwhile do nothing more, and its run goes on there', async () => {
    const nap = defineWorkflow({
      name: 'nap',
      input: z.number(),
      run: (ctx, ms) => ctx.sleep(ms).then(() => 'rested'),
    })
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const parts = { models: scriptedModel(() => ({ text: '' })), definitions: [nap], clock: manualClock(), log: quiet }
    const asleep = createRuntime({ store: sqlite(path), ...parts })
    const outcome = (await asleep.start(nap, 600_000, { id: 'r' })).outcome()
    await using other = sqlite(':memory:')
    expect(await move(path, other, to)).toMatchObject({ runs: 1, open: 1, interrupted: 1 })
    while ((await Promise.race([outcome, parts.clock.advance(1_000)])) === undefined);
    expect(await outcome).toMatchObject({ waiting: { kind: 'interrupted', error: { code: 'store_moved' } } })
    // By the next beat, and not when it would write.
    expect(parts.clock.monotonic()).toBeLessThan(60_000)
    await asleep.close()
    expect(await other.run('r')).toMatchObject({ endedAt: null, owner: null })

    await using there = createRuntime({ store: other, ...parts })
    const rested = (await there.resume('r')).result()
    while ((await Promise.race([rested, parts.clock.advance(60_000)])) === undefined);
    expect(await rested).toBe('rested')
  })

  test('is one at a time', async () => {
    aFilled('plain')
    await using other = memoryStore()
    let second: Promise<unknown> | undefined
    const note: Store['note'] = async (notes) => {
      second = Promise.allSettled([move(path, other, to), giveUpMove(path)])
      await second
      return other.note(notes)
    }
    await move(path, changedStore(other, { note }), to)

    const error = {
      code: 'store_busy',
      message: `The store at ${path} is being moved by another process. Let that one finish.`,
    }
    expect(await second).toMatchObject([{ reason: error }, { reason: error }])
    expect(existsSync(`${path}.move`)).toBe(false)
  })

  test('refuses a file on which somebody works, and leaves it open', async () => {
    aFilled('plain')
    await using store = sqlite(path)
    await using other = memoryStore()
    let beat = 1
    const schedules: Store['schedules'] = async (filter) => {
      // While it waits for a beat.
      queueMicrotask(() => void store.heartbeat(DEAD, ++beat))
      return other.schedules(filter)
    }
    await expect(move(path, changedStore(other, { schedules }), { ...to, patienceMs: 500 })).rejects.toMatchObject({
      code: 'store_in_use',
      details: { owner: DEAD },
    })
    expect(await store.commit([beginning('new')])).toEqual([{ kind: 'written' }])
    expect(await other.runs({})).toEqual([])
  })

  test('refuses a store that has something, one without a key for secrets, and a second target', async () => {
    const options = aFilled('encrypted')
    await using full = memoryStore()
    await full.commit([beginning('there')])
    await expect(move(path, full, { ...to, ...options })).rejects.toMatchObject({ code: 'move_not_empty' })
    await using plain = sqlite(':memory:')
    await expect(move(path, plain, { ...to, ...options })).rejects.toMatchObject({ code: 'move_without_key' })
    await using other = memoryStore()
    await move(path, other, { ...to, ...options })
    await expect(move(path, memoryStore(), { ...to, ...options, name: 'a third' })).rejects.toMatchObject({
      code: 'move_elsewhere',
      message: `The store at ${path} was moved to the other. Work on that store.`,
    })
    await expect(giveUpMove(path)).rejects.toMatchObject({ code: 'move_done' })
  })

  test('that was cut short may be given up: the file goes on as it was', async () => {
    aFilled('plain')
    const before = await heldIn(path, {})
    await using other = memoryStore()
    await expect(move(path, crashing(other, { of: 'write', at: 3, side: 'after' }), to)).rejects.toThrow('is dead')
    expect((await examine(path, { patienceMs: 0 })).moved).toEqual({ to: 'the other', done: false })
    await giveUpMove(path)

    expect(await heldIn(path, {})).toEqual(before)
    await using store = sqlite(path)
    expect(await store.commit([{ ...appending('urgent', 1) }])).toEqual([{ kind: 'written' }])
    expect(await take(other)).toEqual([])
    await expect(giveUpMove(path)).rejects.toMatchObject({ code: 'move_none' })
    await expect(move(path, other, to)).rejects.toMatchObject({ code: 'move_not_empty' })
  })

  test('done again is done: what was worked, or deleted, meanwhile is left', async () => {
    aFilled('plain')
    await using other = sqlite(':memory:')
    await move(path, other, to)
    expect((await examine(path, { patienceMs: 0 })).moved).toEqual({ to: 'the other', done: true })
    expect(await take(other)).toContain('urgent')
    await other.gc(Date.now(), ['failed'], 100)
    const after = await held(other)
    await move(path, other, to)

    expect(await held(other)).toEqual(after)
  })
})

describe('a move that dies at a write, and is begun again, doubles nothing and loses nothing', () => {
  const all = Array.from({ length: 17 }, (_, index) => index + 1)
  const points = process.env['REPRISE_ALL'] ? all : [2, 6, 13, 16]
  const cases = points.flatMap((at) => (['before', 'after'] as const).map((side) => ({ at, side })))

  test.each(cases)('$side write $at', async (point) => {
    const options = aFilled('encrypted')
    const before = await heldIn(path, options)
    await using other = sqlite(':memory:', { encryption: { key: OTHER } })
    const mortal = crashing(other, { of: 'write', ...point })
    await expect(move(path, mortal, { ...to, ...options })).rejects.toThrow('This process is dead')
    await move(path, other, { ...to, ...options })

    expect(await held(other)).toEqual(asMoved(before))
    expect(await begunEarly(other)).toEqual(['coming b', 'coming a', 'another a'])
  })

  test('between two parts of a run that is more than a commit takes', async () => {
    const said = 'ü\u0000 '.repeat(11_000)
    const entries = Array.from({ length: 120 }, (_, seq) => sampleEntry(seq, { said, seq }))
    const store = sqlite(path)
    await store.commit([{ ...beginning('long', { owner: null }), entries }, beginning('next', { owner: null })])
    const before = await held(store)
    await store.close()
    await using other = memoryStore()
    await expect(move(path, crashing(other, { at: 1, side: 'after' }), to)).rejects.toThrow('This process is dead')
    expect(await other.entries('long')).toHaveLength(50)
    await move(path, other, to)

    expect(await held(other)).toEqual(asMoved(before))
  })

  test('at all of its writes: there are no more', async () => {
    const options = aFilled('encrypted')
    const counting = crashing(sqlite(':memory:', { encryption: { key: OTHER } }), { at: Infinity, side: 'after' })
    await move(path, counting, { ...to, ...options })

    expect(counting.writes).toBe(all.length)
  })
})

/** Takes what may be taken. */
async function take(store: Store): Promise<readonly string[]> {
  const definitions = [{ kind: 'agent', name: 'support' }] as const
  const filter = { now: 1_764_000_000_100, gone: [], definitions, except: [], limit: 100 }
  return (await store.take({ owner: 'bob', heartbeat: 1 }, filter)).map(({ id }) => id)
}

/** What a process at work does that had the file open. */
function writesOf(store: SqliteStore): readonly Promise<unknown>[] {
  return [
    store.commit([beginning('new')]),
    store.commit([{ ...appending('driven', 1), epoch: 3 }]),
    store.heartbeat(DEAD, 7),
    take(store),
    store.gc(Date.now(), ['failed'], 100),
    store.sendEarly({ runId: 'x', dedupe: 'x', kind: 'cancel', body: null, at: 1 }, 9),
  ]
}
