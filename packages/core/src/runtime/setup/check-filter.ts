import type { RunFilter } from '../../contracts/run.ts'
import { badArgument } from '../../define/argument.ts'
import { checkText } from '../../define/names.ts'

const TEXTS = ['status', 'name', 'tag', 'tenant', 'user', 'parentId', 'forkOf', 'sessionId', 'after'] as const

/**
 * Holds what says which runs are meant to its type.
 *
 * @param what was given it, such as `runs.list`.
 * @throws DefinitionError when a part of it is not what it must be.
 */
export function checkRunFilter(what: string, filter: RunFilter): void {
  for (const part of TEXTS) if (filter[part] !== undefined) checkText(what, part, filter[part])
  for (const part of ['createdFrom', 'createdBefore'] as const)
    if (filter[part] !== undefined && !Number.isFinite(filter[part]))
      throw badArgument(
        `${what} was given ${part}`,
        filter[part],
        'Give it milliseconds since 1970, as Date.now() does.',
      )
  const { order } = filter
  if (order !== undefined && order !== 'oldest' && order !== 'newest')
    throw badArgument(`${what} was given order`, order, `Give it 'oldest' or 'newest', or nothing.`)
}
