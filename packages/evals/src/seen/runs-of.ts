import type { RunFilter, RunRow, Runtime } from '@reprise/core'

/** The tag of all runs of evaluations. */
export const EVAL_TAG = 'eval'

/**
 * All runs that fit, but for those that others started, which come with their parents; those that were erased; and those of
 * evaluations, unless they are asked for by their tag: an evaluation must not draw its own trials.
 */
export async function* runsOf(runtime: Runtime, filter: RunFilter): AsyncGenerator<RunRow> {
  const { limit: most = Infinity, ...rest } = filter
  let given = 0
  for (let after = filter.after; ;) {
    const page = await runtime.runs.list({ ...rest, ...(after !== undefined && { after }), limit: 1_000 })
    for (const row of page) {
      if (row.parentId !== null && filter.parentId === undefined) continue
      if (row.erasedAt !== null || (row.tags.includes(EVAL_TAG) && !filter.tag?.startsWith(EVAL_TAG))) continue
      if (given++ >= most) return
      yield row
    }
    after = page.at(-1)?.id
    if (page.length < 1_000) return
  }
}
