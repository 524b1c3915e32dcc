// The process of one query. Its first thread stays free to watch the second, in which SQLite runs: over its time or its
// memory, or left alone by whoever started it, the process ends itself. Nothing less stops a query that never ends.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BEGUN, type QueryAnswer, type QueryAsk } from './protocol.ts'

const WATCH_MS = 5
/** Of the whole process, of which 70 MB are its own. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024

process.once('disconnect', end)
process.once('message', (message) => {
  // Only query-sqlite.ts starts this program.
  run(message as QueryAsk)
})

function run(ask: QueryAsk): void {
  const thread = new Worker(new URL(`./query-thread${extname(import.meta.url)}`, import.meta.url), { workerData: ask })
  thread.on('message', (message: typeof BEGUN | QueryAnswer) => {
    if (message === BEGUN) watch(ask)
    else reply(message)
  })
  thread.once('error', (error: Error) => fail('query_failed', `The query failed: ${error.message}`))
}

function watch(ask: QueryAsk): void {
  setTimeout(() => {
    fail('query_timeout', `The query took longer than ${ask.timeoutMs} ms and was stopped. Make it look at fewer rows.`)
  }, ask.timeoutMs)
  setInterval(() => {
    if (process.memoryUsage.rss() < MAX_MEMORY_BYTES) return
    fail(
      'query_memory',
      'The query took too much memory and was stopped. Make it look at fewer rows or shorter values.',
    )
  }, WATCH_MS)
}

function fail(code: string, message: string): void {
  reply({ failure: { code, message, retryable: false } })
}

function reply(answer: QueryAnswer): void {
  process.send?.(answer, end)
}

/** An exit would wait for the thread. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}
