// Which runs have read or kept facts, as their journals say: what was told to a model stands in them, whatever becomes of the fact.
import type { Entry, FactKeys } from '../../contracts/entry.ts'
import type { FactScope } from '../../contracts/fact.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'

/** A run whose journal quotes facts. */
export interface Quote {
  readonly runId: string
  /** What it was begun from, and what is erased with it. */
  readonly lineageId: string
  /** Of the facts that are meant. */
  readonly keys: readonly string[]
}

/** The most rows that are read at once. */
const PAGE = 100

/**
 * Finds the runs of a scope that quote facts. It reads the journals of all of its runs: as many as that person or tenant has.
 *
 * @param meant the keys of the facts that are meant, by the names of their memories.
 */
export async function quotesOf(
  store: Store,
  scope: FactScope,
  meant: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<readonly Quote[]> {
  const quotes: Quote[] = []
  for await (const row of rowsOf(store, scope)) {
    const entries = (await store.entries(row.id)).map(decodeEntry)
    const keys = new Set(entries.flatMap((entry) => keysIn(entry, meant)))
    if (keys.size > 0) quotes.push({ runId: row.id, lineageId: row.lineageId, keys: [...keys] })
  }
  return quotes
}

function keysIn(entry: Entry, meant: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const { memory, keys } = factsIn(entry) ?? { memory: '', keys: [] }
  return keys.filter((key) => meant.get(memory)?.has(key))
}

function factsIn({ kind, body }: Entry): FactKeys | undefined {
  if (kind === 'memory.read') return body
  return kind === 'call.returned' ? body.facts : undefined
}

/** A tenant's facts are told to the runs of all of its people. */
async function* rowsOf(store: Store, { tenant, user }: FactScope): AsyncGenerator<RunRow, void, undefined> {
  const filter = { ...(tenant !== null && { tenant }), ...(user !== null && { user }), limit: PAGE }
  let page = await store.runs(filter)
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page.filter((row) => row.tenant === tenant && row.kind !== 'workflow' && row.erasedAt === null)
    if (page.length < PAGE) return
    page = await store.runs({ ...filter, after: last.id })
  }
}
