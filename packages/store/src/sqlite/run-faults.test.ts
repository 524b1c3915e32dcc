// What a run does when its file, its disk or its log is hurt.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, defineAgent, defineTool, defineWorkflow, TX } from '@reprise/core'
import { changedStore, manualClock, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-run-faults-'))
const errors: string[] = []
const log = { info: () => undefined, warn: () => undefined, error: (line: string) => void errors.push(line) }

/** A ledger outside: one line an effect. */
let effects: string[] = []

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({ id: z.string() }),
  effect: 'idempotent',
  execute: ({ id }, { idempotencyKey }) => {
    effects.push(idempotencyKey)
    return { id, receipt: `for ${id} `.repeat(200) }
  },
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: 'Pay.', tools: [pay] })
const nap = defineWorkflow({ name: 'nap', input: z.number(), run: (ctx, ms) => ctx.sleep(ms).then(() => 'rested') })
const definitions = [clerk, nap] as const

/** Pays once a turn, as often as is asked for, wherever a run is taken up. */
function paying(times: number) {
  return scriptedModel(({ items }): ScriptedAnswer => {
    const done = items.filter(({ kind }) => kind === 'result').length
    return done < times ? { calls: [{ name: 'pay', arguments: { id: `o${done}` } }] } : { text: `paid ${done}` }
  })
}

function open(path: string, times = 8, clock = manualClock()) {
  const store = sqlite(path)
  return { store, clock, runtime: createRuntime({ store, models: paying(times), definitions, clock, log }) }
}

/** Sets a pragma on the store's own connection. */
async function set(store: SqliteStore, runId: string, pragma: string): Promise<void> {
  const epoch = (await store.run(runId))?.epoch ?? 0
  await store.transact(runId, epoch, (handle) => {
    store.tx({ [TX]: handle }).pragma(pragma)
    return { runId, epoch, entries: [] }
  })
}

/** Flips one bit of a file where a text stands in it. */
function flip(path: string, text: string): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(text)
  expect(at).toBeGreaterThan(0)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(path, bytes)
}

