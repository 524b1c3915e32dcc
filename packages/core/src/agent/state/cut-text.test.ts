import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateTokens } from '../../values/estimate-tokens.ts'
import { cutText } from './cut-text.ts'

const bound = { version: 1, tokens: 120 } as const
const lines = Array.from({ length: 60 }, (_, n) => `${n}: order ${4_000 + n}`).join('\n')

test('a text within its bound is told whole', () => {
  expect(cutText('0: order 4000', bound, 'r1')).toBeUndefined()
})

test('a version cuts for ever as it cuts today: whole lines of the head and of the tail, and how to read on', () => {
  expect(cutText(lines, bound, 'r1')).toMatchInlineSnapshot(`
    "0: order 4000
    1: order 4001
    2: order 4002
    3: order 4003
    4: order 4004
    5: order 4005
    6: order 4006
    7: order 4007
    [737 of 889 characters are left out here. To read them: read_result {"result":"r1","from":112}.]
    order 4057
    58: order 4058
    59: order 4059"
  `)
})

test('who cannot read on is told to ask for less', () => {
  expect(cutText(lines, bound, undefined)).toContain('are left out here. Ask again for less where you need them.]')
})

test('JSON is cut after a member where it has no lines', () => {
  const json = JSON.stringify(Array.from({ length: 60 }, (_, n) => ({ id: n, name: `order ${n}` })))
  const [head = '', , tail = ''] = cutText(json, { version: 1, tokens: 200 }, 'r1')?.split('\n') ?? []
  expect(head.endsWith('},')).toBe(true)
  expect(tail.startsWith('{"id":')).toBe(true)
})

test('whatever a text is, its cut is within the bound, has whole characters, and is made of its head and its tail', () => {
  const texts = fc.oneof(fc.string({ unit: 'grapheme', minLength: 100, maxLength: 900 }), fc.lorem({ maxCount: 400 }))
  fc.assert(
    fc.property(texts, fc.integer({ min: 100, max: 300 }), (text, tokens) => {
      const cut = cutText(text.toWellFormed(), { version: 1, tokens }, 'r1')
      if (cut === undefined) {
        expect(estimateTokens(text)).toBeLessThanOrEqual(tokens)
        return
      }
      expect(estimateTokens(cut)).toBeLessThanOrEqual(tokens)
      expect(cut.isWellFormed()).toBe(true)
      const [, head = '', tail = ''] =
        /^(.*?)\n?\[\d+ of \d+ characters are left out here\. To read them: .*?\}\.\]\n(.*)$/s.exec(cut) ?? []
      expect(text.startsWith(head) && text.endsWith(tail)).toBe(true)
    }),
  )
})
