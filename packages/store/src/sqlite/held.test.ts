// Another process stands still while it holds the database: what writes waits, and the event loop goes round meanwhile.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import { z } from 'zod'
import { sqlite } from './sqlite.ts'

vi.setConfig({ testTimeout: 240_000 })

const folder = mkdtempSync(join(tmpdir(), 'reprise-held-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
})

/** A process that holds a database by what it has done with it, until it is told to let go. */
async function holding(file: string, ...statements: string[]): Promise<{ readonly letGo: () => Promise<void> }> {
  const script = `
    import Database from '${import.meta.resolve('better-sqlite3')}'
    const db = new Database(${JSON.stringify(file)})
    for (const statement of ${JSON.stringify(statements)}) db.prepare(statement).reader ? db.prepare(statement).all() : db.exec(statement)
    process.stdin.once('data', () => { db.exec('commit'); db.close(); process.exit() })
    process.stdout.write('held')`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  if (child.stdout) await once(child.stdout, 'data')
  return {
    letGo: async () => {
      child.stdin?.end('let go')
      expect(await exit).toEqual([0, null])
    },
  }
}

/** Lets the event loop go round and round while the database is held, and gives the longest that it stood, in milliseconds. */
async function longestDelay(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  for (let round = 0; round < 100; round++) await pause(2)
  delay.disable()
  return delay.max / 1e6
}

describe('while another process holds the database', () => {
  test('all that writes waits without holding the event loop, reads do not wait, and the order stays', async () => {
    const store = sqlite(path)
    const { totals } = sampleRow('r0')
    const ended = { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: 0, totals } as const
    await store.commit([beginning('r1'), beginning('r0'), { ...appending('r0', 1), row: ended, release: true }])
    const { letGo } = await holding(path, 'begin immediate')
    const written = [
      store.commit([appending('r1', 1)]),
      store.commit([appending('r1', 2)]),
      store.transact('r1', 1, () => appending('r1', 3)),
      store.send(sampleMessage('r1', 'a')),
      store.commit([appending('r1', 4)]),
      store.heartbeat('ann', 1),
      store.gc(1, ['completed'], 10),
    ]
    const settled = vi.fn<() => void>()
    for (const write of written) void write.then(settled, settled)

    // SQLite's own waiting would have stood for 5 seconds at each write.
    expect(await longestDelay()).toBeLessThan(2_500)
    expect(await store.entries('r1')).toHaveLength(1)
    expect(settled).not.toHaveBeenCalled()
    await letGo()
    const [first, second, third, sent, last, , gone] = await Promise.all(written)
    expect([first, second, third, sent, last, gone]).toEqual([
      [{ kind: 'written' }],
      [{ kind: 'written' }],
      { kind: 'written' },
      true,
      [{ kind: 'written' }],
      ['r0'],
    ])
    expect(await store.entries('r1')).toEqual([0, 1, 2, 3, 4].map((seq) => sampleEntry(seq)))
    await store.close()
  })

  test('a person approves, and the run goes on', async () => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({}),
      effect: 'idempotent',
      approval: true,
      execute: () => 'paid',
    })
    const agent = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] })
    const models = scriptedModel([{ calls: [{ name: 'pay', arguments: {} }] }, { text: 'done' }])
    const store = sqlite(path)
    await using runtime = createRuntime({ store, models, definitions: [agent], clock: manualClock() })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'waiting' })
    const { letGo } = await holding(path, 'begin immediate')
    const approved = runtime.approve('r', 'agent:0/turn:0/call:0', { by: 'ana' })

    expect(await longestDelay()).toBeLessThan(2_500)
    await letGo()
    expect(await (await approved).result()).toBe('done')
  })

  test.each([
    ['that is no store yet', ['begin', 'select * from sqlite_schema']],
    ['that another process begins', ['begin exclusive']],
  ])('a store is opened on a file %s once it lets go', async (_, statements) => {
    await (await holding(path, 'create table t (x)', 'drop table t', 'begin')).letGo()
    const { letGo } = await holding(path, ...statements)
    const store = sqlite(path)
    const writing = store.commit([beginning('r1')])

    expect(await longestDelay()).toBeLessThan(2_500)
    await letGo()
    expect(await writing).toEqual([{ kind: 'written' }])
    await store.close()
  })

  test('the keys of an encrypted store are waited for as well', { tags: 'slow' }, async () => {
    const store = sqlite(path, { encryption: { key: Buffer.alloc(32, 'key') } })
    await store.commit([beginning('r1')])
    const { letGo } = await holding(`${path}.keys`, 'begin immediate')
    const writing = store.commit([beginning('r2'), appending('r1', 1)])

    expect(await longestDelay()).toBeLessThan(2_500)
    await letGo()
    expect(await writing).toEqual([{ kind: 'written' }, { kind: 'written' }])
    await store.close()
  })
})

/** Which of two processes comes first is chance: the more rounds, the more of their meetings. */
const ROUNDS = process.env['REPRISE_ALL'] ? 20 : 1

test.each(['plain', 'encrypted'])(
  'two processes that begin one %s store at once both begin it',
  { tags: 'slow' },
  async (sort) => {
    const both = async (): Promise<void> => {
      path = join(mkdtempSync(join(folder, 'begin-')), 'runs.db')
      const encryption = sort === 'plain' ? '' : ", encryption: { key: Buffer.alloc(32, 'key') }"
      const begin = async (id: string): Promise<unknown> => {
        const script = `
        import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
        const store = sqlite(${JSON.stringify(path)}, { durability: 'process'${encryption} })
        console.log(JSON.stringify(await store.commit(${JSON.stringify([beginning(id)])})))
        await store.close()`
        const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'inherit'] })
        child.stdin.end(script)
        let said = ''
        child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
        return [...((await once(child, 'close')) as unknown[]), said]
      }
      expect(await Promise.all(['r1', 'r2'].map(begin))).toEqual([
        [0, null, '[{"kind":"written"}]\n'],
        [0, null, '[{"kind":"written"}]\n'],
      ])
    }
    for (let round = 0; round < ROUNDS; round++) await both()
  },
)
