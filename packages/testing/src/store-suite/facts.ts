import { describe, expect, test } from 'vitest'
import type { FactFilter, FactQuery, FactScope, NewFact, RunWrite } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning } from './samples.ts'

const ann: FactScope = { tenant: 'acme', user: 'ann' }
const acme: FactScope = { tenant: 'acme', user: null }
const origin = { kind: 'call', runId: 'r1', key: 'agent:0/turn:0/call:0' } as const

function sampleFact(key: string, rest: Partial<NewFact> = {}): NewFact {
  return { scope: ann, memory: 'memory', key, at: 5, text: JSON.stringify({ of: key }), origin, ...rest }
}

/** Facts: kept by their keys in a memory and a scope, written with the run that learns them, found by their words, erased. */
export function factsSuite(bench: Bench): void {
  const keep = async (...facts: readonly NewFact[]): Promise<void> => {
    for (const fact of facts) await bench.store.keepFact(fact)
  }
  const listed = async (filter: FactFilter = {}): Promise<string[]> =>
    (await bench.store.facts(filter)).map(({ key }) => key)
  const found = async (words: string, rest: Partial<FactQuery> = {}): Promise<string[]> => {
    const query = { scope: ann, memory: 'memory', words, limit: 10, ...rest }
    return (await bench.store.search(query)).map(({ key }) => key)
  }

  describe('facts', () => {
    test('are given back as they were kept, the newest first, a page at a time', async () => {
      const set = { kind: 'set', by: { id: 'ana', source: 'cli' } } as const
      const b = sampleFact('b ü/\u0000?', { text: '{ "ü":"\\u0000" }', origin: set })
      await keep(sampleFact('a'), b, sampleFact('c'))
      const [newest, second, ...rest] = await bench.store.facts({ ...ann, memory: 'memory' })

      expect(newest).toEqual({ ...sampleFact('c'), id: newest?.id })
      expect(second).toEqual({ ...b, id: second?.id })
      expect(newest?.id).toBeGreaterThan(second?.id ?? Infinity)
      expect(rest).toHaveLength(1)
      expect(await listed({ limit: 2 })).toEqual(['c', b.key])
      expect(await listed({ before: second?.id ?? 0 })).toEqual(['a'])
    })

    test('are known by their key in one memory of one scope, and a fact that is written anew is the newest', async () => {
      const others = [{ memory: 'other' }, { scope: acme }, { scope: { tenant: null, user: 'ann' } }]
      await keep(sampleFact('a'), ...others.map((other) => sampleFact('a', other)), sampleFact('b'))
      await keep(sampleFact('a', { text: '"new"', at: 6 }))

      const of = { ...ann, memory: 'memory' }
      const [newest, ...rest] = await bench.store.facts(of)
      expect(newest).toEqual({ ...sampleFact('a', { text: '"new"', at: 6 }), id: newest?.id })
      expect(rest.map(({ key }) => key)).toEqual(['b'])
      expect(await bench.store.facts({ ...of, key: 'a' })).toEqual([newest])
      expect(await listed({ ...of, key: 'c' })).toEqual([])
      expect(await listed({ tenant: 'acme', user: 'bob', memory: 'memory', key: 'a' })).toEqual([])
      expect(await listed({ tenant: 'acme' })).toHaveLength(4)
      expect(await listed({ tenant: 'acme', user: null })).toEqual(['a'])
      expect(await listed({ user: 'ann' })).toHaveLength(4)
      expect(await listed({ tenant: null })).toEqual(['a'])
      expect(await listed({ memory: 'other' })).toEqual(['a'])
    })

    test('are written with the entries that tell of them, once, and not with a write that is refused', async () => {
      const { store } = bench
      const learning = (write: RunWrite, key: string): RunWrite => ({ ...write, facts: [sampleFact(key)] })
      await store.commit([beginning('r1')])
      const write = learning(appending('r1', 1), 'a')
      expect(await store.commit([write])).toEqual([{ kind: 'written' }])
      await keep(sampleFact('a', { text: '"set"' }))
      // It stands already: its commit happened though its caller saw an error.
      expect(await store.commit([write])).toEqual([{ kind: 'written' }])
      expect(await store.commit([learning(appending('r1', 5), 'b'), learning(appending('r1', 2), 'c')])).toEqual([
        { kind: 'stale' },
        { kind: 'written' },
      ])
      expect(await store.commit([learning(beginning('r1', { owner: 'bob' }), 'd')])).toEqual([{ kind: 'exists' }])

      expect((await store.facts({})).map(({ key, text }) => [key, text])).toEqual([
        ['c', '{"of":"c"}'],
        ['a', '"set"'],
      ])
    })

    test('are found by whole words of their key and text, those with the most of them first, and then the newest', async () => {
      await keep(
        sampleFact('shoes', { text: '{"size":"44, wide \\u00dcberschuhe","likes":["red",2]}' }),
        sampleFact('size', { text: '"44"' }),
        sampleFact('note', { text: '"Says that SIZE matters."' }),
        sampleFact('other', { text: '"44 size"', scope: { tenant: 'acme', user: 'bob' } }),
        sampleFact('elsewhere', { text: '"44 size"', memory: 'other' }),
      )

      expect(await found('Size 44?')).toEqual(['size', 'shoes', 'note'])
      expect(await found('Size 44?', { limit: 2 })).toEqual(['size', 'shoes'])
      expect(await found('überschuhe OR siz')).toEqual(['shoes'])
      expect(await found('RED 2')).toEqual(['shoes'])
      expect(await found('sizes')).toEqual([])
      expect(await found('"* ( \' : AND')).toEqual([])
      expect(await found('size', { memory: 'other' })).toEqual(['elsewhere'])
      expect(await found('size', { scope: { tenant: null, user: 'ann' } })).toEqual([])
      await keep(sampleFact('size', { text: '"small"' }))
      expect(await found('44')).toEqual(['shoes'])
    })

    test('that are erased are neither listed nor found, and others and later ones are', async () => {
      const { store } = bench
      await keep(sampleFact('a'), sampleFact('b'), sampleFact('a', { scope: acme }))
      const of = { ...ann, memory: 'memory' }

      expect(await store.eraseFacts({ ...of, key: 'a' })).toMatchObject({ facts: 1 })
      expect(await store.eraseFacts({ ...of, key: 'a' })).toEqual({ facts: 0 })
      expect(await found('a b')).toEqual(['b'])
      expect(await store.eraseFacts({ user: 'ann' })).toMatchObject({ facts: 1 })
      expect(await listed()).toEqual(['a'])
      await keep(sampleFact('a', { text: '"again"' }))
      expect(await found('again a')).toEqual(['a'])
      expect(await store.eraseFacts({ tenant: 'acme' })).toMatchObject({ facts: 2 })
      expect(await listed()).toEqual([])
    })

    test('have what was done to them in the audit, where anything was done', async () => {
      const { store } = bench
      const note = { at: 1, by: { id: 'ana', source: 'cli' }, runId: null, lineageId: null, tenant: 'acme', what: null }
      await store.keepFact(sampleFact('a'), { ...note, action: 'revealed' })
      await store.eraseFacts(ann, { ...note, action: 'erased' })
      await store.eraseFacts(ann, { ...note, action: 'pruned' })

      expect((await store.audit({})).map(({ action }) => action)).toEqual(['revealed', 'erased'])
    })

    test('outlive the runs that have learned them', async () => {
      const { store } = bench
      const ended = { status: 'completed', endedAt: 5, owner: null } as const
      await store.commit([{ ...beginning('r1', ended), facts: [sampleFact('a')] }])
      await store.gc(6, ['completed'], 10)

      expect(await store.run('r1')).toBeUndefined()
      expect(await listed()).toEqual(['a'])
    })
  })
}
