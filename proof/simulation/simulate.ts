// One simulation: runs of all kinds, several processes that work on them, people outside, and whatever may go wrong.
// Everything follows from the seed. The engine, its runtimes and its stores are the real ones.
import { createRuntime, defineWorkflow, messageOf } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { Auditor } from '../auditor.ts'
import { encryptedPlace, memoryPlace, type Place, sqlitePlace } from '../journal-store.ts'
import { ended } from '../seen.ts'
import { memoryLedger } from '../stories/outside.ts'
import { allStories } from '../stories/stories.ts'
import { whim } from '../stories/wider-stories.ts'
import { Dice } from './dice.ts'
import { chooseFaults, NO_FAULTS } from './faults.ts'
import type { Disk } from './faulty-store.ts'
import { Fleet } from './fleet.ts'
import { endOf, judge } from './judge.ts'
import { People } from './people.ts'
import { EPOCH, never, type Process } from './process.ts'
import { Timetable } from './timetable.ts'
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

/** One in so many simulations has a schedule. */
const TIMED = 4

/** One in so many simulations has its runs on the disk, every other of these encrypted. */
const ON_DISK = 10

/** What came of a simulation. */
export interface Simulated {
  readonly seed: number
  /** What must not be; nothing, where all is well. */
  readonly complaints: readonly string[]
  readonly trace: readonly string[]
}

/**
 * Plays the simulation of a seed.
 *
 * @param place where its runs live; mostly in memory where it is not said, and sometimes on the disk.
 */
