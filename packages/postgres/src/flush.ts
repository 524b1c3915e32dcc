import { appendStatement, messagesStatement } from './append.ts'
import type { Batch } from './batch.ts'
import type { Queryable } from './database.ts'
import { putFact } from './fact-rows.ts'
import { encodeRun, newRowsFrom } from './rows.ts'
import { moveStatement } from './schedule-rows.ts'
import type { Secrets } from './secrets.ts'
import type { Tables } from './tables.ts'

/** Sends all that a batch writes, in the transaction that holds its runs. Nothing waits for an answer: what fails, fails all. */
export function flush(tx: Queryable, tables: Tables, batch: Batch, secrets: Secrets): void {
  const send = (text: string, values: readonly unknown[]): void => void tx.query(text, values).catch(() => undefined)
  if (batch.created.length > 0) begin(send, tables, batch.created)
  for (const { runId, before } of batch.successors)
    send(
      `update ${tables.runs} r set parent_id = b.parent_id, parent_key = b.parent_key from ${tables.runs} b
        where b.id = $1 and r.id = $2 and r.parent_id is null and r.root is not null`,
      [before, runId],
    )
  for (const { change, kept } of batch.fired) {
    const { text, values } = moveStatement(tables, change, kept)
    send(text, values)
  }
  for (const { fact, kept } of batch.facts) {
    const { text, values } = putFact(tables, fact, kept)
    send(text, values)
  }
  if (batch.runs.length > 0) {
    const { text, values } = appendStatement(tables, batch, 'held')
    send(text, values)
  }
  if (batch.messages.length > 0) {
    const { text, values } = messagesStatement(tables, batch)
    send(text, values)
  }
  if (batch.awaited.length > 0) send(`delete from ${tables.early} where run_id = any($1::text[])`, [batch.awaited])
  for (const { runId, parentId, parentKey } of batch.adopts)
    send(
      `update ${tables.runs} set parent_id = $1, parent_key = $2
        where (id = $3 or (root = $3 and round > 1)) and parent_id is null`,
      [parentId, parentKey, runId],
    )
  for (const { lineageId, cipher, secrets: kept } of batch.secrets)
    secrets.keep(tx, lineageId, cipher, kept).catch(() => undefined)
}

type Send = (text: string, values: readonly unknown[]) => void

function begin(send: Send, tables: Tables, created: Batch['created']): void {
  send(
    `with made as (
        insert into ${tables.runs} ${newRowsFrom('$1')} returning line
      )
      insert into ${tables.line_changes} (line) select distinct line from made where line is not null`,
    [JSON.stringify(created.map(({ row, keyId }) => ({ ...encodeRun(row), key_id: keyId })))],
  )
}
