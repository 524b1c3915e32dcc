import { RepriseError } from '@reprise/core'
import { openai } from '@reprise/openai'
import { type Args, HELP, readArgs, UsageError } from './args.ts'
import { chat } from './chat/chat.ts'
import { Complaint } from './complaint.ts'
import { checkWorked, type Folder, folderAt } from './folder.ts'
import { openDesk } from './open-desk.ts'
import { startPostgres } from './postgres/server.ts'
import { workOnPostgres } from './postgres/work.ts'
import { showReplays } from './show/replays.ts'
import { showRun } from './show/run.ts'
import { work } from './work.ts'

/**
 * Does what a command line says.
 *
 * @returns the exit code.
 */
export async function demo(argv: readonly string[]): Promise<number> {
  try {
    return await perform(readArgs(argv))
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message} For what there is: npm run demo -- --help`)
      return 2
    }
    if (!(error instanceof Complaint || RepriseError.is(error))) throw error
    console.error(error.message)
    return 1
  }
}

async function perform(args: Args): Promise<number> {
  if (args.kind === 'help') {
    console.log(HELP)
    return 0
  }
  if (args.kind === 'chat') return chat(args)
  if (args.kind === 'work') return args.postgres ? workOnPostgres(args) : work(args)
  const folder = folderAt(args.data)
  checkWorked(folder, args.postgres)
  if (!args.postgres) return look(args, folder)
  const server = await startPostgres(folder.postgres)
  try {
    return await look(args, folder, server.url)
  } finally {
    await server.stop()
  }
}

/** It asks no model: looking at runs is offline. */
async function look(args: Extract<Args, { kind: 'show' | 'replay' }>, folder: Folder, url?: string): Promise<number> {
  const open = await openDesk(folder, openai(), url)
  try {
    return args.kind === 'show' ? await showRun(open.runtime, args.runId) : await showReplays(open.runtime, args.runIds)
  } finally {
    await open.close()
  }
}
