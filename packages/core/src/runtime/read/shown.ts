import { asksAboutCall, withArguments } from '../../agent/state/asked-call.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Engine } from '../../engine/engine.ts'
import { redactIn } from '../../journal/redact.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'

/**
 * A run's entries as they are shown: what was written before a secret of its lineage was known is without it too. None
 * where there is no such run.
 *
 * @param from the seq of the first that is wanted.
 * @throws StoreError when what is stored is not what was written, or was erased.
 */
export async function shownEntries(
  { store, secretsOf }: Pick<Engine, 'store' | 'secretsOf'>,
  runId: string,
  from = 0,
): Promise<readonly Entry[]> {
  const entries = (await store.entries(runId, from)).map(decodeEntry)
  const row = store.secrets && (await store.run(runId))
  if (!row) return entries
  const secrets = secretsOf(row.lineageId)
  await secrets.load()
  return secrets.any ? entries.map((entry) => redactIn(entry, secrets.redact)) : entries
}

/** A run's row as it is shown: what calls are to be made with that somebody is asked about stands in its journal. */
export async function shownRow(engine: Pick<Engine, 'store' | 'secretsOf'>, row: RunRow): Promise<RunRow> {
  if (!row.waits.some(asksAboutCall)) return row
  // A journal that cannot be read is told of by whoever reads it.
  const entries = await shownEntries(engine, row.id).catch(() => [])
  const waits = withArguments(row.waits, entries)
  const [waiting = null] = row.waiting ? withArguments([row.waiting], entries) : []
  return { ...row, waiting, waits }
}
