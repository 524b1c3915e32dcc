import type { MasterKey } from '@reprise/format/keys'
import type { Database } from './database.ts'
import { problem } from './errors.ts'
import { Lineages, noKeys } from './lineages.ts'
import type { MasterKeys } from './lineages.ts'
import type { Vault } from './vault.ts'

/** How many keys are wrapped anew at a time. */
const PAGE = 250

/** What a journal says of its keys: null before its first opening, and '' where it is not encrypted. */
interface Tie {
  readonly keys: string | null
  readonly masters: readonly string[]
}

/**
 * Checks that the keys given are those of the journal, ties a new one to its vault, and takes the first of the keys for all.
 *
 * The journal says by which master keys its vault wraps: whoever is at work reads it with what it takes, reads or writes, and
 * stops where it lacks one. So a new key is told there before anything is wrapped by it, and an old one is told until nothing
 * is. The vault is what counts: a journal that was restored may say what was true before.
 *
 * @throws StoreError saying what to do; nothing is changed then.
 */
export async function openLineages(db: Database, vault: Vault, masters: MasterKeys): Promise<Lineages> {
  const lineages = new Lineages(db.name, vault, masters)
  if (!masters) {
    refuseEncrypted(db.name, await tie(db, ''))
    return lineages
  }
  const id = await vault.id()
  const look = await vault.look([])
  lineages.refuseOthers(look.masters)
  const { keys, masters: told } = await tie(db, id)
  refuseUntied(db.name, keys, id)
  const [first, ...old] = masters
  const others = old.filter((key) => key.id !== first.id && look.masters.includes(key.id))
  const isNew = !told.includes(first.id)
  if (isNew) await tell(db, first.id)
  if (isNew || others.length > 0) lineages.refuseOthers((await vault.keep([], first.id, lineages.given ?? [])).masters)
  for (const from of others) await rotate(vault, from, first)
  const left = others.length > 0 ? (await vault.look([])).masters : look.masters
  for (const master of told) if (master !== first.id && !left.includes(master)) await untell(db, master)
  return lineages
}

/**
 * Checks that the keys given are those of the journal, and changes nothing.
 *
 * @throws what `openLineages` throws.
 */
export async function checkKeys(db: Database, vault: Vault, masters: MasterKeys): Promise<void> {
  const tied = await readTie(db)
  if (!masters) return refuseEncrypted(db.name, tied)
  const id = await vault.id()
  const look = await vault.look([])
  new Lineages(db.name, vault, masters).refuseOthers(look.masters)
  refuseUntied(db.name, tied.keys ?? id, id)
}

function refuseEncrypted(name: string, { keys }: Tie): void {
  if (keys !== null && keys !== '') throw encrypted(name)
}

function refuseUntied(name: string, keys: string | null, id: string): void {
  if (keys === '') throw notEncrypted(name)
  if (keys !== id) throw noKeys(name, 'the vault belongs to another store')
}

/** Wraps by `to` what another master key has wrapped. Others may do the same, and may still wrap by the old one meanwhile. */
async function rotate(vault: Vault, from: MasterKey, to: MasterKey): Promise<void> {
  do {
    for (let after = ''; ;) {
      const page = await vault.wrappedBy(from.id, after, PAGE)
      await vault.replace(
        page.map((key) => ({
          ...key,
          master: to.id,
          wrapped: to.rewrap(Buffer.from(key.wrapped), key.lineage, from),
        })),
        from.id,
      )
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) break
      after = last.lineage
    }
  } while (!(await vault.retire(from.id)))
}

/** The first that opens a journal says what it is. */
async function tie(db: Database, keys: string): Promise<Tie> {
  const before = await readTie(db)
  if (before.keys !== null) return before
  await db.query(`update ${db.tables.meta} set keys = $1 where keys is null`, [keys])
  return readTie(db)
}

async function readTie(db: Database): Promise<Tie> {
  const [found] = await db.query<Tie>(`select keys, masters from ${db.tables.meta}`)
  return found ?? { keys: null, masters: [] }
}

async function tell(db: Database, master: string): Promise<void> {
  const { meta } = db.tables
  await db.query(`update ${meta} set masters = array_append(masters, $1) where $1 <> all(masters)`, [master])
}

async function untell(db: Database, master: string): Promise<void> {
  await db.query(`update ${db.tables.meta} set masters = array_remove(masters, $1)`, [master])
}

function encrypted(name: string): Error {
  return problem(
    'store_encrypted',
    name,
    'is encrypted, and no key was given',
    'Give it: postgres(url, { encryption: { key } }), or REPRISE_KEY on the command line.',
  )
}

/** The error about a key that was given for a store that is not encrypted. */
export function notEncrypted(name: string): Error {
  return problem(
    'store_not_encrypted',
    name,
    'is not encrypted, and a key was given',
    'Leave the key away. A store is encrypted from its beginning, or not at all: for an encrypted one, choose another schema.',
  )
}
