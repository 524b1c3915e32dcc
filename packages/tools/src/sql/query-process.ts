// A process that queries run in, one at a time. Its first thread stays free to watch the second, in which SQLite runs:
// over its time or its memory, or left alone by whoever started it, the process ends itself. Nothing less stops a query
// that never ends.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { QueryAnswer, QueryAsk, QueryEnd } from './protocol.ts'

const WATCH_MS = 5
/** Of the whole process, of which 70 MB are its own. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024
/** What a query may leave behind of it, so that the next has enough. */
const MAX_LEFT_BYTES = 160 * 1024 * 1024

const thread = new Worker(new URL(`./query-thread${extname(import.meta.url)}`, import.meta.url))
thread.once('error', (error: Error) => fail('query_failed', `The query failed: ${error.message}`))
process.once('disconnect', end)
process.on('message', (message) => {
  // Only query-processes.ts starts this program, and it sends nothing else.
  run(message as QueryAsk)
})

function run(ask: QueryAsk): void {
  // The thread says first that it begins, and then what came of it.
  thread.once('message', () => {
    const stop = watch(ask)
    thread.once('message', (answer: QueryAnswer) => {
      stop()
      reply({ answer, isLast: process.memoryUsage.rss() > MAX_LEFT_BYTES })
    })
  })
  thread.postMessage(ask)
}

function watch({ timeoutMs }: QueryAsk): () => void {
  const timer = setTimeout(() => {
    fail('query_timeout', `The query took longer than ${timeoutMs} ms and was stopped. Make it look at fewer rows.`)
  }, timeoutMs)
  const interval = setInterval(() => {
    if (process.memoryUsage.rss() < MAX_MEMORY_BYTES) return
    fail(
      'query_memory',
      'The query took too much memory and was stopped. Make it look at fewer rows or shorter values.',
    )
  }, WATCH_MS)
  return () => {
    clearTimeout(timer)
    clearInterval(interval)
  }
}

function fail(code: string, message: string): void {
  reply({ answer: { failure: { code, message, retryable: false } }, isLast: true })
}

function reply(ended: QueryEnd): void {
  process.send?.(ended, () => {
    if (ended.isLast) end()
  })
}

/** An exit would wait for the thread. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}
