import type { Entry } from '../contracts/entry.ts'
import type { Engine } from '../engine/engine.ts'
import { hideIn } from '../journal/hide.ts'
import { unseal } from '../journal/seal.ts'

/**
 * A run's entries as they are shown: what was written before a secret of its lineage was known is without it too. None
 * where there is no such run.
 *
 * @throws StoreError when what is stored is not what was written, or was erased.
 */
export async function shownEntries(
  { store, secretsOf }: Pick<Engine, 'store' | 'secretsOf'>,
  runId: string,
): Promise<readonly Entry[]> {
  const entries = (await store.entries(runId)).map(unseal)
  const row = store.secrets && (await store.run(runId))
  if (!row) return entries
  const secrets = secretsOf(row.lineageId)
  await secrets.load()
  return secrets.any ? entries.map((entry) => hideIn(entry, secrets.hide)) : entries
}
