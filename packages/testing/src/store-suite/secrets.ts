import { describe, expect, test } from 'vitest'
import type { LineageSecrets, RunWrite } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleMessage } from './samples.ts'

/** That a lineage's secrets are kept with what was written, where the store keeps any. */
export function secretsSuite(bench: Bench): void {
  describe('secrets', () => {
    const secretsOf = async (lineageId: string, from = 0): Promise<LineageSecrets> => {
      const found = await bench.store.secrets?.(lineageId, from)
      if (found === undefined) throw new Error('only called where the store has secrets')
      return found
    }

    test('have a token of their own: the same in a lineage, and another one in every other', async (context) => {
      context.skip(bench.store.secrets === undefined, 'the store keeps no secrets')
      const { token } = await secretsOf('r1')
      const again = await secretsOf('r1')
      const other = await secretsOf('r2')

      expect(token('hunter2')).toMatch(/^secret_[\w-]{22}$/)
      expect(again.token('hunter2')).toBe(token('hunter2'))
      expect(token('hunter3')).not.toBe(token('hunter2'))
      expect(other.token('hunter2')).not.toBe(token('hunter2'))
    })

    test('come with the entries and messages that they belong to, in their order, each once', async (context) => {
      context.skip(bench.store.secrets === undefined, 'the store keeps no secrets')
      const { token, secrets } = await secretsOf('r1')
      expect(secrets).toEqual([])
      const [a, b, c] = ['hunter2', 'a "b"\n\\', '😀'].map((value) => ({ token: token(value), value }))
      if (!a || !b || !c) throw new Error('three values, three secrets')
      await bench.store.commit([{ ...beginning('r1'), secrets: [a] }])
      await bench.store.commit([beginning('r1/child', { lineageId: 'r1' })])
      await bench.store.commit([{ ...appending('r1/child', 1), secrets: [a, b] }])
      await bench.store.send(sampleMessage('r1', 'm'), [b, c])

      expect((await secretsOf('r1')).secrets).toEqual([a, b, c])
      expect((await secretsOf('r1', 2)).secrets).toEqual([c])
      expect((await secretsOf('r2')).secrets).toEqual([])
    })

    test('are counted, those of the write among them, for a write that asks, where the store says how many', async (context) => {
      context.skip(bench.store.secrets === undefined, 'the store keeps no secrets')
      const { token } = await secretsOf('r1')
      const [a, b] = ['hunter2', 'hunter3'].map((value) => ({ token: token(value), value }))
      if (!a || !b) throw new Error('two values, two secrets')
      const countOf = async (write: RunWrite): Promise<number | undefined> => {
        const [result] = await bench.store.commit([{ ...write, countSecrets: true }])
        if (result?.kind !== 'written') throw new Error('nothing is in its way')
        return result.secrets
      }
      const none = await countOf(beginning('r1'))
      context.skip(none === undefined, 'the store does not say how many')

      expect(none).toBe(0)
      expect(await countOf({ ...appending('r1', 1), secrets: [a] })).toBe(1)
      await bench.store.send(sampleMessage('r1', 'm'), [a, b])
      expect(await countOf({ ...beginning('r1/child', { lineageId: 'r1' }), secrets: [b] })).toBe(2)
      expect(await countOf(beginning('r2'))).toBe(0)
    })

    test('of a write that is refused are not kept', async (context) => {
      context.skip(bench.store.secrets === undefined, 'the store keeps no secrets')
      const { token } = await secretsOf('r1')
      await bench.store.commit([beginning('r1')])
      const secrets = [{ token: token('x'), value: 'x' }]

      expect(await bench.store.commit([{ ...appending('r1', 1), epoch: 7, secrets }])).toEqual([{ kind: 'stale' }])
      expect((await secretsOf('r1')).secrets).toEqual([])
    })
  })
}
