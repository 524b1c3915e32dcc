import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateTokens, isWithin, lengthBefore, lengthWithin } from './estimate-tokens.ts'

test('the estimate says for ever what it says today', () => {
  expect(estimateTokens('')).toBe(0)
  expect(estimateTokens('Order 4711 arrived broken.')).toBe(7)
  expect(estimateTokens('{"id":"4f9c-22","total":12.5}\n')).toBe(16)
  expect(estimateTokens('Größe: 10 €')).toBe(6)
  expect(estimateTokens('客户在星期二收到了订单')).toBe(9)
})

const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.lorem({ maxCount: 60 }))

test('a beginning and an end of so many tokens have no more, and the next character would be too many', () => {
  fc.assert(
    fc.property(texts, fc.nat(80), (text, tokens) => {
      const head = lengthWithin(text, tokens)
      expect(estimateTokens(text.slice(0, head))).toBeLessThanOrEqual(tokens)
      if (head < text.length) expect(estimateTokens(text.slice(0, head + 1))).toBeGreaterThan(tokens)
      const tail = lengthBefore(text, tokens)
      expect(estimateTokens(text.slice(text.length - tail))).toBeLessThanOrEqual(tokens)
      if (tail < text.length) expect(estimateTokens(text.slice(text.length - tail - 1))).toBeGreaterThan(tokens)
      expect(isWithin(text, tokens)).toBe(estimateTokens(text) <= tokens)
    }),
  )
})
