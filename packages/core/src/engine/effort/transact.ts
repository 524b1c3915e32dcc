// The effect of a `transactional` tool and its entry: one transaction of the store. session.ts calls this when all that
// was taken before it is committed (invariant 2), and folds what it gives.
import type { Draft, Entry } from '../../contracts/entry.ts'
import { RepriseError } from '../../values/errors.ts'
import type { JournalWriter } from '../journal-writer.ts'
import type { Transaction } from './run-tool.ts'

/** What came of a transaction: its entry, or what is to be recorded of an effect that was undone. */
export type Transacted = { readonly entry: Entry } | { readonly draft: Draft } | undefined

/** Carries a transaction out; what was aborted gives nothing. Throws what the store throws. */
export async function transact(writer: JournalWriter, { effect, failed, signal }: Transaction): Promise<Transacted> {
  if (signal.aborted) return undefined
  let thrown: { readonly error: unknown } | undefined
  const entry = await writer
    .transact(effect, (error) => (thrown = { error }))
    .catch((error: unknown) => {
      // The store may have failed while the tool ran: then that is what it says, whatever the tool threw.
      if (thrown?.error === error) return undefined
      if (!isUndone(error)) throw error
      thrown = { error }
      return undefined
    })
  if (entry) return { entry }
  return thrown && !signal.aborted ? { draft: failed(thrown.error) } : undefined
}

/** A tool has rolled its own transaction back, and went on as if nothing were, or was refused what it did not wait for. */
function isUndone(error: unknown): boolean {
  return RepriseError.is(error) && (error.code === 'tx_lost' || error.code === 'tx_refused')
}
