import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { addUsed, DefinitionError, NO_TOTALS, PROGRESS, StoreError, TX } from '@reprise/core'
import type {
  Beginning,
  EndedStatus,
  Erasure,
  InboxMessage,
  LineageSecrets,
  OwnerBeat,
  RunFilter,
  RunRow,
  RunWrite,
  Secret,
  SealedEntry,
  SeenRun,
  Store,
  TakeFilter,
  Taker,
  Used,
  WriteResult,
} from '@reprise/core'

import {
  eraseRun,
  finish,
  fresh,
  isKeptRound,
  isOne,
  isSame,
  isSuspect,
  type Kept,
  mayGoOn,
  wasErased,
} from './kept-run.ts'

/** The database of a memory store: what transactional tools write to, kept or dropped together with their entries. */
export type MemoryTables = Map<string, unknown>

/** A store that is gone with its process. */
export interface MemoryStore extends Store, AsyncDisposable {
  transact: NonNullable<Store['transact']>
  /**
   * Gives a transactional tool this store's tables: a copy, one level deep, that replaces them with the tool's entry.
   *
   * @param ctx what the tool's `execute` was given.
   * @throws DefinitionError outside of such a tool's `execute`.
   */
  tx(ctx: object): MemoryTables
}

/**
 * Makes an empty store in memory. It keeps what it is given as it is given: no copies, no hash chain. Nothing of it is
 * ever written to a disk, so it keeps secrets without being given a key.
 *
 * @example
 * ```ts
 * import { defineTool } from '@reprise/core'
 * import { memoryStore } from '@reprise/testing'
 * import { z } from 'zod'
 *
 * const store = memoryStore()
 * const restock = defineTool({
 *   name: 'restock',
 *   description: 'Sets the stock of a product.',
 *   input: z.object({ sku: z.string(), count: z.int() }),
 *   effect: 'transactional',
 *   execute: ({ sku, count }, ctx) => {
 *     store.tx(ctx).set(sku, count)
 *     return count
 *   },
 * })
 * ```
 */
export function memoryStore(): MemoryStore {
  return new Memory()
}

interface Owner {
  readonly beat: number
  /** Another number, which there never was, once a run was taken from it. */
  readonly lost: number
}

const DEFAULT_LIMIT = 100

class Memory implements MemoryStore {
  readonly transacts = 'sync'
  readonly #runs = new Map<string, Kept>()
  /** The ids of the runs below a run, and of the rounds after a first one. */
  readonly #below = new Map<string, Set<string>>()
  readonly #rounds = new Map<string, Set<string>>()
  readonly #owners = new Map<string, Owner>()
  #lost = 0
  readonly #secrets = new Map<string, Map<string, Secret>>()
  readonly #key = createSecretKey(randomBytes(32))
  #tables: MemoryTables = new Map()
  #open: MemoryTables | undefined

