import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { QueryAnswer, QueryAsk, QueryFailure } from './protocol.ts'
import { turns } from './turns.ts'

/** Of all tools of this process together: each query is a process of some 80 MB. */
const MAX_PROCESSES = 4

const inTurn = turns(MAX_PROCESSES)
const program = fileURLToPath(new URL(`./query-process${extname(import.meta.url)}`, import.meta.url))

/**
 * Runs a query in a process of its own, and ends that process.
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

function answerOf(ask: QueryAsk, signal: AbortSignal): Promise<QueryAnswer> {
  // It gets no environment, which may hold keys, and no flags: a debugger's port would be taken.
  const child = fork(program, { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  return new Promise<QueryAnswer>((resolve) => {
    // Only query-process.ts sends anything.
    child.once('message', (answer) => resolve(answer as QueryAnswer))
    child.once('error', (error) => resolve({ failure: died(error.message) }))
    child.once('exit', (code, by) => resolve({ failure: died(by ?? `exit code ${code}`) }))
    child.send(ask, () => undefined)
  }).finally(() => {
    signal.removeEventListener('abort', kill)
    kill()
  })
}

function died(how: string): QueryFailure {
  const message = `The query ended without an answer (${how}). Try a simpler one.`
  return { code: 'query_died', message, retryable: false }
}
