import { integer, oneOf } from '../checks/checks.ts'
import { ApiError } from '../http/api-error.ts'
import { integerIn } from '../http/query.ts'

/** An object of the API with an id. */
export interface Listed {
  readonly id: string
}

/** How a list is paged where nothing is said, and how long a page may be. */
interface Paging {
  readonly limit?: number
  readonly most?: number
  readonly order?: 'asc' | 'desc'
}

/**
 * A page of a list, by `limit`, `after` and `order` as the platform pages: mostly the newest first.
 *
 * @throws ApiError where one of them is wrong; where nothing of the list has the id of `after`, in words of the fake's own.
 */
export function pageOf(
  all: readonly Listed[],
  query: URLSearchParams,
  { limit: standard = 20, most = 100, order: usual = 'desc' }: Paging = {},
): object {
  const limit = integerIn(query, 'limit') ?? standard
  integer(1, most)(limit, 'limit')
  const order = query.get('order') ?? usual
  oneOf('asc', 'desc')(order, 'order')
  const sorted = order === 'asc' ? all : all.toReversed()
  const rest = sorted.slice(beginOf(sorted, query.get('after')))
  const data = rest.slice(0, limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: data.length < rest.length,
  }
}

function beginOf(sorted: readonly Listed[], after: string | null): number {
  if (after === null) return 0
  const at = sorted.findIndex(({ id }) => id === after)
  // Whoever pages would never come to the end, were they given the first page again.
  if (at === -1) throw new ApiError(`Invalid 'after': there is no '${after}' in this list.`, { param: 'after' })
  return at + 1
}
