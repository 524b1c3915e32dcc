// One simulation: runs of all kinds, several processes that work on them, people outside, and whatever may go wrong.
// Everything follows from the seed. The engine, its runtimes and its stores are the real ones.
import {
  createRuntime,
  defineWorkflow,
  type Json,
  messageOf,
  ModelError,
  type Outcome,
  type Replay,
  RepriseError,
  type Runtime,
} from '@reprise/core'
import { z } from 'zod'
import { scriptedModel } from '../../scripted-model.ts'
import { type BookingStore, encryptedPlace, memoryPlace, type Place, sqlitePlace } from '../journal-store.fixture.ts'
import { memoryLedger, Outside } from '../outside.fixture.ts'
import { replayAll } from '../replay-all.fixture.ts'
import { allStories, answer, definitions, go } from '../stories.fixture.ts'
import type { Story } from '../story.fixture.ts'
import { number, NUMBERS, whim } from '../wider-stories.fixture.ts'
import { Auditor, ended } from '../auditor.fixture.ts'
import { Dice } from './dice.fixture.ts'
import { chooseFaults, NO_FAULTS } from './faults.fixture.ts'
import { type Disk, faulty } from './faulty-store.fixture.ts'
import { EPOCH, never, ownersSeenBy, Process } from './process.fixture.ts'
import { World } from './world.fixture.ts'

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

/** A run that somebody outside wants. */
interface Wish {
  readonly id: string
  readonly name: string
  readonly story: Story
  cancelled: boolean
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
  readonly #wishes: Wish[] = []
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
    this.#auditor.onAnew = (runId) => {
      this.#world.note(`${runId} begins anew`)
      this.#anew.set(runId, (this.#anew.get(runId) ?? 0) + 1)
      this.#ledger.forget(runId)
      const wish = this.#wishes.find(({ id }) => id === runId)
      if (wish) this.#sayNumbers(wish)
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
    for (let count = this.#dice.count(2, 6); count > 0; count--) this.#wish(count, this.#dice.pick(theme))
    this.#every(1_000, () => this.#trouble())
    this.#every(1_500, () => this.#people())
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
    if (this.#dice.chance(faults.meddles)) this.#meddle()
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
    this.#call('cleans up', (runtime) => runtime.gc({ olderThanMs }))
    for (const wish of this.#wishes) if (this.#auditor.gone.has(wish.id) && this.#dice.chance(0.5)) this.#begun(wish)
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

  // People and programs outside

  #wish(number: number, name: string): void {
    const wish = { id: `r${number}`, name, story: allStories[name] as Story, cancelled: false }
    this.#wishes.push(wish)
    this.#world.after(this.#dice.between(0, 25_000), () => this.#start(wish))
    if (wish.story.hears === 'go' && this.#dice.chance(0.6))
      this.#world.after(this.#dice.between(0, 20_000), () => this.#send(wish))
    this.#sayNumbers(wish)
    if (this.#dice.chance(this.#disk.faults.cancelled))
      this.#world.after(this.#dice.between(1_000, 20_000), () => this.#cancel(wish))
  }

  /** Asks for a run until it is there. */
  #start(wish: Wish): void {
    if (this.#isKnown(wish.id)) return
    this.#begun(wish)
    this.#world.after(this.#dice.between(1_000, 4_000), () => this.#start(wish))
  }

  #begun({ id, story: { definition, input } }: Wish): void {
    // What a story is started with fits its definition.
    const given = input as never
    const priority = this.#dice.count(0, 2)
    if (this.#dice.chance(0.5))
      this.#call(`enqueues ${id}`, (runtime) => runtime.enqueue(definition, given, { id, priority }))
    else this.#call(`starts ${id}`, async (runtime) => this.#follow(id, await runtime.start(definition, given, { id })))
  }

  async #follow(id: string, run: { outcome(): Promise<Outcome<unknown>> }): Promise<void> {
    const outcome = await run.outcome()
    this.#world.note(`${id} is said to be ${outcome.kind}`)
    if (outcome.kind !== 'completed') return
    const said = JSON.stringify(outcome.output)
    const is = this.#endOf(id)
    if (is !== said) this.complain(`${id} is said to have ended with ${said}, and ended with ${is}`)
  }

  #send({ id }: Wish): void {
    const retry = (): unknown => this.#world.after(2_000, () => this.#send({ id } as Wish))
    if (!this.#auditor.runs.has(id)) return void retry()
    this.#call(`sends go to ${id}`, (runtime) => runtime.send(id, go, null, { id: '1' }), retry)
  }

  #sayNumbers(wish: Wish): void {
    if (wish.story.hears !== 'numbers') return
    for (let sent = 1; sent <= NUMBERS; sent++)
      this.#world.after(this.#dice.between(0, 20_000), () => this.#sendNumber(wish, sent))
  }

  /** Says a number until it is told that it has arrived: who sends is somebody else's process. */
  #sendNumber(wish: Wish, sent: number): void {
    const { id } = wish
    let isHeard = false
    const say = (): void => {
      if (isHeard || (this.#isKnown(id) && !this.#isOpen(id))) return
      this.#world.after(this.#dice.between(2_000, 5_000), say)
      if (!this.#auditor.runs.has(id)) return
      this.#call(`sends ${sent} to ${id}`, async (runtime) => {
        await runtime.send(id, number, sent, { id: String(sent) })
        isHeard = true
      })
    }
    say()
  }

  #isKnown(id: string): boolean {
    return this.#auditor.runs.has(id) || this.#auditor.gone.has(id)
  }

  #isOpen(id: string): boolean {
    const seen = this.#auditor.runs.get(id)
    return seen !== undefined && !ended(seen)
  }

