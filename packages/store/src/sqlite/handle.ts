import { DefinitionError } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'

/** What is no word of a statement. */
const QUOTED_OR_COMMENT = /'[^']*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\//g

/** Where a statement that begins or ends a transaction begins. */
const TRANSACTION_CONTROL = /(?:^|;)\s*(?:begin|commit|end|rollback|savepoint|release)\b/i

/**
 * Makes the handle that transactional tools get: the database itself, but for what would end the transaction that the
 * tool's effect and its entry share. `transaction()` works, as a savepoint.
 */
export function guardedHandle(db: SqliteDatabase): SqliteDatabase {
  const exec = (source: string): SqliteDatabase => {
    refuseControl(source)
    db.exec(source)
    return handle
  }
  const prepare = (source: string): ReturnType<SqliteDatabase['prepare']> => {
    refuseControl(source)
    return db.prepare(source)
  }
  const own = { exec: { value: exec }, prepare: { value: prepare }, close: { value: refuseClose } }
  // What it does not have of its own, it has from the database.
  const handle = Object.create(db, own) as SqliteDatabase
  return handle
}

function refuseControl(source: string): void {
  const found = TRANSACTION_CONTROL.exec(source.replace(QUOTED_OR_COMMENT, ' '))
  if (found) throw refusal(`"${found[0].replace(/^;?\s*/, '')}"`)
}

function refuseClose(): never {
  throw refusal('close()')
}

function refusal(what: string): DefinitionError {
  return new DefinitionError({
    code: 'tx_control',
    message: `A transactional tool called ${what} on the store's transaction, which commits its effect and its journal entry together. Leave the transaction to the store; for a part that may fail by itself, use db.transaction(fn), which is a savepoint here.`,
  })
}