  async commit(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    return writes.map((write) => this.#write(write))
  }

  async transact(
    runId: string,
    epoch: number,
    effect: (handle: unknown) => RunWrite | Promise<RunWrite>,
  ): Promise<WriteResult> {
    if (this.#runs.get(runId)?.row.epoch !== epoch) return { kind: 'stale' }
    const tables = new Map(this.#tables)
    this.#open = tables
    try {
      const result = this.#write(atOnce(effect(tables)))
      if (result.kind === 'written') this.#tables = tables
      return result
    } finally {
      this.#open = undefined
    }
  }

  tx(ctx: object): MemoryTables {
    if (this.#open && TX in ctx && ctx[TX] === this.#open) return this.#open
    throw new DefinitionError({
      code: 'tx_outside',
      message: `store.tx(ctx) was called where no transaction of this memory store is open. It gives its tables inside the execute of a tool with effect: 'transactional', with that tool's own ctx. Declare the tool so.`,
    })
  }

  async claim({ id, epoch, ownerBeat }: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    const kept = this.#runs.get(id)
    if (kept?.row.epoch !== epoch || this.#beatOf(kept.row) !== ownerBeat || kept.row.endedAt !== null) return undefined
    return this.#give(kept, taker)
  }

  async take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    const { now, gone, definitions, except, only, order, limit } = filter
    const isGone = (row: RunRow): boolean =>
      row.owner === null || gone.some(({ owner, beat }) => owner === row.owner && beat === this.#beatOf(row))
    const isMine = (row: RunRow): boolean =>
      definitions.some(({ kind, name }) => kind === row.kind && name === row.name) && !except.includes(row.id)
    const found = [...this.#runs.values()]
      .filter(({ row }) => row.endedAt === null && isGone(row) && isMine(row))
      .filter((kept) => mayGoOn(kept, now) && (only === undefined || (only === 'suspects') === isSuspect(kept)))
    const newest = found.toReversed()
    const inOrder = {
      suspects: () => newest.toSorted((a, b) => a.row.attempts - b.row.attempts),
      newest: () => newest,
      urgent: () => found.toSorted((a, b) => b.row.priority - a.row.priority),
    }
    return inOrder[only === 'suspects' ? only : (order ?? 'urgent')]()
      .slice(0, limit)
      .map((kept) => this.#give(kept, taker))
  }

  async beat(owner: string, beat: number): Promise<number> {
    return this.#show(owner, beat).lost
  }

  async owned(owner: string): Promise<readonly string[]> {
    return this.#ownedBy(owner).flatMap(({ row }) => (row.endedAt === null ? [row.id] : []))
  }

  async owners(): Promise<readonly OwnerBeat[]> {
    const rows = [...this.#runs.values()].flatMap(({ row }) => (row.endedAt === null ? row : []))
    const owners = new Set(rows.flatMap(({ owner }) => owner ?? []))
    return [...owners].map((owner) => ({ owner, beat: this.#owners.get(owner)?.beat ?? 0 }))
  }

  async run(runId: string): Promise<RunRow | undefined> {
    return this.#runs.get(runId)?.row
  }

  async newest(root: string): Promise<RunRow | undefined> {
    return [...this.#runs.values()]
      .map(({ row }) => row)
      .filter((row) => row.root === root)
      .reduce<RunRow | undefined>((newest, row) => (row.round > (newest?.round ?? 0) ? row : newest), undefined)
  }

  async used(runIds: readonly string[]): Promise<readonly Used[]> {
    return runIds.map((id) => this.#used(id))
  }

  async runs({ status, name, tag, parentId, after, limit = DEFAULT_LIMIT }: RunFilter): Promise<readonly RunRow[]> {
    const rows = [...this.#runs.values()].map(({ row }) => row)
    const start = after === undefined ? 0 : rows.indexOf(this.#find(after).row) + 1
    return rows
      .slice(start)
      .filter((row) => (status ?? row.status) === row.status && (name ?? row.name) === row.name)
      .filter((row) => tag === undefined || row.tags.includes(tag))
      .filter((row) => parentId === undefined || row.parentId === parentId)
      .slice(0, limit)
  }

  async entries(runId: string): Promise<readonly SealedEntry[]> {
    const kept = this.#runs.get(runId)
    if (kept && kept.row.erasedAt !== null) throw wasErased(kept)
    return kept?.entries.slice() ?? []
  }

  async send(message: InboxMessage, secrets: readonly Secret[] = []): Promise<boolean> {
    const { inbox, row } = this.#find(message.runId)
    this.#keep(row.lineageId, secrets)
    if (inbox.some(({ dedupe }) => dedupe === message.dedupe)) return false
    inbox.push(message)
    return true
  }

  async inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.#runs.get(runId)?.inbox.slice() ?? []
  }

  async mail(owner: string): Promise<readonly string[]> {
    return this.#ownedBy(owner).flatMap(({ row, inbox }) => (inbox.length > 0 ? [row.id] : []))
  }

  async gc(endedBefore: number, statuses: readonly EndedStatus[], limit: number): Promise<readonly string[]> {
    const newest = new Map<string, RunRow>()
    for (const { row } of this.#runs.values())
      if (row.round > (newest.get(row.root)?.round ?? 0)) newest.set(row.root, row)
    const ended = [...this.#runs.values()]
      .filter(({ row: { endedAt, status } }) => endedAt !== null && endedAt < endedBefore && isOne(status, statuses))
      .filter(({ row }) => !isKeptRound(row, newest.get(row.root), endedBefore, statuses))
    const deleted: string[] = []
    for (const { row } of ended) {
      if (deleted.length === limit) break
      // Parents come before their children, which stay with them.
      if (row.parentId !== null && this.#runs.has(row.parentId)) continue
      this.#delete(row.id)
      deleted.push(row.id)
    }
    const left = new Set([...this.#runs.values()].map(({ row }) => row.lineageId))
    for (const lineageId of this.#secrets.keys()) if (!left.has(lineageId)) this.#secrets.delete(lineageId)
    return deleted
  }

  async secrets(lineageId: string, from: number): Promise<LineageSecrets> {
    const token = (value: string): string =>
      `secret_${createHmac('sha256', this.#key).update(`${lineageId} ${value}`).digest('base64url').slice(0, 22)}`
    return { token, secrets: [...(this.#secrets.get(lineageId)?.values() ?? [])].slice(from) }
  }

  async erase(lineageId: string, by: string, at: number): Promise<Erasure> {
    this.#find(lineageId)
    const runs = [...this.#runs.values()].filter(({ row }) => row.lineageId === lineageId)
    const active = runs.filter(({ row }) => row.endedAt === null)
    if (active.length > 0) return { kind: 'active', runIds: active.map(({ row }) => row.id) }
    for (const kept of runs) eraseRun(kept, by, at)
    this.#secrets.delete(lineageId)
    return { kind: 'erased', runs: runs.length }
  }

  // What it holds outlives it, so that a test may close a runtime and give its store to the next.
  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #give(kept: Kept, { owner, beat }: Taker): RunRow {
    const { row } = kept
    const before = row.owner === null ? undefined : this.#owners.get(row.owner)
    if (row.owner !== null && before) this.#owners.set(row.owner, { ...before, lost: ++this.#lost })
    this.#show(owner, beat)
    const progress = this.#progressOf(kept)
    const again = (row.owner !== null || kept.counted) && kept.taken === progress
    kept.taken = progress
    kept.counted = false
    kept.row = { ...row, owner, epoch: row.epoch + 1, attempts: again ? row.attempts + 1 : 1 }
    return kept.row
  }

  /** Those that have no run any more make room for an owner that comes. */
  #show(name: string, beat: number): Owner {
    const known = this.#owners.get(name)
    const owner = { beat, lost: known?.lost ?? ++this.#lost }
    this.#owners.set(name, owner)
    if (known) return owner
    const active = new Set([...this.#runs.values()].flatMap(({ row }) => (row.endedAt === null ? row.owner : [])))
    for (const other of this.#owners.keys()) if (other !== name && !active.has(other)) this.#owners.delete(other)
    return owner
  }

  /** How many entries that got it further a run and those below it have. */
  #progressOf({ row, entries }: Kept): number {
    const own = entries.filter(({ kind }) => PROGRESS.has(kind)).length
    const children = [...this.#runs.values()].filter((kept) => kept.row.parentId === row.id)
    return children.reduce((sum, child) => sum + this.#progressOf(child), own)
  }

  /** The beat of a run's owner; null where it has none. */
  #beatOf({ owner }: RunRow): number | null {
    return owner === null ? null : (this.#owners.get(owner)?.beat ?? 0)
  }

  #write(write: RunWrite): WriteResult {
    const kept = this.#keptFor(write)
    if (kept === undefined) return { kind: write.create ? 'exists' : 'stale' }
    const begins = (write.begins ?? []).map(asWrite)
    const begun = begins.map((begin) => this.#keptFor(begin))
    if (begun.includes(undefined)) return { kind: 'exists' }
    this.#writeTo(kept, write)
    for (const [index, begin] of begins.entries()) {
      const to = begun[index]
      if (to) this.#writeTo(to, begin)
    }
    if (!write.countSecrets) return { kind: 'written' }
    return { kind: 'written', secrets: this.#secrets.get(kept.row.lineageId)?.size ?? 0 }
  }

  #writeTo(kept: Kept, write: RunWrite): void {
    this.#runs.set(kept.row.id, kept)
    const { id, owner, parentId, root, round } = kept.row
    if (parentId !== null) addTo(this.#below, parentId, id)
    if (round > 1) addTo(this.#rounds, root, id)
    if (owner !== null && !this.#owners.has(owner)) this.#show(owner, 0)
    kept.entries.push(...write.entries.slice(kept.entries.length - (write.entries[0]?.seq ?? 0)))
    const last = write.entries.at(-1)
    if (last !== undefined && last.seq !== kept.entries.length - 1) return
    finish(kept, write)
    this.#keep(kept.row.lineageId, write.secrets)
    for (const message of write.messages ?? []) this.#leave(message)
  }

  #keep(lineageId: string, secrets: readonly Secret[] = []): void {
    if (secrets.length === 0) return
    const kept = this.#secrets.get(lineageId) ?? new Map<string, Secret>()
    this.#secrets.set(lineageId, kept)
    for (const secret of secrets) if (!kept.has(secret.token)) kept.set(secret.token, secret)
  }

  #delete(id: string): void {
    const { parentId = null, root = id } = this.#runs.get(id)?.row ?? {}
    this.#runs.delete(id)
    if (parentId !== null) this.#below.get(parentId)?.delete(id)
    this.#rounds.get(root)?.delete(id)
  }

  /** What the rounds before a run, and all runs below it and them, have used. */
  #used(runId: string): Used {
    const row = this.#runs.get(runId)?.row
    if (!row) return NO_TOTALS
    const came = new Set(row.round > 1 ? this.#before(row) : [])
    for (const child of this.#childrenOf(row)) came.add(child)
    // A set is walked to what is added on the way too.
    for (const one of came) for (const child of this.#childrenOf(one)) came.add(child)
    return [...came].reduce<Used>((sum, { totals }) => addUsed(sum, totals), NO_TOTALS)
  }

  #before({ root, round }: RunRow): readonly RunRow[] {
    return this.#rows([root, ...(this.#rounds.get(root) ?? [])]).filter((row) => row.round < round)
  }

  /** A workflow whose row has turns is of before 0.2: its children's are among them. */
  #childrenOf({ id, kind, totals }: RunRow): readonly RunRow[] {
    return kind === 'workflow' && totals.turns > 0 ? [] : this.#rows(this.#below.get(id) ?? [])
  }

  #rows(ids: Iterable<string>): readonly RunRow[] {
    return Array.from(ids).flatMap((id) => this.#runs.get(id)?.row ?? [])
  }

  #leave(message: InboxMessage): void {
    const kept = this.#runs.get(message.runId)
    if (!kept || kept.row.endedAt !== null || kept.inbox.some(({ dedupe }) => dedupe === message.dedupe)) return
    kept.inbox.push(message)
  }

  /** Gives the run that a write goes on with, or would begin; undefined when the write is refused. */
  #keptFor({ runId, epoch, create, entries, row }: RunWrite): Kept | undefined {
    const found = this.#runs.get(runId)
    const next = found?.entries.length ?? 0
    const first = entries[0]?.seq ?? next
    if (first > next || entries.some(({ seq }, index) => seq !== first + index)) return undefined
    if (found === undefined) return create && !this.#isErased(create.lineageId) ? fresh(create, entries) : undefined
    const own =
      found.row.epoch === epoch && (create === undefined || (found.row.owner === create.owner && first < next))
    // What ended a run may stand though its caller saw an error: then nothing else becomes of it.
    if (found.row.endedAt !== null && row && entries.length === 0) return undefined
    return own && entries.every((entry) => isSame(entry, found.entries[entry.seq])) ? found : undefined
  }

  #isErased(runId: string): boolean {
    return (this.#runs.get(runId)?.row.erasedAt ?? null) !== null
  }

  #find(runId: string): Kept {
    const kept = this.#runs.get(runId)
    if (kept) return kept
    throw new StoreError({
      code: 'store_no_run',
      message: `The memory store has no run "${runId}". Give the id of a run that was started.`,
      details: { runId },
    })
  }

  #ownedBy(owner: string): readonly Kept[] {
    return [...this.#runs.values()].filter(({ row }) => row.owner === owner)
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(value))
}

/** What an effect gives in a store where it must not be asynchronous. */
function atOnce(write: RunWrite | Promise<RunWrite>): RunWrite {
  if (!(write instanceof Promise)) return write
  write.catch(() => undefined)
  throw new TypeError('An effect on this store must not be asynchronous: store.transacts is "sync".')
}

/** The write that begins a run beside another's. */
function asWrite({ row, ...begin }: Beginning): RunWrite {
  return { runId: row.id, epoch: row.epoch, create: row, ...begin }
}
