import type { RunFilter, RunRow, Runtime } from '@reprise/core'

/** All runs that fit, but for those that others started: children come with their parents. */
export async function* runsOf(runtime: Runtime, filter: RunFilter): AsyncGenerator<RunRow> {
  const { limit: most = Infinity, ...rest } = filter
  let given = 0
  for (let after = filter.after; ;) {
    const page = await runtime.runs.list({ ...rest, ...(after !== undefined && { after }), limit: 1_000 })
    for (const row of page) {
      if (row.parentId !== null && filter.parentId === undefined) continue
      if (given++ >= most) return
      yield row
    }
    after = page.at(-1)?.id
    if (page.length < 1_000) return
  }
}
