// The processes of a simulation: each has a runtime of its own over the one store, a model, and a world outside.
import { createRuntime, messageOf, ModelError, type Runtime } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import type { Auditor } from '../auditor.ts'
import type { BookingStore, Place } from '../journal-store.ts'
import { answer } from '../stories/agents.ts'
import { type Ledger, Outside, upon } from '../stories/outside.ts'
import { definitions } from '../stories/stories.ts'
import type { Dice } from './dice.ts'
import { type Disk, faulty } from './faulty-store.ts'
import { never, ownersSeenBy, Process } from './process.ts'
import type { Timetable } from './timetable.ts'
import type { World } from './world.ts'

/** What the processes share. */
export interface FleetParts {
  readonly world: World
  readonly dice: Dice
  readonly disk: Disk
  readonly place: Place
  readonly auditor: Auditor
  readonly ledger: Ledger
  /** What each process declares as it begins; undefined where the world has none. */
  readonly timetable: Timetable | undefined
  readonly complain: (complaint: string) => void
}

/** A place where a process runs, and another after it. */
export interface Node {
  readonly machine: number
  process: Process
  runtime: Runtime
}

/** All processes that there are and were. */
export class Fleet {
  readonly nodes: Node[] = []
  readonly processes = new Map<string, Process>()
  /** How far any clock ever was ahead, in milliseconds. */
  mostMs = 0
  /** Nothing goes wrong any more: all clocks are right, and whoever ends has somebody in its place. */
  isHealed = false
  readonly #parts: FleetParts
  readonly #opened: BookingStore[] = []
  /** Who is about to do what must not be done twice, by the key of the call. */
  readonly #dallying = new Map<string, Process>()

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  /** Opens the store, until the fleet is closed. */
  async open(): Promise<BookingStore> {
    const opened = await this.#parts.place.open()
    this.#opened.push(opened)
    return opened
  }

