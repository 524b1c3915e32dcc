// The physical floor: an agent loop by hand. Its journal is one append-only table, a row a message, keyed by run and
// place; a `group` variant shares one commit among all that is written in one turn of the event loop.
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { z } from 'zod'
import { type Call, delta } from '../world.ts'
import type { Contender, Setup } from './contender.ts'
import { folderBytes } from './folder-bytes.ts'

/** What a run consists of. */
type Message =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly calls?: readonly Call[]; readonly text?: string }
  | { readonly role: 'tool'; readonly id: string; readonly result: string }

/** Messages that one run may have. */
const MOST = 2 ** 21

/** Makes the loop. */
export async function create({ world, dir, durable, variant = 'full' }: Setup): Promise<Contender> {
  const tools = new Map(world.tools(z).map((tool) => [tool.name, tool]))
  const journal = durable && dir !== null ? await openJournal(dir, variant) : undefined

  async function loop(runId: string, history: Message[]): Promise<string> {
    const run = numberOf(runId)
    const hear = (message: Message): Promise<void> | undefined => {
      history.push(message)
      return journal?.write(run * MOST + history.length - 1, message)
    }
    for (;;) {
      const last = history.at(-1)
      let reply = last?.role === 'assistant' ? last : undefined
      if (!reply) {
        reply = { role: 'assistant', ...(await world.model(last?.role === 'tool' ? last.id : null, runId)) }
        await hear(reply)
      }
      if (!reply.calls) return reply.text ?? ''
      await Promise.all(
        reply.calls.map(async ({ id, name, args }) => {
          const tool = tools.get(name)
          if (!tool) throw new Error(`There is no tool ${name}`)
          await hear({ role: 'tool', id, result: tool.execute(tool.schema.parse(args)) })
        }),
      )
    }
  }

  const stored = (runId: string): Message[] => journal?.read(numberOf(runId) * MOST) ?? []
  return {
    async run(runId) {
      const first: Message = { role: 'user', text: `run:${runId}` }
      await journal?.write(numberOf(runId) * MOST, first)
      return loop(runId, [first])
    },
    resume: (runId) => loop(runId, stored(runId)),
    replay: async (runId) => replayed(stored(runId), (name, args) => tools.get(name)?.schema.parse(args)),
    async stream(deltas, onDelta) {
      for await (const text of deltasOf(deltas)) onDelta(text)
    },
    async bytes() {
      journal?.db.pragma('wal_checkpoint(truncate)')
      return dir === null ? 0 : folderBytes(dir)
    },
    settings: () => settingOf(journal),
    async close() {
      journal?.db.close()
    },
  }
}

/** What a history comes to, its calls checked again. */
function replayed(
  history: readonly Message[],
  check: (name: string, args: unknown) => void,
): { readonly turns: number; readonly text: string } {
  let turns = 0
  let text = ''
  for (const message of history) {
    if (message.role !== 'assistant') continue
    for (const { name, args } of message.calls ?? []) check(name, args)
    if (message.calls) turns++
    else text = message.text ?? ''
  }
  return { turns, text }
}

function settingOf(journal: Journal | undefined): Record<string, unknown> {
  const pragma = (name: string): unknown => journal?.db.pragma(name, { simple: true })
  return { journal: pragma('journal_mode'), synchronous: pragma('synchronous') }
}

async function* deltasOf(count: number): AsyncGenerator<string> {
  for (let at = 0; at < count; at++) yield delta(at)
}

function numberOf(runId: string): number {
  return Number(runId.replace(/\D/g, ''))
}

interface Journal {
  readonly db: Database.Database
  readonly write: (id: number, message: Message) => Promise<void> | undefined
  readonly read: (first: number) => Message[]
}

async function openJournal(dir: string, variant: string): Promise<Journal> {
  const { default: Sqlite } = await import('better-sqlite3')
  const db = new Sqlite(join(dir, 'floor.db'))
  db.pragma('page_size = 8192')
  db.pragma('journal_mode = wal')
  db.pragma(`synchronous = ${variant.startsWith('normal') ? 'normal' : 'full'}`)
  db.exec('create table if not exists messages (id integer primary key, body text not null)')
  const insert = db.prepare<[number, string]>('insert into messages values (?, ?)')
  const select = db
    .prepare<[number, number], string>('select body from messages where id between ? and ? order by id')
    .pluck()
  const read = (first: number): Message[] =>
    select.all(first, first + MOST - 1).map((body) => JSON.parse(body) as Message)
  if (!variant.includes('group'))
    return { db, write: (id, message) => void insert.run(id, JSON.stringify(message)), read }
  let gathered: [number, string][] = []
  let written: Promise<void> | undefined
  const flush = db.transaction((rows: readonly [number, string][]) => {
    for (const row of rows) insert.run(...row)
  })
  const write = (id: number, message: Message): Promise<void> => {
    gathered.push([id, JSON.stringify(message)])
    return (written ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const rows = gathered
        gathered = []
        written = undefined
        try {
          flush.immediate(rows)
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    }))
  }
  return { db, write, read }
}
