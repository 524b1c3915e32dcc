import { describe, expect, test } from 'vitest'
import type { Beginning, RunRow, Within } from '@reprise/core'
import type { Bench, Done } from './bench.ts'
import { beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

const NONE = 'this store has no transactions of programs'

const TOKEN = `secret_${'x'.repeat(22)}`

/** A run that nobody owns. */
function queued(id: string, rest: Partial<RunRow> = {}): Beginning {
  return { row: queuedRow(id, rest), entries: [sampleEntry(0)] }
}

function queuedRow(id: string, rest: Partial<RunRow> = {}): RunRow {
  return sampleRow(id, { status: 'queued', owner: null, attempts: 0, ...rest })
}

/** Goes on with what is given at once, or later. */
function then<T>(given: T | Promise<T>, next: (value: T) => Done): Done {
  return given instanceof Promise ? given.then(next) : next(given)
}

/** What a store is within a transaction of a program's, where it has a database for that. */
export function withinSuite(bench: Bench): void {
  type Run = (work: (within: Within) => Done) => Promise<void>

  const running = (): Run | undefined => {
    const { transaction, store } = bench
    return (
      transaction &&
      ((work) =>
        transaction(store, (tx) => {
          const within = store.within?.(tx)
          if (!within) throw new Error('A store whose maker has transactions has `within`')
          return work(within)
        }))
    )
  }

  class RolledBack extends Error {}

  describe('within a transaction of a program', () => {
    test('runs begin and messages are left with its commit, as a worker finds them', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      await bench.store.commit([beginning('r1')])
      await run((within) =>
        then(within.begin(queued('r2', { tags: ['web'], priority: 3 })), (begun) => {
          expect(begun).toBe(true)
          return then(within.send(sampleMessage('r2', 'a')), (isNew) => {
            expect(isNew).toBe(true)
            return then(within.send(sampleMessage('r1', 'b')), () => undefined)
          })
        }),
      )

      expect(await bench.store.run('r2')).toEqual(queuedRow('r2', { tags: ['web'], priority: 3 }))
      expect(await bench.store.entries('r2')).toEqual([sampleEntry(0)])
      expect(await bench.store.inbox('r2')).toEqual([sampleMessage('r2', 'a')])
      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'b')])
      const definitions = [{ kind: 'agent', name: 'support' }] as const
      const filter = { now: 0, gone: [], definitions, except: [], limit: 5 }
      const taken = await bench.store.take({ owner: 'bob', heartbeat: 1 }, filter)
      expect(taken.map(({ id, epoch }) => [id, epoch])).toEqual([['r2', 2]])
      const goingOn = { runId: 'r2', epoch: 2, entries: [sampleEntry(1)], consumed: ['a'] }
      expect(await bench.store.commit([goingOn])).toEqual([{ kind: 'written' }])
    })

    test('what it wrote before is read, as it will stand', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      const seen: unknown[] = []
      await run((within) =>
        then(within.begin(queued('r1')), () =>
          then(within.send(sampleMessage('r1', 'a')), () =>
            then(within.run('r1'), (row) =>
              then(within.entries('r1'), (entries) =>
                then(within.inbox('r1'), (inbox) =>
                  then(within.newest('r1'), (newest) =>
                    then(within.run('nobody'), (none) => void seen.push(row, entries, inbox, newest, none)),
                  ),
                ),
              ),
            ),
          ),
        ),
      )

      const row = queuedRow('r1')
      expect(seen).toEqual([row, [sampleEntry(0)], [sampleMessage('r1', 'a')], row, undefined])
    })

    test('nothing of it is there once it is rolled back, and its ids are free', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      await bench.store.commit([beginning('r1')])
      const failing = run((within) =>
        then(within.begin(queued('r2')), () =>
          then(within.send(sampleMessage('r2', 'a')), () =>
            then(within.send(sampleMessage('r1', 'a')), () => {
              throw new RolledBack('no')
            }),
          ),
        ),
      )

      await expect(failing).rejects.toThrow(new RolledBack('no'))
      expect((await bench.store.runs({})).map(({ id }) => id)).toEqual(['r1'])
      expect(await bench.store.entries('r2')).toEqual([])
      expect(await bench.store.inbox('r1')).toEqual([])
      expect(await bench.store.commit([beginning('r2')])).toEqual([{ kind: 'written' }])
      expect(await bench.store.commit([{ runId: 'r2', epoch: 1, entries: [sampleEntry(1)] }])).toEqual([
        { kind: 'written' },
      ])
      expect(await bench.store.send(sampleMessage('r1', 'a'))).toBe(true)
    })

    test('a run that is there is not begun again, and the transaction stands', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      await bench.store.commit([beginning('r1')])
      const begun: boolean[] = []
      await run((within) =>
        then(within.begin(queued('r1', { priority: 9 })), (first) =>
          then(within.begin(queued('r2')), (second) =>
            then(
              within.begin({ ...queued('r2'), entries: [sampleEntry(0, 'other')] }),
              (third) => void begun.push(first, second, third),
            ),
          ),
        ),
      )

      expect(begun).toEqual([false, true, false])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.entries('r2')).toEqual([sampleEntry(0)])
    })

    test('a second message with the same mark is dropped, and one for a run that is not there fails', async ({
      skip,
    }) => {
      const run = running() ?? skip(NONE)
      await bench.store.commit([beginning('r1')])
      await bench.store.send(sampleMessage('r1', 'a'))
      const sent: boolean[] = []
      await run((within) =>
        then(within.send({ ...sampleMessage('r1', 'a'), body: 'other' }), (isNew) => void sent.push(isNew)),
      )

      expect(sent).toEqual([false])
      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'a')])
      const failing = run((within) => then(within.send(sampleMessage('nobody', 'a')), () => undefined))
      await expect(failing).rejects.toMatchObject({ name: 'StoreError', code: 'store_no_run' })
    })

    test('a run is not begun in the lineage of another tenant', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      await bench.store.commit([beginning('r1', { tenant: 'acme' })])
      const begun: boolean[] = []
      await run((within) =>
        then(within.begin(queued('r2', { lineageId: 'r1', tenant: 'other' })), (other) =>
          then(within.begin(queued('r3', { lineageId: 'r1' })), (nobodys) =>
            then(
              within.begin(queued('r4', { lineageId: 'r1', tenant: 'acme' })),
              (own) => void begun.push(other, nobodys, own),
            ),
          ),
        ),
      )

      expect(begun).toEqual([false, false, true])
      expect((await bench.store.runs({})).map(({ id }) => id)).toEqual(['r1', 'r4'])
    })

    test('who left a message is kept with it', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      await bench.store.commit([beginning('r1')])
      const by = { id: 'ana', source: 'oidc' }
      const note = { at: 1, action: 'cancelled', by, runId: 'r1', lineageId: 'r1', tenant: null, what: null } as const
      await run((within) =>
        then(within.send(sampleMessage('r1', 'a'), [], note), () =>
          then(within.send(sampleMessage('r1', 'a'), [], { ...note, at: 2 }), () => undefined),
        ),
      )

      expect(await bench.store.audit({})).toMatchObject([note])
    })

    test('secrets are kept with what has their tokens, or not at all', async ({ skip }) => {
      const run = running() ?? skip(NONE)
      if (!bench.store.secrets) skip('this store keeps no secrets')
      const secrets = [{ token: TOKEN, value: 'hunter2' }]
      const seen: unknown[] = []
      await run((within) =>
        then(within.begin({ ...queued('r1'), secrets }), () =>
          then(within.secrets?.('r1', 0) ?? skip(NONE), (kept) => void seen.push(kept.secrets)),
        ),
      )
      await run((within) =>
        then(within.send(sampleMessage('r1', 'a'), [{ token: TOKEN.replaceAll('x', 'y'), value: 'swordfish' }]), () => {
          throw new RolledBack('no')
        }),
      ).catch(() => undefined)

      expect(seen).toEqual([secrets])
      expect((await bench.store.secrets?.('r1', 0))?.secrets).toEqual(secrets)
    })

    test('what is no transaction of this store is refused', ({ skip }) => {
      if (!bench.store.within) skip(NONE)
      expect(() => bench.store.within?.({})).toThrow(expect.objectContaining({ code: 'bad_tx' }))
    })
  })
}
