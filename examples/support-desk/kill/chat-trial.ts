import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Entry, Item, Json } from '@reprise/core'
import { openai } from '@reprise/openai'
import { checkBooks } from '../check/books.ts'
import { chatAgent } from '../desk/chat-agent.ts'
import { type Folder, folderAt } from '../folder.ts'
import { type OpenDesk, openDesk } from '../open-desk.ts'
import { chatPart } from '../part/chat/chat-part.ts'
import { type DemoEnd, startDemo } from '../run-demo.ts'
import { type Change, readChanges } from '../show/changes.ts'
import { askedAgain } from './asked-again.ts'
import type { Typed } from './chat-script.ts'
import { type LoggedServer, loggedServer } from './logged-server.ts'

/** What a chat has come to. */
export interface Chatted {
  /** What was said and done, in its order. */
  readonly history: readonly string[]
  readonly changes: readonly Change[]
  /** What is known of the customer. */
  readonly facts: readonly Json[]
}

/** A chat that was killed, each time begun again, and then let be. */
export interface ChatTrial {
  readonly kills: number
  /** What was not as it must be. */
  readonly wrong: readonly string[]
}

/** A chat that is held again and again. */
export interface Held {
  /** Of the part's mistakes. */
  readonly seed: number
  readonly script: readonly Typed[]
  /** How a chat is held that nobody kills. @default as a process */
  readonly hold?: (...command: Command) => Promise<DemoEnd>
}

type Command = [args: string[], env: { OPENAI_BASE_URL: string }, input: string]

/** Comes true when a chat that was just started is to be killed. */
export type Moment = (logged: LoggedServer) => Promise<unknown>

const SESSION = 'kept'
const CUSTOMER = 'c-carla'

/** Holds the chat undisturbed, to know what it comes to, and how many questions its model is asked. */
export function undisturbedChat(held: Held): Promise<Chatted & { readonly questions: number }> {
  return inFolder(held, async (folder, logged) => {
    const { code, stderr } = await undisturbed(held, folder, logged)
    const { wrong, ...chatted } = await readChat(held, folder, logged)
    if (code !== 0 || wrong.length > 0) throw new Error(`The chat itself failed: ${stderr} ${wrong.join(' ')}`)
    return { ...chatted, questions: logged.asked.length }
  })
}

/** Kills the chat at each moment, each time sends all of its lines again, and looks at what came of it. */
export function chatTrial(held: Held, reference: Chatted, moments: readonly Moment[]): Promise<ChatTrial> {
  return inFolder(held, async (folder, logged) => {
    let kills = 0
    for (const moment of moments) {
      const demo = startDemo(...commandOf(held, folder, logged))
      await Promise.race([moment(logged), demo.end])
      demo.child.kill('SIGKILL')
      if ((await demo.end).code === null) kills++
    }
    const { code, stdout, stderr } = await undisturbed(held, folder, logged)
    const { wrong, ...chatted } = await readChat(held, folder, logged)
    const last = stderr || stdout.split('\n').slice(-8).join(' ')
    const failed = code === 0 ? [] : [`The last start ended with ${code}: ${last}`]
    return { kills, wrong: [...failed, ...differences(chatted, reference), ...wrong] }
  })
}

function undisturbed(held: Held, folder: Folder, logged: LoggedServer): Promise<DemoEnd> {
  const { hold = (...command) => startDemo(...command).end } = held
  return hold(...commandOf(held, folder, logged))
}

function commandOf({ script }: Held, folder: Folder, { server }: LoggedServer): Command {
  const args = ['--chat', '--session', SESSION, '--as', 'carla@example.com', '--data', folder.path]
  const input = script.map(([id, line]) => `/id ${id} ${line}\n`).join('')
  return [args, { OPENAI_BASE_URL: server.url }, input]
}

function differences(chatted: Chatted, reference: Chatted): string[] {
  const parts = ['history', 'changes', 'facts'] as const
  return parts
    .filter((part) => !isDeepStrictEqual(chatted[part], reference[part]))
    .map((part) => `The ${part} are not what they are undisturbed: ${JSON.stringify(chatted[part])}.`)
}

async function inFolder<T>({ seed }: Held, work: (folder: Folder, logged: LoggedServer) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'support-desk-chat-'))
  const logged = await loggedServer(chatPart(seed))
  try {
    return await work(folderAt(path), logged)
  } finally {
    await logged.server[Symbol.asyncDispose]()
    await rm(path, { recursive: true })
  }
}

/** What the chat has come to, and what is wrong with that, whoever has disturbed it. */
async function readChat(
  { script }: Held,
  folder: Folder,
  { asked }: LoggedServer,
): Promise<Chatted & { wrong: string[] }> {
  const open = await openDesk(folder, openai())
  try {
    const session = open.runtime.session(SESSION, {
      agent: chatAgent,
      context: { customerId: CUSTOMER },
      user: CUSTOMER,
    })
    const history = (await session.history()).flatMap(({ item }) => lineOf(item))
    const changes = readChanges(folder, await open.book.lines())
    const facts = (await open.runtime.memory.list({ user: CUSTOMER })).map(({ value }) => value)
    const entries = new Map<string, readonly Entry[]>()
    for (const { id } of await session.runs()) entries.set(id, await open.runtime.runs.entries(id))
    const wrong = [
      ...wrongWords(history, script),
      // Conversations of a session only grow, from turn to turn, too.
      ...askedAgain(SESSION, [...entries.values()].flat(), asked),
      ...(await wrongRuns(open, entries, changes)),
    ]
    return { history, changes, facts, wrong }
  } finally {
    await open.close()
  }
}

/** Each message stands there once, in its order, and has one answer. */
function wrongWords(history: readonly string[], script: readonly Typed[]): string[] {
  const sent = script.map(([, line]) => line).filter((line) => !line.startsWith('/'))
  const said = history.filter((line) => line.startsWith('you: ')).map((line) => line.slice(5))
  const answers = history.filter((line) => line.startsWith('desk: ')).length
  return [
    ...(isDeepStrictEqual(said, sent) ? [] : [`The customer's words are ${JSON.stringify(said)}.`]),
    ...(answers === sent.length ? [] : [`There are ${answers} answers to ${sent.length} messages.`]),
  ]
}

async function wrongRuns(
  { runtime, shop }: OpenDesk,
  entries: ReadonlyMap<string, readonly Entry[]>,
  changes: readonly Change[],
): Promise<string[]> {
  const wrong: string[] = []
  const rows = []
  for (const id of entries.keys()) {
    const outcome = await (await runtime.resume(id)).outcome()
    rows.push({ ticket: id, outcome })
    if (outcome.kind !== 'completed') wrong.push(`${id} ended as ${outcome.kind}.`)
    const { status } = await runtime.replay(id)
    if (status !== 'matched') wrong.push(`${id} does not replay: ${status}.`)
  }
  return [...wrong, ...checkBooks({ rows, entries, changes, shop: shop.db })]
}

function lineOf(item: Item): string[] {
  if (item.kind === 'user')
    return [item.text.startsWith('What is known about the user') ? `= ${item.text}` : `you: ${item.text}`]
  if (item.kind === 'assistant') return [`desk: ${item.text}`]
  if (item.kind === 'call') return [`+ ${item.name} ${item.arguments}`]
  return item.kind === 'result' ? [`-> ${item.output}`] : []
}
