import { toCents } from './money.ts'
import { refused } from './refused.ts'

const TOKENS = /\s*(?:\d+\.?\d*|\.\d+|[-+*/()])/gy

/**
 * Calculates an expression of numbers, + - * / and parentheses, to two places.
 *
 * @throws ToolError when it is none.
 */
export function calculate(expression: string): number {
  const tokens = tokensOf(expression)
  const value = sum(tokens)
  if (tokens.length > 0 || !Number.isFinite(value)) refused('invalid expression')
  return toCents(value)
}

function tokensOf(expression: string): string[] {
  const tokens = expression.match(TOKENS) ?? []
  if (tokens.join('') !== expression.trimEnd()) refused('invalid expression')
  return tokens.map((token) => token.trim())
}

function sum(tokens: string[]): number {
  let value = product(tokens)
  while (tokens[0] === '+' || tokens[0] === '-') value += tokens.shift() === '+' ? product(tokens) : -product(tokens)
  return value
}

function product(tokens: string[]): number {
  let value = factor(tokens)
  while (tokens[0] === '*' || tokens[0] === '/') {
    if (tokens.shift() === '*') value *= factor(tokens)
    else value /= factor(tokens)
  }
  return value
}

function factor(tokens: string[]): number {
  const token = tokens.shift()
  if (token === '-') return -factor(tokens)
  if (token !== '(') return Number(token ?? NaN)
  const value = sum(tokens)
  return tokens.shift() === ')' ? value : NaN
}
