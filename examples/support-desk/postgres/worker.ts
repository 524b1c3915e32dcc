// A worker of the desk: takes tickets from a queue in Postgres, beside others, until it is told to stop.
// usage, by postgres/work.ts: node postgres/worker.ts FOLDER URL, with OPENAI_BASE_URL
import { openai } from '@reprise/openai'
import { folderAt } from '../folder.ts'
import { openDesk } from '../open-desk.ts'

/** How many tickets one worker works at a time. */
const CONCURRENCY = 4

const [path, url] = process.argv.slice(2)
if (path === undefined || url === undefined) throw new Error('postgres/work.ts gives a folder and an address.')
const { runtime, close } = await openDesk(folderAt(path), openai(), url)
const worker = runtime.work({ concurrency: CONCURRENCY })
process.once(
  'message',
  () =>
    void worker
      .stop()
      .then(close)
      .then(() => process.disconnect()),
)
// Whoever began it is gone without a word: nobody waits for what is under way here, and nothing is lost.
process.once('disconnect', () => process.exit())
process.send?.('works')
