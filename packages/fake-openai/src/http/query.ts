import { wrongType } from './api-error.ts'

/**
 * A whole number that a query may give.
 *
 * @throws ApiError where it gives something else.
 */
export function integerIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^-?\d+$/.test(text)) throw wrongType(name, 'an integer', text)
  return Number(text)
}
