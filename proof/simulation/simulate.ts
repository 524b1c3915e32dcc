// One simulation: runs of all kinds, several processes that work on them, people outside, and whatever may go wrong.
// Everything follows from the seed. The engine, its runtimes and its stores are the real ones.
import { createRuntime, defineWorkflow, messageOf, ModelError, type Runtime } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { Auditor, ended } from '../auditor.ts'
import { type BookingStore, encryptedPlace, memoryPlace, type Place, sqlitePlace } from '../journal-store.ts'
import { memoryLedger, Outside } from '../outside.ts'
import { allStories, answer, definitions } from '../stories.ts'
import { whim } from '../wider-stories.ts'
import { Dice } from './dice.ts'
import { chooseFaults, NO_FAULTS } from './faults.ts'
import { type Disk, faulty } from './faulty-store.ts'
import { endOf, judge } from './judge.ts'
import { People } from './people.ts'
import { EPOCH, never, ownersSeenBy, Process } from './process.ts'
import { World } from './world.ts'

/** How long things go wrong, in milliseconds. */
const TROUBLE_MS = 50_000
/**
 * How long all may take once nothing goes wrong any more, in milliseconds: what was interrupted often waits for five
 * minutes, and what waits for it, for as long again.
 */
const PATIENCE_MS = 1_200_000
/** A definition that none of the processes has: runs of another fleet that shares the store. */
const alien = defineWorkflow({ name: 'alien', input: z.string(), run: async () => 'never here' })
/** One in so many simulations has such runs in front of its own, a few or more than any look at the queue gives. */
const INVADED = 15
const INVADERS = [5, 300]

/** One in so many simulations has its runs on the disk, every other of these encrypted. */
const ON_DISK = 10

/** What came of a simulation. */
export interface Simulated {
  readonly seed: number
  /** What must not be; nothing, where all is well. */
  readonly complaints: readonly string[]
  readonly trace: readonly string[]
}

/** A place where a process runs, and another after it. */
interface Node {
  readonly machine: number
  process: Process
  runtime: Runtime
}

/** Plays the simulation of a seed. */
export async function simulate(seed: number): Promise<Simulated> {
  const simulation = new Simulation(seed)
  const unhandled = (error: unknown): void => simulation.complain(`Nobody handles: ${messageOf(error)}`)
  process.on('unhandledRejection', unhandled)
  try {
    await simulation.play()
  } catch (error) {
    simulation.complain(`It broke: ${error instanceof Error ? error.stack : String(error)}`)
  } finally {
    process.off('unhandledRejection', unhandled)
    await simulation.close()
  }
  return { seed, complaints: simulation.complaints, trace: simulation.trace }
}

class Simulation {
  readonly #dice: Dice
  readonly #world: World
  readonly #disk: Disk
  readonly #place: Place
  readonly #auditor: Auditor
  readonly #ledger = memoryLedger()
  readonly #processes = new Map<string, Process>()
  readonly #nodes: Node[] = []
  readonly #people: People
  readonly #opened: BookingStore[] = []
  /** How far any clock ever was ahead, in milliseconds. */
  #mostMs = 0
  /** How often the id of each run has begun anew. */
  readonly #anew = new Map<string, number>()
  /** Who is about to do what must not be done twice, by the key of the call. */
  readonly #dallying = new Map<string, Process>()
  #isRotated = false
  #isHealed = false
  #isOver = false

