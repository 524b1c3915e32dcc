import { RepriseError } from '@reprise/core'
import { type Args, HELP, readArgs, UsageError } from './args.ts'
import { Complaint } from './complaint.ts'
import { extract } from './extract.ts'
import { openBegun } from './open.ts'
import { placeAt } from './place.ts'
import { decide } from './decide.ts'
import { showReplays } from './show/replays.ts'

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
      console.error(`${error.message} For what there is: npm run demo:extract -- --help`)
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
  const place = placeAt(args.out)
  if (args.kind === 'extract') return extract(args, place)
  const opened = await openBegun(place)
  try {
    return args.kind === 'replay' ? await showReplays(opened.runtime) : await decide(args, opened, place)
  } finally {
    await opened.close()
  }
}
