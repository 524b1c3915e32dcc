// A store as a process of the simulation reaches it: late, in vain, or at the price of its life.
import { type Store, StoreError } from '@reprise/core'
import { changedStore } from '@reprise/testing'
import type { Faults } from './faults.ts'
import { eachCall } from '../stillness.ts'
import { never, type Process } from './process.ts'
import type { World } from './world.ts'

/** What the processes of a simulation share. */
export interface Disk {
  faults: Faults
  full: boolean
  /** Whether the key of the model is missing. */
  keyless: boolean
}

/** Wraps a store for one process. */
export function faulty(given: Store, process: Process, disk: Disk, isRemote = false): Store {
  const { dice, world } = process
  const store = holding(given, world, isRemote)
  const { reach, look, write, written } = reaching(process, disk)
  const transact = store.transact?.bind(store)
  return changedStore(store, {
    commit: (writes) =>
      write(
        `commits ${writes.map(({ runId, entries }) => `${runId}[${entries.map(({ kind }) => kind).join(' ')}]`).join(' ')}`,
        () => store.commit(writes),
      ),
    ...(transact && {
      transact: (runId, epoch, effect) => write(`transacts ${runId}`, () => transact(runId, epoch, effect)),
    }),
    claim: (seen, taker) => write(`claims ${seen.id}`, () => store.claim(seen, taker)),
    take: (...given) =>
      look('take', async () => {
        if (disk.full) throw failure('take', process, 'full', true)
        const rows = await store.take(...given)
        // Who looks in vain has written nothing.
        if (rows.length === 0) return rows
        return written(`takes ${rows.map(({ id }) => id).join(' ')}`, rows, dice.chance(disk.faults.dies))
      }),
    overdue: (filter) => look('overdue', () => store.overdue(filter)),
    send: (message, ...more) =>
      write(`sends ${message.dedupe} to ${message.runId}`, () => store.send(message, ...more)),
    sendEarly: (message, limit) =>
      write(`sends ${message.dedupe} early to ${message.runId}`, () => store.sendEarly(message, limit)),
    heartbeat: (...given) =>
      look('beat', async () => {
        if (disk.full) throw failure('beat', process, 'full', true)
        return store.heartbeat(...given)
      }),
    owners: () => look('owners', () => store.owners()),
    owned: (owner) => look('owned', () => store.owned(owner)),
    used: (runIds) => reach('used', () => store.used(runIds)),
    newest: (root) => reach('newest', () => store.newest(root)),
    mail: (owner) => look('mail', () => store.mail(owner)),
    run: (runId) => reach('run', () => store.run(runId)),
    runs: (filter) => reach('runs', () => store.runs(filter)),
    entries: (runId, from) => reach('entries', () => store.entries(runId, from)),
    inbox: (runId) => reach('inbox', () => store.inbox(runId)),
    keepSchedule: (change) => write(`keeps the schedule ${change.schedule.name}`, () => store.keepSchedule(change)),
    schedules: (filter) => reach('schedules', () => store.schedules(filter)),
    dueSchedules: (filter) => look('due schedules', () => store.dueSchedules(filter)),
    deleteSchedule: (name, erases) => write(`deletes the schedule ${name}`, () => store.deleteSchedule(name, erases)),
    keepFact: (fact, note) => write(`keeps the fact ${fact.key}`, () => store.keepFact(fact, note)),
    facts: (filter) => reach('facts', () => store.facts(filter)),
    search: (query) => reach('search', () => store.search(query)),
    eraseFacts: (of, note) => write('erases facts', () => store.eraseFacts(of, note)),
    gc: (...given) => write('cleans up', () => store.gc(...given)),
    erase: (lineageId, ...more) => write(`erases ${lineageId}`, () => store.erase(lineageId, ...more)),
    noteErased: (words) => write('notes erasures', () => store.noteErased(words)),
    audit: (filter) => reach('audit', () => store.audit(filter)),
    note: (notes) => write('notes', () => store.note(notes)),
    pruneAudit: (...given) => write('forgets what was noted', () => store.pruneAudit(...given)),
    // The simulation closes what it has opened.
    close: async () => undefined,
  })
}

/** How a process reaches a store: what it asks for may come late, in vain or at the price of its life. */
function reaching(process: Process, disk: Disk) {
  const { dice, world } = process

  async function reach<T>(name: string, call: () => Promise<T>): Promise<T> {
    if (process.dead) return never()
    const late = dice.chance(disk.faults.slow) ? dice.between(500, 4_000) : dice.between(0.1, 3)
    await process.pause(late)
    if (dice.chance(disk.faults.lost)) throw failure(name, process, 'lost', dice.chance(0.7))
    return stalling(name, await call())
  }

  async function stalling<T>(name: string, result: T): Promise<T> {
    // What was just found out is acted upon: that is the worst of times.
    const worst = name.startsWith('claims') || name === 'take' || name === 'beat'
    if (!dice.chance(disk.faults.stalls * (worst ? 5 : 1))) return result
    process.stop()
    await process.pause(0)
    return result
  }

  /** What is asked again and again comes at once, mostly: it would only fill the time. */
  async function look<T>(name: string, call: () => Promise<T>): Promise<T> {
    if (process.dead) return never()
    if (dice.chance(disk.faults.slow + disk.faults.lost)) return reach(name, call)
    return stalling(name, await call())
  }

  function write<T>(name: string, call: () => Promise<T>): Promise<T> {
    return reach(name, async () => {
      if (disk.full) throw failure(name, process, 'full', true)
      const dies = dice.chance(disk.faults.dies)
      const before = dies && dice.chance(0.5)
      if (before) process.kill()
      if (process.dead) return never<T>()
      return written(name, await call(), dies)
    })
  }

  /** What was written may be the last that its process does, or may not be heard of. */
  function written<T>(name: string, result: T, dies: boolean): Promise<T> | T {
    world.note(`${process.name} ${name} ${said(result)}`)
    if (dies) process.kill()
    if (process.dead) return never<T>()
    if (dice.chance(disk.faults.unheard)) throw failure(name, process, 'unheard', dice.chance(0.7))
    return result
  }

  return { reach, look, write, written }
}

/**
 * The same store: the world waits while it works. What another process does takes the machine's own time, and is done aside:
 * however long it takes, its answer comes where it would come.
 */
function holding(store: Store, world: World, isRemote: boolean): Store {
  return eachCall(store, (call, name) => {
    if (isRemote && !AT_ONCE.has(name)) return world.apart(async () => call())
    const result = call()
    return result instanceof Promise ? world.hold(result) : result
  })
}

/** What a store answers by itself. */
const AT_ONCE: ReadonlySet<string> = new Set(['hold', 'within'])

function failure(name: string, process: Process, what: 'lost' | 'unheard' | 'full', retryable: boolean): StoreError {
  process.world.note(`${process.name} hears that ${name} failed: ${what}`)
  return new StoreError({ code: `store_${what}`, message: `The simulated store says: ${what}.`, retryable })
}

function said(result: unknown): string {
  if (Array.isArray(result)) return result.map(({ kind }: { kind: string }) => kind).join(' ')
  if (typeof result === 'object' && result !== null)
    return 'owner' in result ? 'done' : 'kind' in result ? String(result.kind) : 'done'
  return String(result)
}
