import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { openai } from '@reprise/openai'
import { folderAt, type Folder } from '../folder.ts'
import { openDesk } from '../open-desk.ts'
import { type Demo, runDemo, startDemo } from '../run-demo.ts'
import { type Change, readChanges } from '../show/changes.ts'
import { askedAgain } from './asked-again.ts'
import { type LoggedServer, loggedServer } from './logged-server.ts'

/** How the demo goes when nobody kills it. */
export interface Undisturbed {
  readonly seed: number
  readonly changes: readonly Change[]
  /** From the first question to the end, in milliseconds. */
  readonly tookMs: number
}

/** A demo that was killed once, and then let be. */
export interface Trial {
  /** When it was killed, in milliseconds after its first question; undefined when it was done before. */
  readonly killedAtMs: number | undefined
  /** What was not as it must be. */
  readonly wrong: readonly string[]
}

/** Runs the demo undisturbed, to know how long it takes and what it does. */
export function undisturbed(seed: number): Promise<Undisturbed> {
  return inFolder(seed, async (folder, logged) => {
    const { code, stderr } = await runDemo(...commandOf(folder, logged))
    if (code !== 0) throw new Error(`The demo itself failed: ${stderr}`)
    return { seed, changes: readChanges(folder), tookMs: Date.now() - (logged.asked[0]?.at ?? 0) }
  })
}

/**
 * Kills the demo once, gives the same command again, and looks at what came of it.
 *
 * @param afterMs when, after its first question.
 */
export function trial({ seed, changes }: Undisturbed, afterMs: number): Promise<Trial> {
  return inFolder(seed, async (folder, logged) => {
    const command = commandOf(folder, logged)
    const killed = await killAfter(startDemo(...command), logged, afterMs)
    const { code, stdout, stderr } = await runDemo(...command)
    const wrong = [
      ...(code === 0 ? [] : [`The second run ended with ${code}: ${stderr || stdout.split('\n').slice(-8).join(' ')}`]),
      ...(isDeepStrictEqual(readChanges(folder), changes)
        ? []
        : ['What was changed in the shop is not what it is undisturbed.']),
      ...(await readAskedAgain(folder, logged)),
    ]
    return { killedAtMs: killed ? afterMs : undefined, wrong }
  })
}

async function inFolder<T>(seed: number, work: (folder: Folder, logged: LoggedServer) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'support-desk-'))
  const logged = await loggedServer(seed)
  try {
    return await work(folderAt(path), logged)
  } finally {
    await logged.server[Symbol.asyncDispose]()
    await rm(path, { recursive: true })
  }
}

function commandOf(folder: Folder, { server }: LoggedServer): [string[], NodeJS.ProcessEnv] {
  return [['--data', folder.path], { OPENAI_BASE_URL: server.url }]
}

/** @returns whether it was killed: false when it was done before. */
async function killAfter({ child, end }: Demo, { asked }: LoggedServer, afterMs: number): Promise<boolean> {
  while (asked.length === 0 && child.exitCode === null) await wait(1)
  await Promise.race([wait(afterMs), end])
  child.kill('SIGKILL')
  return (await end).code === null
}

async function readAskedAgain(folder: Folder, { asked }: LoggedServer): Promise<string[]> {
  const open = await openDesk(folder, openai())
  try {
    const runs = await open.runtime.runs.list()
    const found = await Promise.all(
      runs.map(async ({ id }) => askedAgain(id, await open.runtime.runs.entries(id), asked)),
    )
    return found.flat()
  } finally {
    await open.close()
  }
}
