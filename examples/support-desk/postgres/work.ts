// The support desk over two worker processes and one Postgres; one of the two is killed on the way.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { RunRow } from '@reprise/core'
import { type Args, TICKETS } from '../args.ts'
import { desk } from '../desk/agents.ts'
import { emptyFolder, type Folder, folderAt, makeFolder } from '../folder.ts'
import { connect } from '../model/connect.ts'
import { type OpenDesk, openDesk } from '../open-desk.ts'
import { report } from '../report.ts'
import { say } from '../show/progress.ts'
import type { Ended } from '../show/table.ts'
import { findCustomers, readTickets, type Ticket } from '../tickets.ts'
import { startPostgres } from './server.ts'

type WorkArgs = Extract<Args, { kind: 'work' }>

/** How often it is looked at how the tickets stand, in milliseconds. */
const LOOK_MS = 50

/** How many tickets have ended when the first worker is killed. */
const ENDED_AT_KILL = 3

/** A process that takes tickets. */
interface Worker {
  readonly name: string
  readonly child: ChildProcess
}

/**
 * Works a file of tickets by two processes, of which the first is killed by SIGKILL in the middle of its tickets.
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
    makeFolder(folder)
    const server = await startPostgres(folder.postgres)
    try {
      const open = await openDesk(folder, voice.models, server.url)
      try {
        const customers = findCustomers(args.tickets, tickets, open.shop.registry)
        console.log(`${voice.says}\n`)
        const env = voice.url === undefined ? {} : { OPENAI_BASE_URL: voice.url, OPENAI_API_KEY: 'none' }
        const ended = await workAll({
          tickets,
          customers,
          open,
          start: (name) => startWorker(name, folder, server.url, env),
        })
        const checksPart = voice.isPart && args.tickets === TICKETS
        const { runtime, book, shop } = open
        return (await report({ ended, runtime, folder, book, shop, checksPart })) ? 0 : 1
      } finally {
        await open.close()
      }
    } finally {
      await server.stop()
    }
  } finally {
    await voice.close()
  }
}

interface Job {
  readonly tickets: readonly Ticket[]
  readonly customers: ReadonlyMap<Ticket, string>
  readonly open: OpenDesk
  readonly start: (name: string) => Promise<Worker>
}

async function workAll({ tickets, customers, open: { runtime }, start }: Job): Promise<readonly Ended[]> {
  const wereEnded = new Set<string>()
  for (const ticket of tickets) {
    const { id, text } = ticket
    const before = await runtime.runs.get(id)
    if (before && before.endedAt !== null) wereEnded.add(id)
    else await runtime.enqueue(desk, text, { id, context: { customerId: customers.get(ticket) ?? '' } })
  }
  const endOf = async (ticket: Ticket): Promise<Ended> => {
    const { id, text } = ticket
    const run = await runtime.start(desk, text, { id, context: { customerId: customers.get(ticket) ?? '' } })
    return { ticket: id, outcome: await run.outcome(), wasEnded: wereEnded.has(id) }
  }
  if (wereEnded.size < tickets.length) {
    const workers = await Promise.all([start('A'), start('B')])
    try {
      await watch(tickets.length - wereEnded.size, workers, () => rowsOf(runtime, tickets, wereEnded))
    } finally {
      await Promise.all(workers.map(stopWorker))
    }
  }
  return Promise.all(tickets.map(endOf))
}

async function rowsOf(
  runtime: OpenDesk['runtime'],
  tickets: readonly Ticket[],
  wereEnded: ReadonlySet<string>,
): Promise<readonly RunRow[]> {
  const rows = await Promise.all(tickets.map(({ id }) => (wereEnded.has(id) ? undefined : runtime.runs.get(id))))
  return rows.filter((row) => row !== undefined)
}

/** Says how the tickets go, and kills the first worker when some have ended and others are in its hands. */
async function watch(count: number, workers: readonly Worker[], look: () => Promise<readonly RunRow[]>): Promise<void> {
  const ended = new Set<string>()
  const holders = new Map<string, string>()
  // An owner's name has its process in it.
  const holderOf = ({ owner }: RunRow): Worker | undefined =>
    workers.find(({ child }) => owner?.split('/')[1] === String(child.pid))
  let killed = false
  while (ended.size < count) {
    const rows = await look()
    for (const row of rows) {
      const holder = holderOf(row)?.name
      if (holder !== undefined && holders.get(row.id) !== holder) {
        say(row.id, holders.has(row.id) ? `= goes on with worker ${holder}` : `worker ${holder} takes it`)
        holders.set(row.id, holder)
      }
      if ((row.endedAt === null && row.status !== 'quarantined') || ended.has(row.id)) continue
      ended.add(row.id)
      say(row.id, `# ${row.status}${holders.has(row.id) ? `, by worker ${holders.get(row.id) ?? ''}` : ''}`)
    }
    const [first] = workers
    const held = rows.filter((row) => row.endedAt === null && holderOf(row) === first)
    if (!killed && first && ended.size >= ENDED_AT_KILL && held.length > 0) {
      killed = true
      first.child.kill('SIGKILL')
      console.log(`\nWorker ${first.name} is killed with ${held.map(({ id }) => id).join(', ')} in its hands.\n`)
    }
    await wait(LOOK_MS)
  }
}

async function startWorker(name: string, folder: Folder, url: string, env: NodeJS.ProcessEnv): Promise<Worker> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [folder.path, url], { env: { ...process.env, ...env } })
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown]
  if (message !== 'works') throw new Error(`Worker ${name} ended before it began.`)
  return { name, child }
}

async function stopWorker({ child }: Worker): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.disconnect()
  await exit
}
