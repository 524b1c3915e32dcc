import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { keepProcess, takeProcess } from './kept-processes.ts'
import type { QueryAnswer, QueryAsk, QueryEnd } from './protocol.ts'
import { turns } from './turns.ts'

/** Of all tools of this process together: each query has a process of some 80 MB. */
const MAX_PROCESSES = 4

const inTurn = turns(MAX_PROCESSES)

/**
 * Runs a query in a process that does nothing else meanwhile, and ends that process where the query does not end well.
 *
 * @throws the signal's reason when it aborts.
 */
export async function runQuery(ask: QueryAsk, signal: AbortSignal): Promise<QueryAnswer> {
  return inTurn(async () => {
    signal.throwIfAborted()
    const answer = await answerOf(ask, signal)
    signal.throwIfAborted()
    return answer
  })
}

async function answerOf(ask: QueryAsk, signal: AbortSignal): Promise<QueryAnswer> {
  const child = takeProcess()
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  child.send(ask, () => undefined)
  const { answer, isLast } = await endOf(child)
  signal.removeEventListener('abort', kill)
  if (isLast || signal.aborted) kill()
  else keepProcess(child)
  return answer
}

async function endOf(child: ChildProcess): Promise<QueryEnd> {
  const listening = new AbortController()
  try {
    return await Promise.race([
      // Only query-process.ts sends anything.
      once(child, 'message', listening).then(([ended]) => ended as QueryEnd),
      once(child, 'exit', listening).then(([code, by]) => died(String(by ?? `exit code ${code}`))),
    ])
  } catch (error) {
    return died(error instanceof Error ? error.message : String(error))
  } finally {
    listening.abort()
  }
}

function died(how: string): QueryEnd {
  const message = `The query ended without an answer (${how}). Try a simpler one.`
  return { answer: { failure: { code: 'query_died', message, retryable: false } }, isLast: true }
}
