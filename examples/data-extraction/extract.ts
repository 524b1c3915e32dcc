import { type Args } from './args.ts'
import { review } from './extraction/review.ts'
import { readResults } from './extraction/results.ts'
import { connect } from './model/connect.ts'
import { type Open, open, readBeginning, RUN_ID } from './open.ts'
import { emptyPlace, type Place } from './place.ts'
import { report } from './report.ts'
import { follow, say } from './show/progress.ts'
import { checkSame, findStatements, STATEMENTS } from './statements.ts'
import { lastWritten } from './written.ts'

type ExtractArgs = Extract<Args, { kind: 'extract' }>

/**
 * Reads the statements of a folder, and goes on with what was begun before.
 *
 * @returns the exit code: 0 when all is read or waits for a person, 130 when it was interrupted, else 1.
 * @throws Complaint, StoreError when it cannot begin.
 */
export async function extract(args: ExtractArgs, place: Place): Promise<number> {
  const input = findStatements(args.folder)
  const voice = await connect(args.seed)
  try {
    if (args.fresh) emptyPlace(place)
    const before = await readBeginning(place)
    if (before) checkSame(place.path, before, input)
    const opened = open(args.folder, place, voice.models)
    try {
      console.log(`${voice.says}\n`)
      if (before) await readFailedAgain(opened, place)
      const run = await opened.start(input)
      const interrupted = onInterrupt(opened)
      await follow(opened.runtime, run)
      const outcome = await run.outcome()
      if (interrupted()) {
        console.log('\nStopped. The same command goes on where it was.')
        return 130
      }
      return await report({ outcome, opened, place, checksPart: voice.isPart && args.folder === STATEMENTS })
    } finally {
      await opened.close()
    }
  } finally {
    await voice.close()
  }
}

/** What came to no end, because a service was down or a budget was spent, is tried again by the same command. */
async function readFailedAgain({ runtime }: Open, place: Place): Promise<void> {
  const { status, waiting } = await runtime.runs.get(RUN_ID)
  if (status !== 'waiting' || waiting?.kind !== 'signal') return
  const written = lastWritten(await runtime.runs.entries(RUN_ID))
  const failed = written ? readResults(place, written).filter(({ status }) => status === 'failed') : []
  if (failed.length === 0) return
  for (const { file } of failed) say(file, '= failed before, and is read again')
  await runtime.send(RUN_ID, review, { kind: 'again' })
}

/** Closes what is open at an interrupt, until it is asked whether there was one. */
function onInterrupt(opened: Open): () => boolean {
  let interrupted = false
  const interrupt = () => {
    interrupted = true
    console.log('\nFinishing what is under way. Press ^C again to stop at once: nothing is lost then either.')
    void opened.close()
  }
  process.once('SIGINT', interrupt)
  return () => {
    process.off('SIGINT', interrupt)
    return interrupted
  }
}