describe('a run', () => {
  it('pauses with a clear error when the disk is full, and goes on when there is room', async () => {
    effects = []
    const path = join(folder, 'full.db')
    const { store, clock, runtime } = open(path, 30)
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    await set(store, 'r', `max_page_count = ${statSync(path).size / 8192 + 4}`)
    const outcome = run.outcome()
    // It is tried again for a while, by the clock, before the run pauses.
    while ((await Promise.race([outcome, clock.advance(100)])) === undefined);
    expect(await outcome).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'store_full' } },
    })
    await set(store, 'r', 'max_page_count = 10000')
    expect(await (await runtime.resume('r')).result()).toBe('paid 30')
    expect(new Set(effects).size).toBe(30)
    expect((await runtime.replay('r')).status).toBe('matched')
    await runtime.close()
  })

  it('whose journal has a flipped bit is put into quarantine, and the others go on', async () => {
    effects = []
    const path = join(folder, 'flipped.db')
    const first = open(path)
    await first.runtime.enqueue(nap, 5_000, { id: 'hurt', tags: [] })
    await first.runtime.enqueue(clerk, 'go', { id: 'well' })
    await first.runtime.close()
    flip(path, '"seed":"')
    const { store, clock, runtime } = open(path)
    const worker = runtime.work()
    while ((await store.run('well'))?.status !== 'completed') await clock.advance(250)
    expect(await store.run('hurt')).toMatchObject({
      status: 'quarantined',
      owner: null,
      waiting: { kind: 'quarantined', reason: expect.stringContaining('entry 0 is not what was written') as string },
    })
    expect(errors.at(-1)).toContain('The run "hurt" could not be taken up: The store at')
    await expect(runtime.unquarantine('hurt', { by: 'ana' })).rejects.toMatchObject({ code: 'store_corrupt' })
    expect(await store.run('hurt')).toMatchObject({ status: 'quarantined' })
    await worker.stop()
    await runtime.close()
  })

  it('goes on from the part of a torn log that is whole, wherever it was torn, and doubles no effect', async () => {
    effects = []
    const path = join(folder, 'whole.db')
    const { store, runtime } = open(path)
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    let copied = false
    run.on('call.returned', ({ key }) => {
      if (copied || !key.includes('turn:5')) return
      copied = true
      for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, join(folder, `torn.db${end}`))
    })
    await run.result()
    const whole = await store.entries('r')
    await runtime.close()
    const log = statSync(join(folder, 'torn.db-wal')).size
    const lengths = new Set<number>()
    for (let cut = 0; cut < 12; cut++) {
      const torn = join(folder, `torn-${cut}.db`)
      for (const end of ['', '-wal']) copyFileSync(join(folder, `torn.db${end}`), `${torn}${end}`)
      // The tables stand in the first half of the log.
      truncateSync(`${torn}-wal`, Math.floor(log * (1 - cut / 24)) - cut * 7)
      const again = open(torn)
      const prefix = await again.store.entries('r')
      lengths.add(prefix.length)
      expect(prefix, `cut ${cut}`).toEqual(whole.slice(0, prefix.length))
      if (prefix.length > 0) expect(await (await again.runtime.resume('r')).result(), `cut ${cut}`).toBe('paid 8')
      await again.runtime.close()
    }
    expect(lengths.size).toBeGreaterThan(3)
    expect(new Set(effects).size).toBe(8)
  })

  it('whose timer fell due while everything was down goes on at the start of the next worker', async () => {
    const path = join(folder, 'due.db')
    const first = open(path)
    const ended = (await first.runtime.start(nap, 60_000, { id: 'r' })).outcome()
    while ((await first.store.entries('r')).length < 2) await first.clock.advance(0)
    await first.runtime.close()
    await ended
    const { store, clock, runtime } = open(path, 0, manualClock({ now: 3_600_000 }))
    const worker = runtime.work()
    for (let turn = 0; turn < 50 && (await store.run('r'))?.status !== 'completed'; turn++) await clock.advance(0)
    expect(await store.run('r')).toMatchObject({ status: 'completed' })
    const fired = (await store.entries('r')).filter(({ kind }) => kind === 'timer.fired')
    expect(fired).toHaveLength(1)
    await worker.stop()
    await runtime.close()
  })

  it('keeps what it shares with a run that is cleaned up while it goes on', async () => {
    effects = []
    const path = join(folder, 'shared.db')
    const long = 'Pay what is asked for. '.repeat(400)
    const wordy = defineAgent({ name: 'wordy', model: 'm', instructions: long, tools: [pay] })
    const store = sqlite(path)
    const clock = manualClock()
    await using runtime = createRuntime({ store, models: paying(3), definitions: [wordy], clock, log })
    await (await runtime.start(wordy, 'go', { id: 'old' })).result()
    await clock.advance(10)
    const run = await runtime.start(wordy, 'go', { id: 'new' })
    run.on('call.returned', () => void runtime.gc({ olderThanMs: 1 }))
    expect(await run.result()).toBe('paid 3')
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['new'])
    const [first] = await runtime.runs.entries('new')
    expect(first?.body).toMatchObject({ instructions: long })
    expect(existsSync(path)).toBe(true)
  })

  it('that is forked keeps what the fork shares with it, though it is cleaned up in the middle', async () => {
    const path = join(folder, 'forked.db')
    const long = 'Pay what is asked for. '.repeat(400)
    const wordy = defineAgent({ name: 'wordy', model: 'm', instructions: long, tools: [pay] })
    const store = sqlite(path)
    const cleaned: string[] = []
    // The run is cleaned up when the fork, which has read it, is about to be written.
    const cleaning = changedStore(store, {
      commit: async (writes) => {
        if (writes.some(({ create }) => create?.forkOf)) cleaned.push(...(await store.gc(1e15, ['completed'], 10)))
        return store.commit(writes)
      },
    })
    const before = createRuntime({ store, models: paying(3), definitions: [wordy], log })
    await (await before.start(wordy, 'go', { id: 'old' })).result()
    const first = await store.entries('old')
    await using runtime = createRuntime({ store: cleaning, models: paying(3), definitions: [wordy], log })
    const fork = await runtime.fork('old', { at: 2, id: 'fork', effects: 'live' })
    expect(cleaned).toEqual(['old'])
    expect(await fork.result()).toBe('paid 3')
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['fork'])
    expect((await store.entries('fork'))[0]).toEqual(first[0])
  })
})
