import { wrongType } from './api-error.ts'

/** An object of the API with an id. */
export interface Listed {
  readonly id: string
}

/** A page of a list, by `limit`, `after` and `order` as the platform pages: mostly the newest first. */
export function pageOf(
  all: readonly Listed[],
  query: URLSearchParams,
  defaultLimit: number,
  defaultOrder: 'asc' | 'desc' = 'desc',
): object {
  const limit = Number(query.get('limit') ?? defaultLimit)
  if (!Number.isInteger(limit) || limit < 1) throw wrongType('limit', 'an integer', query.get('limit'))
  const sorted = (query.get('order') ?? defaultOrder) === 'asc' ? all : all.toReversed()
  const after = query.get('after')
  const rest = after === null ? sorted : sorted.slice(sorted.findIndex(({ id }) => id === after) + 1)
  const data = rest.slice(0, limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: data.length < rest.length,
  }
}
