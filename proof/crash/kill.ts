// The same with real processes: one is ended by SIGKILL, another takes the run up.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Outcome } from '@reprise/core'
import type { CrashPoint } from '@reprise/testing'
import { dropSchema, freshSchema } from '../postgres-place.fixture.ts'
import { replayAll } from '../replay-all.ts'
import { ledgerIn, openIn } from './one-life.ts'
import { type Case, differences, type Whole, wholeOf } from './trial.ts'

const PROGRAM = join(import.meta.dirname, 'one-life.ts')

/**
 * Has the process of a run killed at a point, and another take the run up.
 *
 * @param postgres the address of a server, for runs in a schema of it instead of a file.
 * @returns what is not as it is in the run that nobody disturbed.
 */
export async function killed(
  { name }: Case,
  point: CrashPoint,
  expected: Whole,
  postgres?: string,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-kill-'))
  const schema = freshSchema()
  const where = postgres === undefined ? 'sqlite' : `${postgres} ${schema}`
  try {
    const first = await run(folder, where, name, JSON.stringify(point))
    if (first.signal !== 'SIGKILL') return [`It was not killed, but ended with ${String(first.code)}: ${first.said}`]
    const second = await run(folder, where, name)
    if (second.code !== 0) return [`The second process ended with ${String(second.code)}: ${second.said}`]
    const opened = await openIn(folder, where)
    const complaints = await replayAll(opened.store)
    const found = await wholeOf(JSON.parse(second.said) as Outcome<unknown>, ledgerIn(folder), opened)
    await opened.store.close()
    return [...complaints, ...differences(found, expected)]
  } finally {
    rmSync(folder, { recursive: true })
    if (postgres !== undefined) await dropSchema(postgres, schema)
  }
}

async function run(...args: string[]) {
  // Most of such a short life would go into reading the same programs again.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'reprise-compiled') }
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code, signal]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null, string | null]>,
  ])
  return { said, code, signal }
}
