import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '@reprise/core'
import { openai } from '@reprise/openai'
import { folderAt, type Folder } from '../folder.ts'
import { openDesk } from '../open-desk.ts'
import { writtenPart } from '../part/part.ts'
import { type Demo, type DemoEnd, runDemo, startDemo } from '../run-demo.ts'
import { type Change, readChanges } from '../show/changes.ts'
import { askedAgain } from './asked-again.ts'
import { type LoggedServer, loggedServer } from './logged-server.ts'

/** How the demo goes when nobody kills it. */
export interface Undisturbed {
  readonly seed: number
  readonly changes: readonly Change[]
  /** What each run came to, by its id. */
  readonly ends: Readonly<Record<string, Json>>
  /** In milliseconds. */
  readonly tookMs: number
}

/** A demo that was killed, and then let be. */
export interface Trial {
  /** How often it was killed: not where it was done before. */
  readonly kills: number
  /** What was not as it must be. */
  readonly wrong: readonly string[]
}

type Command = [args: string[], env: { OPENAI_BASE_URL: string }]

/** Comes true when a demo that was just started is to be killed. */
export type Moment = (logged: LoggedServer) => Promise<unknown>

/**
 * Runs the demo undisturbed, to know how long it takes and what it does.
 *
 * @param run how: as a process, unless told otherwise.
 */
export function undisturbed(
  seed: number,
  run: (...command: Command) => Promise<DemoEnd> = runDemo,
): Promise<Undisturbed> {
  return inFolder(seed, async (folder, logged) => {
    const start = Date.now()
    const { code, stderr } = await run(...commandOf(folder, logged))
    if (code !== 0) throw new Error(`The demo itself failed: ${stderr}`)
    const tookMs = Date.now() - start
    const { ends, changes } = await readRuns(folder, logged)
    return { seed, changes, ends, tookMs }
  })
}

/** Kills the demo at each moment, each time gives the same command again, and looks at what came of it. */
export function trial({ seed, changes, ends }: Undisturbed, ...moments: readonly Moment[]): Promise<Trial> {
  return inFolder(seed, async (folder, logged) => {
    const command = commandOf(folder, logged)
    let kills = 0
    for (const moment of moments) {
      if (await killAt(startDemo(...command), moment(logged))) kills++
    }
    const { code, stdout, stderr } = await runDemo(...command)
    const runs = await readRuns(folder, logged)
    const wrong = [
      ...(code === 0 ? [] : [`The last run ended with ${code}: ${stderr || stdout.split('\n').slice(-8).join(' ')}`]),
      ...(isDeepStrictEqual(runs.changes, changes)
        ? []
        : ['What was changed in the shop is not what it is undisturbed.']),
      ...(isDeepStrictEqual(runs.ends, ends) ? [] : ['The tickets did not end as they do undisturbed.']),
      ...runs.wrong,
    ]
    return { kills, wrong }
  })
}

async function inFolder<T>(seed: number, work: (folder: Folder, logged: LoggedServer) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'support-desk-'))
  const logged = await loggedServer(writtenPart(seed))
  try {
    return await work(folderAt(path), logged)
  } finally {
    await logged.server[Symbol.asyncDispose]()
    await rm(path, { recursive: true })
  }
}

function commandOf(folder: Folder, { server }: LoggedServer): Command {
  return [['--data', folder.path], { OPENAI_BASE_URL: server.url }]
}

/** @returns whether it was killed: false when it was done before. */
async function killAt({ child, end }: Demo, moment: Promise<unknown>): Promise<boolean> {
  await Promise.race([moment, end])
  child.kill('SIGKILL')
  return (await end).code === null
}

/** What the runs came to, and what is wrong with their journals: a question asked again, a replay that parts. */
async function readRuns(
  folder: Folder,
  { asked }: LoggedServer,
): Promise<Pick<Undisturbed, 'ends' | 'changes'> & { wrong: string[] }> {
  const open = await openDesk(folder, openai())
  try {
    const ends: Record<string, Json> = {}
    const wrong: string[] = []
    for (const { id } of await open.runtime.runs.list()) {
      const entries = await open.runtime.runs.entries(id)
      const last = entries.at(-1)
      if (last?.kind === 'run.completed') ends[id] = last.body.output
      else wrong.push(`${id} did not complete.`)
      wrong.push(...askedAgain(id, entries, asked))
      const { status } = await open.runtime.replay(id)
      if (status !== 'matched') wrong.push(`${id} does not replay: ${status}.`)
    }
    return { ends, wrong, changes: readChanges(folder, await open.book.lines()) }
  } finally {
    await open.close()
  }
}
