// A worker of the desk: takes tickets from a queue in Postgres, beside others, until it is told to stop.
// usage, by postgres/workers.ts: node postgres/worker.ts FOLDER URL, with OPENAI_BASE_URL
import { openai } from '@reprise/openai'
import { folderAt } from '../folder.ts'
import { openDesk } from '../open-desk.ts'

/** How many tickets one worker works at a time. */
const CONCURRENCY = 4

const [path, url] = process.argv.slice(2)
if (path === undefined || url === undefined) throw new Error('postgres/workers.ts gives a folder and an address.')
const open = await openDesk(folderAt(path), openai(), url)
const worker = open.runtime.work({ concurrency: CONCURRENCY })
process.once('message', () => void stop())
// Whoever began it is gone without a word: nobody waits for what is under way here, and nothing is lost.
process.once('disconnect', () => process.exit())
process.send?.('works')

async function stop(): Promise<void> {
  await worker.stop()
  await open.close()
  process.disconnect()
}
