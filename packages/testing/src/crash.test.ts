import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Crash, crashing } from './crash.ts'
import { memoryStore } from './memory-store/memory-store.ts'
import { appending, beginning, sampleEntry, sampleMessage } from './store-suite/samples.ts'
import { storeSuite } from './store-suite/suite.ts'

storeSuite('a store whose crash never comes', {
  open: async () => crashing(memoryStore(), { at: Infinity, side: 'before' }),
})

describe('a crash', () => {
  test('before a write leaves the writes before it, and lets nothing through afterwards', async () => {
    const store = memoryStore()
    const dying = crashing(store, { at: 2, side: 'before' })
    await dying.commit([beginning('r1')])

    const message = 'This process is dead: it crashed before commit 2 of its store.'
    const effects: string[] = []
    const calls = [
      () => dying.commit([appending('r1', 1)]),
      () => dying.commit([appending('r1', 1)]),
      () => dying.transact?.('r1', 1, () => appending('r1', 1)),
      () => dying.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
      () => dying.heartbeat('ann', 1),
      () => dying.owners(),
      () => dying.take({ owner: 'bob', heartbeat: 0 }, { now: 0, gone: [], definitions: [], except: [], limit: 1 }),
      () => dying.owned('ann'),
      () => dying.newest('r1'),
      () => dying.used(['r1']),
      () => dying.run('r1'),
      () => dying.runs({}),
      () => dying.entries('r1'),
      () => dying.send(sampleMessage('r1', 'a')),
      () => dying.inbox('r1'),
      () => dying.mail('ann'),
      () => dying.close(),
      async () => dying.effect(() => effects.push('done')),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow(new Crash({ at: 2, side: 'before' }))
    await expect(dying.run('r1')).rejects.toThrow(message)
    expect(dying.commits).toBe(2)
    expect(effects).toEqual([])
    expect(await store.run('r1')).toMatchObject({ epoch: 1 })
    expect(await store.inbox('r1')).toEqual([])
    expect(await store.entries('r1')).toEqual([sampleEntry(0)])
  })

  test('after a write leaves it, though its caller does not hear of it', async () => {
    const store = memoryStore()
    const dying = crashing(store, { at: 2, side: 'after' })
    await dying.commit([beginning('r1')])

    await expect(dying.transact?.('r1', 1, () => appending('r1', 1))).rejects.toThrow(Crash)
    await expect(dying.entries('r1')).rejects.toThrow(Crash)
    expect(await store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
  })

  test('before a transaction does not run its effect', async () => {
    const store = memoryStore()
    await store.commit([beginning('r1')])
    let effects = 0
    const dying = crashing(store, { at: 1, side: 'before' })
    const transacting = dying.transact?.('r1', 1, () => {
      effects++
      return appending('r1', 1)
    })

    await expect(transacting).rejects.toThrow(Crash)
    expect(effects).toBe(0)
  })

  test('after a transaction that is rolled back comes all the same', async () => {
    const store = memoryStore()
    await store.commit([beginning('r1')])
    const dying = crashing(store, { at: 1, side: 'after' })
    const transacting = dying.transact?.('r1', 1, () => {
      throw new Error('refused')
    })

    await expect(transacting).rejects.toThrow(Crash)
    await expect(dying.entries('r1')).rejects.toThrow(Crash)
    expect(await store.entries('r1')).toEqual([sampleEntry(0)])
  })

  test('among all writes comes at a claim and at a message, too', async () => {
    const store = memoryStore()
    await store.commit([beginning('r1')])
    const dying = crashing(store, { of: 'write', at: 2, side: 'after' })

    expect(await dying.send(sampleMessage('r1', 'a'))).toBe(true)
    await expect(
      dying.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
    ).rejects.toThrow(Crash)
    expect(await store.run('r1')).toMatchObject({ owner: 'bob', epoch: 2 })
    expect([dying.commits, dying.writes]).toEqual([0, 2])
  })

  test.each([
    ['before', ['first']],
    ['after', ['first', 'second']],
  ] as const)('%s an effect is counted apart from writes', async (side, done) => {
    const dying = crashing(memoryStore(), { of: 'effect', at: 2, side })
    const effects: string[] = []
    await dying.commit([beginning('r1')])
    await dying.commit([appending('r1', 1)])

    expect(dying.effect(() => effects.push('first'))).toBe(1)
    expect(() => dying.effect(() => effects.push('second'))).toThrow(new Crash({ of: 'effect', at: 2, side }))
    await expect(dying.run('r1')).rejects.toThrow(`This process is dead: it crashed ${side} effect 2.`)
    expect([dying.commits, dying.writes, dying.effects]).toEqual([2, 2, 2])
    expect(effects).toEqual(done)
  })

  test('after an effect that takes its time comes once that is done', async () => {
    const dying = crashing(memoryStore(), { of: 'effect', at: 1, side: 'after' })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const doing = dying.effect(() => promise)
    expect(await dying.run('r1')).toBeUndefined()
    resolve(undefined)

    await expect(doing).rejects.toThrow('it crashed after effect 1.')
    await expect(dying.run('r1')).rejects.toThrow(Crash)
  })

  test('takes with it what was under way', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const dying = crashing(Object.assign(memoryStore(), { run: () => promise }), { at: 1, side: 'before' })
    const reading = dying.run('r1')
    await expect(dying.commit([beginning('r1')])).rejects.toThrow(Crash)
    resolve(undefined)

    await expect(reading).rejects.toThrow(Crash)
  })

  test.each([
    ['before', 0],
    ['after', 1],
  ])('by kill ends the process %s the write', (side, written) => {
    const script = `
      import { crashing } from '${import.meta.resolve('./crash.ts')}'
      import { memoryStore } from '${import.meta.resolve('./memory-store/memory-store.ts')}'
      const store = memoryStore()
      const commit = store.commit.bind(store)
      store.commit = async (writes) => { console.log('written'); return commit(writes) }
      await crashing(store, { at: 1, side: '${side}', how: 'kill' }).commit([])
      console.log('lived on')`
    const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    })

    expect(signal).toBe('SIGKILL')
    expect(stdout).toBe('written\n'.repeat(written))
  })
})