  #cancel(wish: Wish): void {
    const retry = (): unknown => this.#world.after(2_000, () => this.#cancel(wish))
    if (!this.#auditor.runs.has(wish.id)) return void retry()
    wish.cancelled = true
    this.#call(`cancels ${wish.id}`, (runtime) => runtime.cancel(wish.id), retry)
  }

  /** People look at what waits for them. */
  #people(): void {
    for (const [runId, { row }] of this.#auditor.runs) {
      const { waiting } = row
      if (!waiting) continue
      if (waiting.kind === 'approval') this.#answer(runId, waiting)
      if (waiting.kind === 'in-doubt') this.#resolve(runId, waiting)
      if (waiting.kind === 'quarantined')
        this.#call(`releases ${runId}`, (runtime) => runtime.release(runId, { by: 'ana' }))
    }
  }

  /** Of a call that may run out they do not always say something, and not always yes. */
  #answer(runId: string, { id, until }: { readonly id: string; readonly until?: number }): void {
    if (until !== undefined && this.#dice.chance(0.8)) return
    if (until !== undefined && this.#dice.chance(0.3))
      this.#say(`refuses ${id} of ${runId}`, (runtime) => runtime.reject(runId, id, { by: 'ben' }))
    else this.#say(`approves ${id} of ${runId}`, (runtime) => runtime.approve(runId, id, { by: 'ana' }))
  }

  /** They say what they see now, whenever it arrives, and nothing of what somebody is still about to do. */
  #resolve(runId: string, { key, id }: { readonly key: string; readonly id: string }): void {
    if (this.#dallying.get(`${runId}/${key}`)?.over === false) return
    const line = this.#ledger.lines().find((line) => line.endsWith(` ${runId}/${key}`))
    const result = line?.split(' ').slice(0, 2).join(' ')
    const resolution = result === undefined ? ({ happened: false } as const) : ({ happened: true, result } as const)
    this.#say(`resolves ${id} of ${runId}`, (runtime) => runtime.resolve(runId, id, resolution, 'ana'))
  }

  /** A person's word may take its time: by then, something else may be asked. */
  #say(what: string, call: (runtime: Runtime) => Promise<unknown>): void {
    if (!this.#dice.chance(this.#disk.faults.late)) return this.#call(what, call)
    this.#world.after(this.#dice.between(500, 15_000), () => this.#call(`${what}, late`, call))
  }

  /** Somebody does what is done already, or cannot be done. */
  #meddle(): void {
    const wish = this.#dice.pick(this.#wishes)
    const { id, story } = wish
    if (!this.#auditor.runs.has(id)) return
    switch (this.#dice.count(0, 4)) {
      case 0:
        return this.#begun(wish)
      case 1:
        return this.#call(`resumes ${id}`, async (runtime) => this.#follow(id, await runtime.resume(id)))
      case 2:
        return this.#call(`starts ${id} otherwise`, async (runtime) => {
          await runtime.start(story.definition, 'otherwise', { id })
          // One that was deleted meanwhile begins anew with whatever it is given.
          if (!this.#anew.has(id)) this.complain(`${id} was started with another input`)
        })
      case 3:
        return this.#call(`replays ${id}`, async (runtime) => this.#compare(await runtime.replay(id)))
      default:
        return this.#people()
    }
  }

  /** Has a process do something for somebody outside; what it throws must be of Reprise. */
  #call(what: string, call: (runtime: Runtime) => Promise<unknown>, retry: () => unknown = () => undefined): void {
    const node = this.#awake()
    if (!node) return void retry()
    const { process, runtime } = node
    this.#world.note(`${process.name} ${what}`)
    call(runtime).then(
      () => this.#world.sound(),
      (error: unknown) => {
        this.#world.note(`${process.name} could not: ${messageOf(error)}`)
        if (!RepriseError.is(error)) this.complain(`${process.name} ${what}: ${String(error)}`)
        retry()
      },
    )
  }

  // What must be

  #isDone(): boolean {
    return this.#wishes.every(({ id }) => this.#isKnown(id)) && [...this.#auditor.runs.values()].every(ended)
  }

  /** How a run ended, or the one that goes on in its place: its output as JSON, or what became of it. */
  #endOf(id: string): string {
    const last = (this.#auditor.runs.get(id) ?? this.#auditor.gone.get(id))?.entries.at(-1)
    if (last?.kind !== 'run.completed') return last?.kind ?? 'nothing'
    const { output, continuedAs } = JSON.parse(last.text) as { readonly output: Json; readonly continuedAs?: string }
    return continuedAs === undefined ? JSON.stringify(output) : this.#endOf(continuedAs)
  }

  #compare({ runId, status, divergence }: Replay): void {
    if (status !== 'matched') this.complain(`${runId} replays otherwise: ${JSON.stringify(divergence)}`)
  }

  async #judge(): Promise<void> {
    for (const [id, seen] of this.#auditor.runs) {
      if (ended(seen)) continue
      const { status, owner, waiting } = seen.row
      this.complain(
        `${id} is stranded: ${status}, owned by ${owner ?? 'nobody'}, waiting for ${JSON.stringify(waiting)}`,
      )
    }
    const opened = await this.#place.open()
    this.#opened.push(opened)
    const done = [...this.#ledger.lines(), ...(await opened.booked())]
    for (const wish of this.#wishes) this.#judgeEnd(wish, done)
    for (const complaint of await replayAll(opened.store, ({ name }) => name !== alien.name)) this.complain(complaint)
    for (const said of this.#place.exposed()) this.complain(`"${said}" stands in plain view`)
    for (const [id, seen] of this.#auditor.runs) {
      const { length } = await opened.store.entries(id)
      if (length !== seen.entries.length)
        this.complain(`${id} has ${length} entries, and ${seen.entries.length} were written`)
    }
  }

  #judgeEnd({ id, name, story, cancelled }: Wish, lines: readonly string[]): void {
    const done = lines.flatMap((line) => {
      const [deed, what, key = ''] = line.split(' ')
      const rest = key.slice(id.length)
      return key.startsWith(id) && /^[/~]/.test(rest) ? `${deed} ${what} ${rest}` : []
    })
    const output = this.#endOf(id)
    const ends = Object.entries(story.ends)
    const end = ends.find(([said]) => JSON.stringify(said) === output)?.[1]
    if (!end && !(cancelled && output === 'run.cancelled')) this.complain(`${id} (${name}) ended with ${output}`)
    const must = end?.must ?? []
    const may = end ? (end.may ?? []) : ends.flatMap(([, { must, may = [] }]) => [...must, ...may])
    for (const line of must) if (!done.includes(line)) this.complain(`${id} (${name}) did not ${line}`)
    for (const line of done)
      if (!must.includes(line) && !may.includes(line)) this.complain(`${id} (${name}) did ${line}`)
    // What is booked stands in the store's own table, also for those that had the id before.
    const times = (line: string): number => (line.startsWith('book ') ? (this.#anew.get(id) ?? 0) + 1 : 1)
    for (const line of new Set(done))
      if (done.filter((other) => other === line).length > times(line))
        this.complain(`${id} (${name}) did ${line} twice`)
  }
}
