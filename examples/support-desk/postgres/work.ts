// The support desk over two worker processes and one Postgres; one of the two is killed on the way.
import { setTimeout as wait } from 'node:timers/promises'
import type { RunRow } from '@reprise/core'
import { type Args, TICKETS } from '../args.ts'
import { desk } from '../desk/agents.ts'
import { checkKind, emptyFolder, folderAt, makeFolder } from '../folder.ts'
import { connect } from '../model/connect.ts'
import { type OpenDesk, openDesk } from '../open-desk.ts'
import { report } from '../report.ts'
import { say } from '../show/progress.ts'
import { type Ended, wordFor } from '../show/table.ts'
import { findCustomers, readTickets, type Ticket } from '../tickets.ts'
import { type Server, startPostgres } from './server.ts'
import { watch } from './watch.ts'
import { startWorker, stopWorker, type Worker } from './workers.ts'

type WorkArgs = Extract<Args, { kind: 'work' }>

/**
 * Works a file of tickets by two processes, of which one is killed by SIGKILL in the middle of its tickets.
 *
 * @returns the exit code: 0 when all is done and the books are right, else 1.
 * @throws Complaint, StoreError when it cannot begin.
 */
export async function workOnPostgres(args: WorkArgs): Promise<number> {
  const tickets = readTickets(args.tickets)
  const folder = folderAt(args.data)
  const voice = await connect(args.seed)
  try {
    if (args.fresh) emptyFolder(folder)
    checkKind(folder, true)
    makeFolder(folder)
    const server = await startPostgres(folder.postgres)
    const interrupt = (): void => void stopAtOnce(server)
    process.once('SIGINT', interrupt)
    try {
      const open = await openDesk(folder, voice.models, server.url)
      try {
        const customers = findCustomers(args.tickets, tickets, open.shop.registry)
        console.log(`${voice.says}\n${whatWorks(server)}\n`)
        const env = voice.url === undefined ? {} : { OPENAI_BASE_URL: voice.url, OPENAI_API_KEY: 'none' }
        const start = (name: string) => startWorker(name, folder, server.url, env)
        const ended = await workAll({ tickets, customers, open, start })
        const checksPart = voice.isPart && args.tickets === TICKETS
        const { runtime, book, shop } = open
        return (await report({ ended, runtime, folder, book, shop, checksPart, onPostgres: true })) ? 0 : 1
      } finally {
        await open.close()
      }
    } finally {
      process.off('SIGINT', interrupt)
      await server.stop()
    }
  } finally {
    await voice.close()
  }
}

/** How long the database may take to stop after ^C, in milliseconds. */
const STOP_MS = 5_000

/** A terminal interrupts workers and database as well: nothing is finished first, and nothing is lost. The workers go with this process. */
async function stopAtOnce(server: Server): Promise<void> {
  console.log('\nStopped. Nothing is lost: the same command goes on.')
  await Promise.race([server.stop(), wait(STOP_MS)])
  process.exit(130)
}

function whatWorks({ url, wasLeft }: Server): string {
  const { host } = new URL(url)
  return `The runs are in a Postgres ${wasLeft ? `that was left running at ${host}` : `of the demo's own, at ${host}`}.`
}

interface Job {
  readonly tickets: readonly Ticket[]
  readonly customers: ReadonlyMap<Ticket, string>
  readonly open: OpenDesk
  readonly start: (name: string) => Promise<Worker>
}

async function workAll({ tickets, customers, open: { runtime }, start }: Job): Promise<readonly Ended[]> {
  const rowsOf = async (ids: ReadonlySet<string>): Promise<readonly RunRow[]> =>
    (await runtime.runs.list({ limit: 1_000 })).filter(({ id }) => ids.has(id))
  const optionsOf = (ticket: Ticket) => ({ id: ticket.id, context: { customerId: customers.get(ticket) ?? '' } })

  const known = await rowsOf(new Set(tickets.map(({ id }) => id)))
  const wereEnded = new Set(known.filter(({ endedAt }) => endedAt !== null).map(({ id }) => id))
  const open = tickets.filter(({ id }) => !wereEnded.has(id))
  for (const ticket of open) await runtime.enqueue(desk, ticket.text, optionsOf(ticket))
  if (open.length > 0) {
    const openIds = new Set(open.map(({ id }) => id))
    const workers = await Promise.all(['A', 'B'].map(start))
    try {
      await watch(() => rowsOf(openIds), workers)
    } finally {
      await Promise.all(workers.map(stopWorker))
    }
  }
  return Promise.all(
    tickets.map(async (ticket): Promise<Ended> => {
      const run = await runtime.start(desk, ticket.text, optionsOf(ticket))
      const ended = { ticket: ticket.id, outcome: await run.outcome(), wasEnded: wereEnded.has(ticket.id) }
      if (ended.wasEnded) say(ticket.id, `# ${wordFor(ended.outcome)}, and was before`)
      return ended
    }),
  )
}
