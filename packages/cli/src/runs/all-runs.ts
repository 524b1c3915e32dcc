import type { RunRow, Runtime } from '@reprise/core'

/** The most rows of a page. */
const PAGE = 1_000

/** All runs of a store in the order of their creation, read a page at a time. */
export async function* allRuns({ runs }: Runtime): AsyncGenerator<RunRow, void, undefined> {
  let page = await runs.list({ limit: PAGE })
  while (page.length > 0) {
    yield* page
    const last = page.at(-1)
    page = last && page.length === PAGE ? await runs.list({ limit: PAGE, after: last.id }) : []
  }
}
