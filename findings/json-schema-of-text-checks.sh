#!/usr/bin/env bash
# The JSON Schema that schema libraries give (Standard JSON Schema) takes other text than the schema itself: Zod and ArkType
# leave out the flags of a regular expression without a word, and Valibot says `date-time` of a text that never is one.
#
# zod 4.6.7, arktype 2.2.10, valibot 1.5.0 with @valibot/to-json-schema 1.8.0, Node.js 24.
# Expected: a JSON Schema that takes what the schema takes, or a refusal (as Valibot refuses flags). Seen:
#   zod /^sku-\d+$/i -> ^sku-\d+$ , the schema takes SKU-12: true
#   arktype /^sku-\d+$/i -> ^sku-\d+$ , the schema takes SKU-12: true
#   valibot isoDateTime -> date-time , the schema takes 2026-05-01T09:30: true , takes 2026-05-01T09:30:00Z: false
# Exits with 1 when that changes.
set -eu
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 arktype@2.2.10 valibot@1.5.0 @valibot/to-json-schema@1.8.0
cat > main.mjs <<'JS'
import { type } from 'arktype'
import * as v from 'valibot'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { z } from 'zod'
const json = (schema) => schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
const takes = (schema, value) => schema['~standard'].validate(value).issues === undefined
const flagged = { zod: z.string().regex(/^sku-\d+$/i), arktype: type(/^sku-\d+$/i) }
let same = true
for (const [name, schema] of Object.entries(flagged)) {
  const { pattern } = json(schema)
  console.log(name, '/^sku-\\d+$/i ->', pattern, ', the schema takes SKU-12:', takes(schema, 'SKU-12'))
  same &&= pattern === '^sku-\\d+$' && takes(schema, 'SKU-12')
}
const time = toStandardJsonSchema(v.pipe(v.string(), v.isoDateTime()))
const [short, whole] = ['2026-05-01T09:30', '2026-05-01T09:30:00Z'].map((text) => takes(time, text))
console.log('valibot isoDateTime ->', json(time).format, ', the schema takes 2026-05-01T09:30:', short, ', takes 2026-05-01T09:30:00Z:', whole)
process.exitCode = same && json(time).format === 'date-time' && short && !whole ? 0 : 1
JS
node main.mjs
