import type { RunFilter, RunRow, Runtime } from '@reprise/core'

/** All runs that fit, page by page. */
export async function allRuns(runtime: Runtime, filter: RunFilter = {}): Promise<RunRow[]> {
  const rows: RunRow[] = []
  for (;;) {
    const last = rows.at(-1)
    const page = await runtime.runs.list({ ...filter, ...(last && { after: last.id }), limit: 1_000 })
    if (page.length === 0) return rows
    rows.push(...page)
  }
}
