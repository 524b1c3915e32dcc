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
process.send?.('works')
// Whoever began it tells it to stop, or is gone.
process.once('disconnect', () => void worker.stop().then(close))
