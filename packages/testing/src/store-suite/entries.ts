import { describe, expect, test } from 'vitest'
import { digest } from '@reprise/core'
import type { Bench } from './bench.ts'
import { beginning, sampleEntry, sampleRow } from './samples.ts'

const long = (chars: number, unit = 'ab '): string => unit.repeat(chars / unit.length)

/** Bodies that are hard to keep to the character, by what is hard about them. */
const BODIES: Record<string, string> = {
  'an empty object': '{}',
  'no object': '[1,"two",null]',
  'a text': '"said"',
  'spaces and line feeds': '{ "a" :\n\t[ 1 , 2 ] ,\r\n "b" : {} }',
  escapes: String.raw`{"a":"\u0000 \ud800 \\\" \/ \b","\"b\\":"\\"}`,
  'numbers that JavaScript would say otherwise': '{"a":1.0,"b":1e400,"c":12345678901234567890,"d":-0}',
  'a key twice': `{"a":"${long(3000)}","a":"${long(3000)}"}`,
  'other scripts': JSON.stringify({ a: '😀é漢\u2028\ufeff', 漢: [] }),
  '4,096 characters': JSON.stringify({ a: long(4088, 'x') }),
  '4,097 characters': JSON.stringify({ a: long(4089, 'x') }),
  'a long text with quotes and brackets': JSON.stringify({ a: 1, result: long(9000, '"}],{[:\\ ') }),
  'a long text of pairs of code units': JSON.stringify({ result: long(9000, '😀') }),
  'long members of all sorts': JSON.stringify({
    a: long(3000),
    b: Array.from({ length: 900 }, (_, index) => ({ index, '},': ']' })),
    c: { d: long(5000, '\\"') },
    e: null,
    f: long(3000),
  }),
  'many short members': JSON.stringify(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`m${i}`, `${i} x`]))),
  'a long array': JSON.stringify(Array.from({ length: 2000 }, (_, index) => index)),
  'a long text alone': JSON.stringify(long(9000)),
  'a million characters': JSON.stringify({ asked: 'x', result: long(1_000_000, 'line\n"quoted" ') }),
}

/** That what is read is what was written. */
export function entriesSuite(bench: Bench): void {
  describe('entries', () => {
    test.each(Object.entries(BODIES))('a body with %s comes back to the character', async (_, text) => {
      const entry = { ...sampleEntry(0), text, digest: digest(text) }
      await bench.store.commit([{ ...beginning('r1'), entries: [entry] }])

      expect(await bench.store.entries('r1')).toEqual([entry])
    })

    test('each field of an entry comes back', async () => {
      const { text } = sampleEntry(0)
      const entries = [
        { seq: 0, key: '', kind: 'run.started', attempt: 1, at: 0, text, digest: digest(text) },
        { seq: 1, key: 'agent:1/turn:1', kind: 'model.replied', attempt: 99, at: 8.64e15, text, digest: digest(text) },
        { seq: 2, key: 'a b "c"\n😀', kind: 'run.cancelled', attempt: 1, at: 5, text, digest: digest(text) },
      ] as const
      await bench.store.commit([{ ...beginning('r1'), entries }])

      expect(await bench.store.entries('r1')).toEqual(entries)
    })

    test('come in their order, whatever other runs wrote in between', async () => {
      const ids = ['r1', 'r2', 'r3']
      await bench.store.commit(ids.map((id) => beginning(id)))
      for (let seq = 1; seq < 30; seq++)
        await bench.store.commit(ids.map((runId) => ({ runId, epoch: 1, entries: [sampleEntry(seq, { runId, seq })] })))

      const expected = Array.from({ length: 29 }, (_, index) => sampleEntry(index + 1, { runId: 'r2', seq: index + 1 }))
      expect(await bench.store.entries('r2')).toEqual([sampleEntry(0), ...expected])
    })

    test.each([0, 1, 3, 4, 5, 99])('from %i on are the rest, and none where there are no more', async (from) => {
      await bench.store.commit([beginning('r1'), beginning('r2')])
      const more = [1, 2, 3, 4].map((seq) => sampleEntry(seq))
      await bench.store.commit([{ runId: 'r1', epoch: 1, entries: more }])

      expect(await bench.store.entries('r1', from)).toEqual([sampleEntry(0), ...more].slice(from))
      expect(await bench.store.entries('nobody', from)).toEqual([])
    })

    test('of a run without entries, and of no run, are none', async () => {
      await bench.store.commit([{ runId: 'r1', epoch: 1, create: sampleRow('r1'), entries: [] }])

      expect(await bench.store.entries('r1')).toEqual([])
      expect(await bench.store.entries('nobody')).toEqual([])
    })
  })
}
