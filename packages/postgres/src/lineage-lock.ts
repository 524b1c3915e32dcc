import { createHash } from 'node:crypto'
import type { Queryable } from './database.ts'

/**
 * Locks lineages to the end of a transaction. Whoever begins a run in a lineage that another run began, or begins one with a
 * key, holds it `shared`; whoever looks whether a lineage has no runs any more, or none that go on, holds it alone, and looks
 * once it has it: what begins meanwhile is seen by then, or begins after that.
 *
 * Two lineages may have the same lock: then one waits for nothing.
 */
export async function lockLineages(
  tx: Queryable,
  schema: string,
  lineages: readonly string[],
  how: 'shared' | 'alone',
): Promise<void> {
  if (lineages.length === 0) return
  const numbers = [...new Set(lineages.map((lineage) => lockOf(schema, lineage)))].toSorted((a, b) => (a < b ? -1 : 1))
  const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock'
  // In their order: two that lock several do not wait for each other.
  await tx.query(
    `select ${lock}(number)::text from unnest($1::bigint[]) with ordinality lock (number, at) order by at`,
    [numbers.map(String)],
  )
}

function lockOf(schema: string, lineage: string): bigint {
  return createHash('sha256').update(`reprise ${schema} ${lineage}`).digest().readBigInt64BE()
}
