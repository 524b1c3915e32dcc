import { createRuntime, type Model, type Runtime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { desk } from './desk/agents.ts'
import { DeskBook } from './desk/book.ts'
import { Outbox } from './desk/outbox.ts'
import { type Folder, makeFolder } from './folder.ts'
import { openShop, type Shop } from './shop/open.ts'

/** A desk that is open. */
export interface OpenDesk {
  readonly runtime: Runtime<readonly [typeof desk]>
  readonly shop: Shop
  /** Finishes what is under way and closes every file; once, however often it is called. */
  close(): Promise<void>
}

/**
 * Opens everything in a folder.
 *
 * @throws StoreError, Complaint when a file in it is not what it must be: nothing is changed then.
 */
export async function openDesk(folder: Folder, models: Model): Promise<OpenDesk> {
  makeFolder(folder)
  const store = sqlite(folder.journal)
  // The store opens at its first use; what is wrong with it is to be known before the shop is made.
  await store.runs({ limit: 1 })
  const shop = openShop(folder.shop)
  const book = new DeskBook(store, folder.journal)
  const services = { shop, book, outbox: new Outbox(folder.outbox) }
  const runtime = createRuntime({ store, models, definitions: [desk], services })
  const close = async () => {
    await runtime.close()
    book.close()
    shop.db.close()
  }
  let closing: Promise<void> | undefined
  return { runtime, shop, close: () => (closing ??= close()) }
}
