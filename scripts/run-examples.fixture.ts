// Runs programs one after the other, each in the folder that it stands in, and writes a line of JSON for each to file
// descriptor 3: what it printed by console.log, and what it threw. usage: node scripts/run-examples.fixture.ts FILE... 3>&1
import { writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format, inspect } from 'node:util'

/** What a program that has ended may take to let go of what it has: connections, threads. */
const LATE_MS = 20_000

for (const file of process.argv.slice(2)) {
  const printed: string[] = []
  console.log = (...args) => {
    printed.push(format(...args))
  }
  process.chdir(dirname(file))
  let error: string | undefined
  await import(pathToFileURL(file).href).catch((cause: unknown) => {
    error = inspect(cause)
  })
  writeSync(3, `${JSON.stringify({ file, printed, error })}\n`)
}
const held = setTimeout(() => {
  console.error(`The examples leave this open: ${process.getActiveResourcesInfo().join(', ')}`)
  process.exit(1)
}, LATE_MS)
held.unref()
