// Runs `npm test` many times with busy loops beside it: a test that fails by chance fails here.
// usage: npm run steady -- [--times N] [--load N]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { Worker } from 'node:worker_threads'

/** What came of one run. */
interface Run {
  readonly counted: string
  readonly seconds: number
  readonly failures: readonly string[]
}

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({ options: { times: { type: 'string' }, load: { type: 'string' } } })
const times = numberOf('--times', values.times ?? '10', 1)
const load = numberOf('--load', values.load ?? '3', 0)

const loops = Array.from({ length: load }, () => new Worker('for (;;);', { eval: true }))
console.log(`npm test, ${times} times beside ${loops.length} busy loops:`)
let failed = 0
for (let nth = 1; nth <= times; nth++) {
  const { counted, seconds, failures } = await run()
  if (failures.length > 0) failed++
  console.log(`${String(nth).padStart(4)}  ${seconds.toFixed(0).padStart(5)} s  ${counted}`)
  for (const failure of failures) console.log(`      ${failure}`)
}
console.log(failed === 0 ? `All ${times} passed.` : `${failed} of ${times} failed.`)
process.exit(failed === 0 ? 0 : 1)

async function run(): Promise<Run> {
  const start = performance.now()
  const child = spawn(process.execPath, [join(root, 'scripts/test.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>])
  const lines = stripVTControlCharacters(output).split('\n')
  const failures = lines.filter((line) => /^\s*(FAIL|FAILED:) /.test(line)).map((line) => line.trim())
  const counted = lines.findLast((line) => line.startsWith('Tests: ')) ?? `it ended with ${String(code)}`
  if (code !== 0 && failures.length === 0)
    failures.push(`It ended with ${String(code)}, and says:`, ...lines.slice(-20))
  return { counted, seconds: (performance.now() - start) / 1000, failures: [...new Set(failures)] }
}

function numberOf(name: string, given: string, least: number): number {
  if (/^\d{1,4}$/.test(given) && Number(given) >= least) return Number(given)
  console.error(`${name} is "${given}". It must be a whole number from ${least} on.`)
  process.exit(2)
}
