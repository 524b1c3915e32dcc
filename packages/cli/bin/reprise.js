#!/usr/bin/env node
// Plain JavaScript that any Node can read, since it tells an old one apart before anything else is loaded.
const { node } = process.versions
const [major, minor] = node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  // Half of what a short command needs of a processor is to compile what the one before it has compiled.
  process.getBuiltinModule('node:module').enableCompileCache()
  void import('@reprise/cli').then(({ runAsProcess }) => runAsProcess(process.argv.slice(2)))
} else {
  console.error(`reprise: Node ${node} is too old. Install Node 22.18 or newer.`)
  process.exitCode = 1
}
