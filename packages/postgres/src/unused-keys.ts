import type { Database } from './database.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import type { Tables } from './tables.ts'

/** Whether a lineage has no runs, and nothing that waits for its first. */
export function isUnused({ early, runs }: Tables, lineage: string): string {
  return `not exists (select 1 from ${runs} r where r.id = ${lineage})
    and not exists (select 1 from ${runs} r where r.lineage_id = ${lineage} and r.lineage_id <> r.id)
    and not exists (select 1 from ${early} e where e.run_id = ${lineage})`
}

/**
 * Lets go of the keys of lineages that are not used any more, while nobody can begin a run of one, or leave a message for it.
 *
 * @param keys their ids, by those of the lineages.
 */
export async function dropUnusedKeys(
  db: Database,
  lineages: Lineages,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  if (keys.size === 0) return
  await db.transaction(async (tx) => {
    await lockLineages(tx, db.tables.runs, [...keys.keys()], 'alone')
    const unused = await tx.query<{ lineage: string }>(
      `select lineage from unnest($1::text[]) old (lineage) where ${isUnused(db.tables, 'old.lineage')}`,
      [[...keys.keys()]],
    )
    await lineages.drop(unused.map(({ lineage }) => ({ lineage, id: keys.get(lineage) ?? '' })))
  })
}