  constructor(seed: number) {
    this.#dice = new Dice(seed)
    this.#world = new World(this.#dice.fork())
    this.#disk = { faults: chooseFaults(this.#dice), full: false, keyless: false }
    this.#place = seed % ON_DISK > 0 ? memoryPlace() : seed % (2 * ON_DISK) > 0 ? encryptedPlace() : sqlitePlace()
    this.#auditor = new Auditor(
      (complaint) => this.#world.note(`WRONG ${complaint}`),
      (owner) => (this.#processes.get(owner)?.awake ? this.#world.now : undefined),
      () => EPOCH + this.#world.now + this.#mostMs,
    )
    this.#people = new People({
      world: this.#world,
      dice: this.#dice,
      disk: this.#disk,
      auditor: this.#auditor,
      ledger: this.#ledger,
      complain: (complaint) => this.complain(complaint),
      awake: () => this.#awake(),
      endOf: (id) => endOf(this.#auditor, id),
      compare: ({ runId, status, divergence }) => {
        if (status !== 'matched') this.complain(`${runId} replays otherwise: ${JSON.stringify(divergence)}`)
      },
      isAnew: (id) => this.#anew.has(id),
      isUnderWay: (key) => this.#dallying.get(key)?.over === false,
    })
    this.#auditor.onAnew = (runId) => {
      this.#world.note(`${runId} begins anew`)
      this.#anew.set(runId, (this.#anew.get(runId) ?? 0) + 1)
      this.#ledger.forget(runId)
      const wish = this.#people.wishes.find(({ id }) => id === runId)
      if (wish) this.#people.sayNumbers(wish)
    }
  }

  get complaints(): readonly string[] {
    return this.#auditor.complaints
  }

  get trace(): readonly string[] {
    return this.#world.trace
  }

  complain(complaint: string): void {
    this.#auditor.complain(complaint)
  }

  async play(): Promise<void> {
    const drawn = this.#dice.fork()
    whim.next = drawn.next
    if (this.#dice.chance(1 / INVADED)) await this.#invade(this.#dice.pick(INVADERS))
    for (let count = this.#dice.pick([1, 2, 2, 3, 3]); count > 0; count--)
      this.#nodes.push(await this.#begin(this.#dice.count(0, 1)))
    // What is rare in a mixture is common where all runs are alike.
    const names = Object.keys(allStories)
    const theme = this.#dice.chance(0.5) ? [this.#dice.pick(names)] : names
    for (let count = this.#dice.count(2, 6); count > 0; count--) this.#people.wish(count, this.#dice.pick(theme))
    this.#every(1_000, () => this.#trouble())
    this.#every(1_500, () => this.#people.look())
    while (this.#world.now < TROUBLE_MS && !this.#isDone()) await this.#world.step()
    this.#heal()
    const end = this.#world.now + PATIENCE_MS
    while (this.#world.now < end && !this.#isDone()) await this.#world.step()
    this.#isOver = true
    await this.#judge()
  }

  async close(): Promise<void> {
    for (const { store } of this.#opened) await store.close()
    this.#place.close()
  }

  /** Another fleet has left its runs, each more urgent than any here. */
  async #invade(count: number): Promise<void> {
    const opened = await this.#place.open()
    this.#opened.push(opened)
    const runtime = createRuntime({
      store: opened.store,
      models: scriptedModel([]),
      definitions: [alien],
      clock: { now: () => EPOCH, monotonic: () => 0, sleep: () => never() },
      random: this.#dice.fork().next,
    })
    for (let number = 0; number < count; number++)
      await runtime.enqueue(alien, '', { id: `${alien.name}-${number}`, priority: 3 })
  }

  // Processes

  async #begin(machine: number): Promise<Node> {
    const opened = await this.#place.open()
    this.#opened.push(opened)
    const process = new Process(`m${machine}/p${this.#processes.size}`, this.#world)
    this.#processes.set(process.name, process)
    process.skewMs = this.#isHealed ? this.#mostMs : this.#dice.chance(0.2) ? this.#jump() : 0
    this.#world.note(`${process.name} begins`)
    const runtime: Runtime = createRuntime({
      store: faulty(this.#auditor.watch(opened.store), process, this.#disk),
      models: this.#modelOf(process),
      definitions,
      services: this.#outsideOf(process, opened),
      clock: process.clock,
      random: process.dice.next,
      owners: ownersSeenBy(process, this.#processes),
      log: {
        info: () => undefined,
        warn: (line) => this.#world.note(`${process.name} warns: ${line}`),
        error: (line) => this.#world.note(`${process.name} says: ${line}`),
      },
    })
    runtime.work({ concurrency: this.#dice.count(1, 4) })
    return { machine, process, runtime }
  }

  #modelOf(process: Process) {
    const { dice, world } = process
    return scriptedModel(async (request, _nth, signal) => {
      if (process.dead) return never()
      world.note(`${process.name} asks for ${request.runId} after ${request.items.length}`)
      this.#auditor.asks(request, process.name)
      if (this.#disk.keyless) return new ModelError({ code: 'no_key', message: 'There is no key.', mendable: true })
      await process.clock.sleep(dice.between(50, 1_500), signal)
      if (!dice.chance(this.#disk.faults.modelFails)) return answer(request)
      const retryAfterMs = dice.chance(0.3) ? dice.between(0, dice.pick([5_000, 5_000, 60_000])) : undefined
      return new ModelError({ code: 'busy', message: 'The model is busy.', retryable: true, retryAfterMs })
    })
  }

  #outsideOf(process: Process, { book }: BookingStore): Outside {
    const { dice, name, world } = process
    const dies = (): boolean => {
      if (!process.dead && dice.chance(this.#disk.faults.diesAtDeed / 2)) process.kill()
      return process.dead
    }
    return new Outside(this.#ledger, book, {
      differs: (complaint) => this.complain(complaint),
      reach: async (deed, doer, what, perform) => {
        if (process.dead) return never()
        this.#auditor.begins(deed, doer, name)
        if (dies()) return never()
        // What fails while a `once` tool runs is told to the model, which is another story.
        if ((deed === 'look' || deed === 'pay') && dice.chance(this.#disk.faults.deedFails)) {
          this.#auditor.ends(doer, name)
          throw new Error(`It did not work to ${deed} ${what}.`)
        }
        if (deed === 'mail' || deed === 'post') await this.#dally(process, doer.idempotencyKey)
        world.note(`${name} does ${deed} ${what} at ${doer.idempotencyKey}`)
        if (dice.chance(this.#disk.faults.endsAtDeed)) this.#endAtOnce(process)
        perform()
        if (dies()) return never()
        const ms = dice.chance(this.#disk.faults.deedLasts) ? dice.between(1_000, 12_000) : dice.between(1, 300)
        // Some heed their signal, and some do not.
        await process.clock.sleep(ms, dice.chance(0.5) ? doer.signal : undefined)
        this.#auditor.ends(doer, name)
      },
      book: (doer, perform) => {
        this.#auditor.begins('book', doer, name)
        world.note(`${name} books at ${doer.idempotencyKey}`)
        perform()
        this.#auditor.ends(doer, name)
      },
    })
  }

  /**
   * Something may come between the beginning of a deed that must not be done twice and the deed itself where all are on
   * one machine, and know that its process lives. From another machine nobody could tell the two apart.
   */
  async #dally(process: Process, key: string): Promise<void> {
    if (new Set(this.#nodes.map(({ machine }) => machine)).size > 1) return
    if (!process.dice.chance(this.#disk.faults.dallies)) return
    this.#dallying.set(key, process)
    // That is the worst of times.
    if (this.#disk.faults.stopped > 0 && process.dice.chance(0.5)) process.stop()
    await process.clock.sleep(process.dice.between(1, 4_000))
    this.#dallying.delete(key)
  }

  #awake(): Node | undefined {
    const awake = this.#nodes.filter(({ process }) => process.awake)
    return awake.length > 0 ? this.#dice.pick(awake) : undefined
  }

  // What goes wrong

  #every(ms: number, run: () => void): void {
    this.#world.after(ms * this.#dice.between(0.5, 1.5), () => {
      if (this.#isOver) return
      run()
      this.#every(ms, run)
    })
  }

  #trouble(): void {
    if (this.#isHealed) return
    const { faults } = this.#disk
    for (const node of this.#nodes) {
      const { process } = node
      if (process.dead) {
        if (this.#dice.chance(0.5)) this.#replace(node)
      } else if (this.#dice.chance(faults.killed)) process.kill()
      else if (!process.awake) continue
      else if (this.#isBusy(process) && this.#dice.chance(faults.stopped)) process.stop()
      else if (this.#dice.chance(faults.ended)) this.#end(node)
      else if (this.#dice.chance(faults.jumps)) process.skewMs = this.#jump()
    }
    if (!this.#disk.full && this.#dice.chance(faults.full)) {
      this.#world.note('The disk is full')
      this.#disk.full = true
      this.#world.after(this.#dice.between(200, 8_000), () => {
        this.#world.note('The disk has room')
        this.#disk.full = false
      })
    }
    if (this.#place.rotate && this.#dice.chance(faults.rotated)) this.#rotate()
    if (this.#dice.chance(faults.cleaned)) this.#clean()
    if (!this.#disk.keyless && this.#dice.chance(faults.keyless)) {
      this.#world.note('There is no key')
      this.#disk.keyless = true
      this.#world.after(this.#dice.between(1_000, 20_000), () => {
        this.#world.note('There is a key')
        this.#disk.keyless = false
      })
    }
    if (this.#dice.chance(faults.meddles)) this.#people.meddle()
  }

  #isBusy({ name }: Process): boolean {
    return [...this.#auditor.runs.values()].some(({ row }) => row.owner === name)
  }

  #jump(): number {
    const skewMs = Math.floor(this.#dice.pick([10, 5_000, 3_600_000]) * this.#dice.between(-1, 1))
    this.#world.note(`A clock is ${skewMs} ms ahead`)
    this.#mostMs = Math.max(this.#mostMs, skewMs)
    return skewMs
  }

  /** Another process takes the place of one that is dead, before time goes on. */
  #replace(node: Node): void {
    this.#world.aside(async () => {
      if (node.process.dead) Object.assign(node, await this.#begin(node.machine))
    })
  }

  #endAtOnce(process: Process): void {
    const node = this.#nodes.find((one) => one.process === process)
    if (node) this.#end(node)
  }

  #rotate(): void {
    this.#world.note('The master key is another one')
    this.#isRotated = true
    this.#place.rotate?.()
    const node = this.#dice.pick(this.#nodes)
    if (node.process.awake) this.#end(node)
  }

  #clean(): void {
    const olderThanMs = this.#dice.pick([0, 5_000, 20_000])
    this.#people.call('cleans up', (runtime) => runtime.gc({ olderThanMs }))
    for (const wish of this.#people.wishes)
      if (this.#auditor.gone.has(wish.id) && this.#dice.chance(0.5)) this.#people.begun(wish)
  }

  /** As on SIGTERM: what is under way is written, and the process ends. */
  #end(node: Node): void {
    const { process, runtime } = node
    this.#world.note(`${process.name} is told to end`)
    void runtime.close().then(
      () => {
        if (process.dead) return
        this.#world.note(`${process.name} has ended`)
        process.kill()
        if (this.#isHealed) this.#replace(node)
      },
      (error: unknown) => this.complain(`${process.name} could not end: ${messageOf(error)}`),
    )
  }

  /** Nothing goes wrong from now on. Of what is stopped or dead some stays so, as long as somebody lives. */
  #heal(): void {
    this.#world.note('Nothing goes wrong any more')
    this.#isHealed = true
    this.#disk.faults = NO_FAULTS
    this.#disk.full = false
    this.#disk.keyless = false
    for (const [number, node] of this.#nodes.entries()) {
      if (number > 0 && this.#dice.chance(0.5)) node.process.forsake()
      else if (node.process.dead) this.#replace(node)
      else node.process.goOn()
    }
    // Who has an old key can do nothing any more: whoever changes it begins all processes anew.
    if (this.#isRotated)
      for (const node of this.#nodes) {
        node.process.kill()
        this.#replace(node)
      }
    // The clocks are set right; what is right is behind nothing that any of them has said.
    for (const process of this.#processes.values()) process.skewMs = this.#mostMs
  }

  // What must be

  #isDone(): boolean {
    return (
      this.#people.wishes.every(({ id }) => this.#people.isKnown(id)) && [...this.#auditor.runs.values()].every(ended)
    )
  }

  async #judge(): Promise<void> {
    const opened = await this.#place.open()
    this.#opened.push(opened)
    await judge({
      auditor: this.#auditor,
      opened,
      wishes: this.#people.wishes,
      lines: this.#ledger.lines(),
      exposed: this.#place.exposed(),
      alien: alien.name,
      anew: this.#anew,
      complain: (complaint) => this.complain(complaint),
    })
  }
}
