// Serves the handlers of docs/engines.md in a process of its own. usage: node restate-endpoint.mjs PORT DATABASE LOG [die]
// With `die` the process is killed in the model's second turn.
import { appendFileSync } from 'node:fs'
import { sqlite } from '@reprise/store'
import { ticketOf } from '../restate/ticket.ts'
import { deskOf } from './desk.mjs'
import { serve } from './restate-server.mjs'

const [port, database, log, die] = process.argv.slice(2)
const thinks = (turn) => {
  appendFileSync(log, `${turn}\n`)
  if (die === 'die' && turn === 1) process.kill(process.pid, 'SIGKILL')
}
const { runtime } = deskOf({ store: sqlite(database), thinks })
await serve(ticketOf(runtime), Number(port))
process.send('ready')