export async function simulate(seed: number, place: Place = placeOf(seed)): Promise<Simulated> {
  const simulation = new Simulation(seed, place)
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

function placeOf(seed: number): Place {
  return seed % ON_DISK > 0 ? memoryPlace() : seed % (2 * ON_DISK) > 0 ? encryptedPlace() : sqlitePlace()
}

class Simulation {
  readonly #dice: Dice
  readonly #world: World
  readonly #disk: Disk
  readonly #place: Place
  readonly #auditor: Auditor
  readonly #ledger = memoryLedger()
  readonly #fleet: Fleet
  readonly #people: People
  readonly #timetable: Timetable | undefined
  /** How often the id of each run has begun anew. */
  readonly #anew = new Map<string, number>()
  #isRotated = false
  /** In milliseconds since 1970, as all clocks say it by then. */
  #agreedFrom = Infinity
  #isOver = false

  constructor(seed: number, place: Place) {
    this.#dice = new Dice(seed)
    this.#world = new World(this.#dice.fork())
    this.#disk = { faults: chooseFaults(this.#dice), full: false, keyless: false }
    this.#place = place
    this.#auditor = new Auditor(
      (complaint) => this.#world.note(`WRONG ${complaint}`),
      (owner) => (this.#fleet.processes.get(owner)?.awake ? this.#world.now : undefined),
      () => EPOCH + this.#world.now + this.#fleet.mostMs,
      () => this.#agreedFrom,
    )
    const parts = {
      world: this.#world,
      dice: this.#dice,
      disk: this.#disk,
      auditor: this.#auditor,
      ledger: this.#ledger,
      complain: (complaint: string) => this.complain(complaint),
    }
    this.#timetable = this.#dice.chance(1 / TIMED) ? new Timetable(this.#dice.fork()) : undefined
    this.#fleet = new Fleet({ ...parts, place: this.#place, timetable: this.#timetable })
    this.#people = new People({
      ...parts,
      awake: () => this.#fleet.awake(),
      endOf: (id) => endOf(this.#auditor, id),
      compare: ({ runId, status, divergence }) => {
        if (status !== 'matched') this.complain(`${runId} replays otherwise: ${JSON.stringify(divergence)}`)
      },
      isAnew: (id) => this.#anew.has(id),
      isUnderWay: (key) => this.#fleet.isUnderWay(key),
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
    await this.#timetable?.begin((await this.#fleet.open()).store)
    if (this.#dice.chance(1 / INVADED)) await this.#invade(this.#dice.pick(INVADERS))
    for (let count = this.#dice.pick([1, 2, 2, 3, 3]); count > 0; count--)
      this.#fleet.nodes.push(await this.#fleet.begin(this.#dice.count(0, 1)))
    // What is rare in a mixture is common where all runs are alike.
    const names = Object.keys(allStories)
    const theme = this.#dice.chance(0.5) ? [this.#dice.pick(names)] : names
    for (let count = this.#dice.count(2, 6); count > 0; count--) this.#people.wish(count, this.#dice.pick(theme))
    this.#every(1_000, () => this.#trouble())
    this.#every(1_500, () => this.#people.look())
    while (this.#world.now < TROUBLE_MS && !this.#isDone()) await this.#world.step()
    this.#heal()
    const timetable = this.#timetable
    if (timetable) this.#world.aside(async () => timetable.end((await this.#fleet.open()).store))
    const end = this.#world.now + PATIENCE_MS
    while (this.#world.now < end && !this.#isDone()) await this.#world.step()
    this.#isOver = true
    await this.#judge()
  }

  async close(): Promise<void> {
    await this.#fleet.close()
    await this.#place.close()
  }

  /** Another fleet has left its runs, each more urgent than any here. */
  async #invade(count: number): Promise<void> {
    const opened = await this.#fleet.open()
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

  // What goes wrong

  #every(ms: number, run: () => void): void {
    this.#world.after(ms * this.#dice.between(0.5, 1.5), () => {
      if (this.#isOver) return
      run()
      this.#every(ms, run)
    })
  }

  #trouble(): void {
    if (this.#fleet.isHealed) return
    const { faults } = this.#disk
    for (const node of this.#fleet.nodes) {
      const { process } = node
      if (process.dead) {
        if (this.#dice.chance(0.5)) this.#fleet.replace(node)
      } else if (this.#dice.chance(faults.killed)) process.kill()
      else if (!process.awake) continue
      else if (this.#isBusy(process) && this.#dice.chance(faults.stopped)) process.stop()
      else if (this.#dice.chance(faults.ended)) this.#fleet.end(node)
      else if (this.#dice.chance(faults.jumps)) process.skewMs = this.#fleet.jump()
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
    if (this.#dice.chance(faults.rewinds)) this.#people.rewind()
  }

  #isBusy({ name }: Process): boolean {
    return [...this.#auditor.runs.values()].some(({ row }) => row.owner === name)
  }

  #rotate(): void {
    this.#world.note('The master key is another one')
    this.#isRotated = true
    this.#place.rotate?.()
    const node = this.#dice.pick(this.#fleet.nodes)
    if (node.process.awake) this.#fleet.end(node)
  }

  #clean(): void {
    const olderThanMs = this.#dice.pick([0, 5_000, 20_000])
    this.#people.call('cleans up', (runtime) => runtime.gc({ olderThanMs }))
    for (const wish of this.#people.wishes)
      if (this.#auditor.gone.has(wish.id) && this.#dice.chance(0.5)) this.#people.begun(wish)
  }

  /** Nothing goes wrong from now on. Of what is stopped or dead some stays so, as long as somebody lives. */
  #heal(): void {
    this.#world.note('Nothing goes wrong any more')
    this.#fleet.isHealed = true
    this.#disk.faults = NO_FAULTS
    this.#disk.full = false
    this.#disk.keyless = false
    for (const [number, node] of this.#fleet.nodes.entries()) {
      if (number > 0 && this.#dice.chance(0.5)) node.process.forsake()
      else if (node.process.dead) this.#fleet.replace(node)
      else node.process.goOn()
    }
    // Who has an old key can do nothing any more: whoever changes it begins all processes anew.
    if (this.#isRotated)
      for (const node of this.#fleet.nodes) {
        node.process.kill()
        this.#fleet.replace(node)
      }
    // The clocks are set right; what is right is behind nothing that any of them has said.
    for (const process of this.#fleet.processes.values()) process.skewMs = this.#fleet.mostMs
    this.#agreedFrom = EPOCH + this.#world.now + this.#fleet.mostMs
  }

  // What must be

  #isDone(): boolean {
    return (
      this.#people.wishes.every(({ id }) => this.#people.isKnown(id)) && [...this.#auditor.runs.values()].every(ended)
    )
  }

  async #judge(): Promise<void> {
    const opened = await this.#fleet.open()
    for (const fired of this.#auditor.fired.values())
      for (const complaint of this.#timetable?.complaints(fired) ?? []) this.complain(complaint)
    await judge({
      auditor: this.#auditor,
      opened,
      wishes: this.#people.wishes,
      lines: this.#ledger.lines(),
      exposed: await this.#place.exposed(),
      alien: alien.name,
      anew: this.#anew,
      complain: (complaint) => this.complain(complaint),
    })
  }
}