  async close(): Promise<void> {
    for (const { store } of this.#opened) await store.close()
  }

  /** Whether somebody is about to do what a call does. */
  isUnderWay(key: string): boolean {
    return this.#dallying.get(key)?.over === false
  }

  /** Begins a process, which works on whatever runs there are. */
  async begin(machine: number): Promise<Node> {
    const opened = await this.open()
    const process = new Process(`m${machine}/p${this.processes.size}`, this.#parts.world)
    this.processes.set(process.name, process)
    process.skewMs = this.isHealed ? this.mostMs : this.#parts.dice.chance(0.2) ? this.jump() : 0
    this.#parts.world.note(`${process.name} begins`)
    const runtime: Runtime = createRuntime({
      store: faulty(this.#parts.auditor.watch(opened.store), process, this.#parts.disk, this.#parts.place.isRemote),
      models: this.#modelOf(process),
      definitions,
      services: this.#outsideOf(process, opened),
      clock: process.clock,
      random: process.dice.next,
      owners: ownersSeenBy(process, this.processes),
      log: {
        info: () => undefined,
        warn: (line) => this.#parts.world.note(`${process.name} warns: ${line}`),
        error: (line) => this.#parts.world.note(`${process.name} says: ${line}`),
      },
    })
    void this.#parts.timetable
      ?.declare(runtime)
      .catch((error: unknown) => this.#parts.world.note(`${process.name} could not declare: ${messageOf(error)}`))
    runtime.work({ concurrency: this.#parts.dice.count(1, 4) })
    return { machine, process, runtime }
  }

  /** One of the nodes whose process is awake; undefined where none is. */
  awake(): Node | undefined {
    const awake = this.nodes.filter(({ process }) => process.awake)
    return awake.length > 0 ? this.#parts.dice.pick(awake) : undefined
  }

  /** Draws how far a clock is ahead from now on. */
  jump(): number {
    const skewMs = Math.floor(this.#parts.dice.pick([10, 5_000, 3_600_000]) * this.#parts.dice.between(-1, 1))
    this.#parts.world.note(`A clock is ${skewMs} ms ahead`)
    this.mostMs = Math.max(this.mostMs, skewMs)
    return skewMs
  }

  /** Another process takes the place of one that is dead, before time goes on. */
  replace(node: Node): void {
    this.#parts.world.aside(async () => {
      if (node.process.dead) Object.assign(node, await this.begin(node.machine))
    })
  }

  /** As on SIGTERM: what is under way is written, and the process ends. */
  end(node: Node): void {
    const { process, runtime } = node
    this.#parts.world.note(`${process.name} is told to end`)
    void runtime.close().then(
      () => {
        if (process.dead) return
        this.#parts.world.note(`${process.name} has ended`)
        process.kill()
        if (this.isHealed) this.replace(node)
      },
      (error: unknown) => this.#parts.complain(`${process.name} could not end: ${messageOf(error)}`),
    )
  }

  #endAtOnce(process: Process): void {
    const node = this.nodes.find((one) => one.process === process)
    if (node) this.end(node)
  }

  #modelOf(process: Process) {
    const { dice, world } = process
    return scriptedModel(async (request, _nth, signal) => {
      if (process.dead) return never()
      world.note(`${process.name} asks for ${request.runId} after ${request.items.length}`)
      this.#parts.auditor.asks(request, process.name)
      if (this.#parts.disk.keyless)
        return new ModelError({ code: 'no_key', message: 'There is no key.', mendable: true })
      await process.clock.sleep(dice.between(50, 1_500), signal)
      if (!dice.chance(this.#parts.disk.faults.modelFails)) return answer(request)
      const retryAfterMs = dice.chance(0.3) ? dice.between(0, dice.pick([5_000, 5_000, 60_000])) : undefined
      return new ModelError({ code: 'busy', message: 'The model is busy.', retryable: true, retryAfterMs })
    })
  }

  #outsideOf(process: Process, { book }: BookingStore): Outside {
    const { dice, name, world } = process
    const dies = (): boolean => {
      if (!process.dead && dice.chance(this.#parts.disk.faults.diesAtDeed / 2)) process.kill()
      return process.dead
    }
    return new Outside(this.#parts.ledger, book, {
      differs: (complaint) => this.#parts.complain(complaint),
      reach: async (deed, doer, what, perform) => {
        if (process.dead) return never()
        this.#parts.auditor.begins(deed, doer, name)
        if (dies()) return never()
        // What fails while a `once` tool runs is told to the model, which is another story.
        if ((deed === 'look' || deed === 'pay') && dice.chance(this.#parts.disk.faults.deedFails)) {
          this.#parts.auditor.ends(doer, name)
          throw new Error(`It did not work to ${deed} ${what}.`)
        }
        if (deed === 'mail' || deed === 'post') await this.#dally(process, doer.idempotencyKey)
        world.note(`${name} does ${deed} ${what} at ${doer.idempotencyKey}`)
        if (dice.chance(this.#parts.disk.faults.endsAtDeed)) this.#endAtOnce(process)
        perform()
        if (dies()) return never()
        const ms = dice.chance(this.#parts.disk.faults.deedLasts) ? dice.between(1_000, 12_000) : dice.between(1, 300)
        // Some heed their signal, and some do not.
        await process.clock.sleep(ms, dice.chance(0.5) ? doer.signal : undefined)
        this.#parts.auditor.ends(doer, name)
      },
      book: (doer, perform) => {
        this.#parts.auditor.begins('book', doer, name)
        world.note(`${name} books at ${doer.idempotencyKey}`)
        return upon(perform(), () => this.#parts.auditor.ends(doer, name))
      },
    })
  }

  /**
   * Something may come between the beginning of a deed that must not be done twice and the deed itself where all are on
   * one machine, and know that its process lives. From another machine nobody could tell the two apart.
   */
  async #dally(process: Process, key: string): Promise<void> {
    if (new Set(this.nodes.map(({ machine }) => machine)).size > 1) return
    if (!process.dice.chance(this.#parts.disk.faults.dallies)) return
    this.#dallying.set(key, process)
    // That is the worst of times.
    if (this.#parts.disk.faults.stopped > 0 && process.dice.chance(0.5)) process.stop()
    await process.clock.sleep(process.dice.between(1, 4_000))
    this.#dallying.delete(key)
  }
}
