import { createRuntime, type Model, type Runtime } from '@reprise/core'
import { postgres } from '@reprise/postgres'
import { sqlite } from '@reprise/store'
import { desk } from './desk/agents.ts'
import type { DeskBook } from './desk/book.ts'
import { chatAgent } from './desk/chat-agent.ts'
import { Outbox } from './desk/outbox.ts'
import { PostgresBook } from './desk/postgres-book.ts'
import { SqliteBook } from './desk/sqlite-book.ts'
import { type Folder, makeFolder } from './folder.ts'
import { openShop, type Shop } from './shop/open.ts'

/** What works the tickets and holds the chats. */
export type DeskRuntime = Runtime<readonly [typeof desk, typeof chatAgent]>

/** A desk that is open. */
export interface OpenDesk {
  readonly runtime: DeskRuntime
  readonly shop: Shop
  readonly book: DeskBook
  /** Finishes what is under way and closes every file; once, however often it is called. */
  close(): Promise<void>
}

/**
 * Opens everything in a folder.
 *
 * @param url of the Postgres database in which the runs are, where they are in none of the folder's files.
 * @throws StoreError, Complaint when a file in it is not what it must be: nothing is changed then.
 */
export async function openDesk(folder: Folder, models: Model, url?: string): Promise<OpenDesk> {
  makeFolder(folder)
  const { store, book } = url === undefined ? await inFile(folder.journal) : await inDatabase(url)
  const shop = openShop(folder.shop)
  const services = { shop, book, outbox: new Outbox(folder.outbox) }
  const runtime = createRuntime({ store, models, definitions: [desk, chatAgent], services })
  const close = async () => {
    await runtime.close()
    await book.close()
    shop.db.close()
  }
  let closing: Promise<void> | undefined
  return { runtime, shop, book, close: () => (closing ??= close()) }
}

/** A store opens at its first use; what is wrong with it is to be known before the shop is made. */
async function inFile(path: string) {
  const store = sqlite(path)
  await store.runs({ limit: 1 })
  return { store, book: new SqliteBook(store, path) }
}

async function inDatabase(url: string) {
  const store = postgres(url)
  await store.runs({ limit: 1 })
  return { store, book: await PostgresBook.open(store, url) }
}
