import { RepriseError, type RunRow } from '@reprise/core'
import { type Args, TICKETS } from './args.ts'
import { desk } from './desk/agents.ts'
import { checkKind, emptyFolder, type Folder, folderAt } from './folder.ts'
import { connect } from './model/connect.ts'
import { type OpenDesk, openDesk } from './open-desk.ts'
import { report } from './report.ts'
import { followRun, LEGEND, say } from './show/progress.ts'
import { type Ended, wordFor } from './show/table.ts'
import { findCustomers, readTickets, type Ticket } from './tickets.ts'

type WorkArgs = Extract<Args, { kind: 'work' }>

/**
 * Works a file of tickets, all at once, and goes on with what was begun before.
 *
 * @returns the exit code: 0 when all is done and the books are right, 130 when it was interrupted, else 1.
 * @throws Complaint, StoreError when it cannot begin.
 */
export async function work(args: WorkArgs): Promise<number> {
  const tickets = readTickets(args.tickets)
  const folder = folderAt(args.data)
  const voice = await connect(args.seed)
  try {
    if (args.fresh) emptyFolder(folder)
    checkKind(folder, false)
    const open = await openDesk(folder, voice.models)
    try {
      const customers = findCustomers(args.tickets, tickets, open.shop.registry)
      console.log(`${voice.says}\n\n${LEGEND}\n`)
      return await workAll({ tickets, customers, open, folder, checksPart: voice.isPart && args.tickets === TICKETS })
    } finally {
      await open.close()
    }
  } finally {
    await voice.close()
  }
}

interface Job {
  readonly tickets: readonly Ticket[]
  readonly customers: ReadonlyMap<Ticket, string>
  readonly open: OpenDesk
  readonly folder: Folder
  readonly checksPart: boolean
}

async function workAll({ tickets, customers, open, folder, checksPart }: Job): Promise<number> {
  let interrupted = false
  const interrupt = () => {
    interrupted = true
    console.log('\nFinishing what is under way. Press ^C again to stop at once: nothing is lost then either.')
    void open.close()
  }
  const known = new Map((await open.runtime.runs.list({ limit: 1_000 })).map((row) => [row.id, row]))
  process.once('SIGINT', interrupt)
  const ended = await Promise.all(
    tickets.map((ticket) => workOne(open, ticket, customers.get(ticket) ?? '', known.get(ticket.id))),
  ).finally(() => process.off('SIGINT', interrupt))
  const done = ended.filter((end) => end !== undefined)
  if (interrupted) {
    const count = done.filter(({ outcome }) => outcome.kind !== 'waiting').length
    console.log(`\nStopped: ${count} of ${tickets.length} tickets are done. The same command goes on with the others.`)
    return 130
  }
  const isRight = await report({
    ended: done,
    runtime: open.runtime,
    folder,
    book: open.book,
    shop: open.shop,
    checksPart,
  })
  return isRight && done.length === tickets.length ? 0 : 1
}

/** Works one ticket as far as it goes; undefined where its run cannot be taken up, which is said. */
async function workOne(
  { runtime }: OpenDesk,
  { id, text }: Ticket,
  customerId: string,
  before: RunRow | undefined,
): Promise<Ended | undefined> {
  try {
    const run = await runtime.start(desk, text, { id, context: { customerId } })
    const wasEnded = before !== undefined && before.endedAt !== null
    if (before && !wasEnded) say(id, '= goes on where it was')
    followRun(run)
    const outcome = await run.outcome()
    say(id, `# ${wordFor(outcome)}${wasEnded ? ', and was before' : ''}`)
    return { ticket: id, outcome, wasEnded }
  } catch (error) {
    if (!RepriseError.is(error)) throw error
    say(id, `# cannot be worked: ${error.message}`)
    return undefined
  }
}
