import type { Beginning, Digest } from '@reprise/core'
import { BLOBS, chainNext, chainStart, encodeBody, kindCode } from '@reprise/format'
import type { Cipher, Stored } from '@reprise/format'
import type { Kept } from './lineages.ts'
import { encodeRun, newRowsFrom } from './rows.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

/** What is stored, as texts of JSON can say it. */
interface Said {
  readonly body: string | null
  readonly sealed: string | null
}

/**
 * The statement that begins a run: its row with all of its journal, or nothing, where one with its id is there, in which case it
 * gives no row. It is one, so that whoever commits in between commits all of it, and it takes texts alone, which all drivers
 * send alike.
 */
export function beginStatement(tables: Tables, { row, entries }: Beginning, { cipher, keyId }: Kept): Statement {
  const blobs = new Map<Digest, Stored>()
  let hash = chainStart(row.id)
  const rows = entries.map((entry) => {
    const { seq, key, kind, attempt, at, text } = entry
    hash = chainNext(cipher, hash, entry)
    const { body, blobs: parts } = encodeBody(text, cipher)
    for (const part of parts) blobs.set(part.address, cipher.seal(part.text, BLOBS, part.address))
    return { seq, key, kind: kindCode(kind), attempt, at, hash: inHex(hash), ...said(cipher, body, row.id, seq) }
  })
  const text = `with made as (
      insert into ${tables.runs} ${newRowsFrom('$1::text::json')}
        on conflict (id) do nothing returning run, line
    ),
    l as (insert into ${tables.line_changes} (line) select line from made where line is not null),
    e as (
      insert into ${tables.entries} (run, seq, key, kind, attempt, at, body, sealed, hash)
        select run, seq, key, kind, attempt, at, body, decode(sealed, 'base64'), decode(hash, 'hex')
        from made cross join json_to_recordset($2::text::json) as e
          (seq bigint, key text, kind smallint, attempt bigint, at bigint, body text, sealed text, hash text)
    ),
    parts as materialized (
      select run, address, decode(bytes, 'base64') as bytes
        from made cross join json_to_recordset($3::text::json) as b (address text collate "C", bytes text) order by address
    ),
    b as (insert into ${tables.blobs} (address, bytes) select address, bytes from parts on conflict do nothing),
    br as (insert into ${tables.blob_refs} (run, address) select run, address from parts)
    select count(*) as n from made`
  const parts = [...blobs].map(([address, stored]) => ({ address, bytes: Buffer.from(stored).toString('base64') }))
  const values = [[{ ...encodeRun(row), key_id: keyId }], rows, parts].map((list) => JSON.stringify(list))
  return { text, values }
}

function said(cipher: Cipher, body: string, runId: string, seq: number): Said {
  const stored = cipher.seal(body, runId, seq)
  return typeof stored === 'string'
    ? { body: stored, sealed: null }
    : { body: null, sealed: Buffer.from(stored).toString('base64') }
}

function inHex(hash: Digest): string {
  return Buffer.from(hash, 'base64url').toString('hex')
}
