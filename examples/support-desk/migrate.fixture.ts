// The desk's runs, recorded of one model and asked again of another: both are scripts, on one server of this process.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeOpenAI, type FakeReply, type FakeScript } from '@reprise/fake-openai'
import { type Io, main } from '@reprise/cli'
import { openai } from '@reprise/openai'
import { desk } from './desk/agents.ts'
import { folderAt } from './folder.ts'
import { openDesk } from './open-desk.ts'
import { readTicketIds, rightReply } from './part/part.ts'
import { readScene, type Scene } from './part/scene.ts'
import { tempFolder } from './temp-folder.fixture.ts'
import { findCustomers, readTickets } from './tickets.ts'

const TICKETS = join(import.meta.dirname, 'tickets.json')

/** Does what is right for each ticket, but where something else is planted for it. */
export function rightPart(
  planted: (ticket: string, scene: Scene) => FakeReply | undefined = () => undefined,
): FakeScript {
  const ids = readTicketIds()
  return ({ body }) => {
    const scene = readScene(body, ids)
    return planted(ids.get(scene.ticket) ?? '', scene) ?? rightReply(scene)
  }
}

/** A desk whose tickets one model has worked, and another one may be asked about. */
export interface RecordedDesk extends AsyncDisposable {
  readonly folder: string
  /** Runs a command line over it, in this process. */
  reprise(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>
}

/** Lets `mini` work all tickets; `luna` answers whatever is asked afterwards. */
export async function recordedDesk(mini: FakeScript, luna: FakeScript): Promise<RecordedDesk> {
  const server = await fakeOpenAI((ask) => (ask.model === 'gpt-6-luna' ? luna : mini)(ask))
  const folder = tempFolder()
  const open = await openDesk(folderAt(join(folder, 'desk')), openai({ baseURL: server.url, apiKey: 'none' }))
  const tickets = readTickets(TICKETS)
  const customers = findCustomers(TICKETS, tickets, open.shop.registry)
  await Promise.all(
    tickets.map(async (ticket) => {
      const context = { customerId: customers.get(ticket) ?? '' }
      const run = await open.runtime.start(desk, ticket.text, { id: ticket.id, context })
      await run.outcome()
    }),
  )
  await open.close()
  return {
    folder,
    reprise: (...args) => reprise(folder, server.url, args),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

let count = 0

/** Each has a config of its own: Node loads one of a path once. */
async function reprise(folder: string, url: string, args: readonly string[]) {
  const home = join(folder, `home-${++count}`)
  mkdirSync(home)
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(home, 'node_modules'))
  const here = (name: string) => JSON.stringify(join(import.meta.dirname, name))
  writeFileSync(
    join(home, 'reprise.config.ts'),
    `import { openai } from '@reprise/openai'
import { folderAt } from ${here('folder.ts')}
import { openDesk } from ${here('open-desk.ts')}
const models = openai({ baseURL: ${JSON.stringify(url)}, apiKey: 'none' })
export const { runtime } = await openDesk(folderAt(${JSON.stringify(join(folder, 'desk'))}), models)
`,
  )
  const printed = { stdout: '', stderr: '' }
  const io: Io = {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
    env: {},
    cwd: () => folder,
    on: () => undefined,
    off: () => undefined,
  }
  await main([...args, '--config', join(home, 'reprise.config.ts')], io)
  return { code: Number(io.exitCode ?? 0), ...printed }
}
