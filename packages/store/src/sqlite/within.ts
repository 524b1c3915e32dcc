import type { Within } from '@reprise/core'
import type { Loan } from './handle.ts'
import type { Opened } from './opened.ts'

/** The store within a transaction that is lent just now. */
export function withinLoan(
  { writer, inbox, runs, entries, secretValues }: Opened,
  loan: Loan,
  isEncrypted: boolean,
): Within {
  return {
    begin: (beginning) => loan.use(() => writer.begin(beginning)),
    send: (message, secrets = [], note) => loan.use(() => inbox.send(message, secrets, note)),
    run: (runId) => loan.use(() => runs.get(runId)),
    newest: (root) => loan.use(() => runs.newest(root)),
    entries: (runId) => loan.use(() => entries.of(runId, 0)),
    inbox: (runId) => loan.use(() => inbox.of(runId)),
    ...(isEncrypted && { secrets: (lineageId, from) => loan.use(() => secretValues.of(lineageId, from)) }),
    refuse: (error) => loan.refuse(error),
    committed: (then) => loan.afterwards(then),
  }
}
