// People and programs outside of a simulation: they want runs, and say what is asked of them, early, late and twice.
import { messageOf, type Outcome, type QueueingOptions, type Replay, RepriseError, type Runtime } from '@reprise/core'
import type { Auditor } from '../auditor.ts'
import { ended } from '../seen.ts'
import type { Ledger } from '../stories/outside.ts'
import { allStories } from '../stories/stories.ts'
import type { Story } from '../stories/story.ts'
import { number, NUMBERS } from '../stories/wider-stories.ts'
import { go } from '../stories/workflows.ts'
import type { Dice } from './dice.ts'
import type { Disk } from './faulty-store.ts'
import type { Process } from './process.ts'
import type { World } from './world.ts'

/** A run that somebody outside wants. */
export interface Wish {
  readonly id: string
  readonly name: string
  readonly story: Story
  cancelled: boolean
  /** Whether it may end because it was late. */
  late: boolean
}

/** What they stand before. */
export interface Shop {
  readonly world: World
  readonly dice: Dice
  readonly disk: Disk
  readonly auditor: Auditor
  readonly ledger: Ledger
  readonly complain: (complaint: string) => void
  /** One of its processes that is awake; undefined where none is. */
  awake(): { readonly process: Process; readonly runtime: Runtime } | undefined
  /** How a run ended, as JSON, or what became of it. */
  endOf(id: string): string
  compare(replay: Replay): void
  /** Whether the id of a run has begun anew. */
  isAnew(id: string): boolean
  /** Whether somebody is about to do what a call does. */
  isUnderWay(key: string): boolean
}

/** All of them. */
export class People {
  readonly wishes: Wish[] = []
  #forks = 0
  readonly #shop: Shop

  constructor(shop: Shop) {
    this.#shop = shop
  }

  wish(number: number, name: string): void {
    const wish = { id: `r${number}`, name, story: allStories[name] as Story, cancelled: false, late: false }
    this.wishes.push(wish)
    this.#shop.world.after(this.#shop.dice.between(0, 25_000), () => this.#start(wish))
    if (wish.story.hears === 'go' && this.#shop.dice.chance(0.6))
      this.#shop.world.after(this.#shop.dice.between(0, 20_000), () => this.#send(wish))
    this.sayNumbers(wish)
    if (this.#shop.dice.chance(this.#shop.disk.faults.cancelled))
      this.#shop.world.after(this.#shop.dice.between(1_000, 20_000), () => this.#cancel(wish))
  }

  /** Asks for a run until it is there. */
  #start(wish: Wish): void {
    if (this.isKnown(wish.id)) return
    this.begun(wish)
    this.#shop.world.after(this.#shop.dice.between(1_000, 4_000), () => this.#start(wish))
  }

  begun(wish: Wish): void {
    const {
      id,
      story: { definition, input },
    } = wish
    // What a story is started with fits its definition.
    const given = input as never
    const queued = this.#queueing(wish)
    if (this.#shop.dice.chance(0.5))
      this.call(`enqueues ${id}`, (runtime) => runtime.enqueue(definition, given, { id, ...queued }))
    else this.call(`starts ${id}`, async (runtime) => this.#follow(id, await runtime.start(definition, given, { id })))
  }

  /** How a run is queued: mostly at once and for ever, and some for later, in a line, or for a while. */
  #queueing(wish: Wish): QueueingOptions {
    const { dice } = this.#shop
    const sometimes = <T>(chance: number, options: () => T): T | undefined =>
      dice.chance(chance) ? options() : undefined
    const limits = sometimes(0.15, () =>
      dice.chance(0.3) ? { expireMs: dice.between(0, 6_000) } : { deadlineMs: dice.between(0, 40_000) },
    )
    if (limits) wish.late = true
    return {
      priority: dice.count(0, 2),
      ...sometimes(0.2, () => ({ delayMs: dice.between(0, 8_000) })),
      ...sometimes(0.4, () => ({ concurrency: { key: dice.pick(['a', 'b']), limit: dice.count(1, 2) } })),
      ...limits,
    }
  }

  async #follow(id: string, run: { outcome(): Promise<Outcome<unknown>> }): Promise<void> {
    const outcome = await run.outcome()
    this.#shop.world.note(`${id} is said to be ${outcome.kind}`)
    if (outcome.kind !== 'completed') return
    const said = JSON.stringify(outcome.output)
    const is = this.#shop.endOf(id)
    if (is !== said) this.#shop.complain(`${id} is said to have ended with ${said}, and ended with ${is}`)
  }

  #send(wish: Wish): void {
    const { id, story } = wish
    const retry = (): unknown => this.#shop.world.after(2_000, () => this.#send(wish))
    if (!this.#shop.auditor.runs.has(id)) {
      const workflow = story.definition
      // The id of one that was deleted begins anew by whoever wants that.
      if (this.isKnown(id) || workflow.kind !== 'workflow' || !this.#shop.dice.chance(0.5)) return void retry()
      const create = { workflow, input: story.input as never, ...this.#queueing(wish) }
      const send = (runtime: Runtime): Promise<void> => runtime.send(id, go, null, { id: '1', create })
      return this.call(`sends go to ${id}, which begins with it`, send, retry)
    }
    this.call(`sends go to ${id}`, (runtime) => runtime.send(id, go, null, { id: '1' }), retry)
  }

  sayNumbers(wish: Wish): void {
    if (wish.story.hears !== 'numbers') return
    for (let sent = 1; sent <= NUMBERS; sent++)
      this.#shop.world.after(this.#shop.dice.between(0, 20_000), () => this.#sendNumber(wish, sent))
  }

  /** Says a number until it is told that it has arrived: who sends is somebody else's process. */
  #sendNumber(wish: Wish, sent: number): void {
    const { id } = wish
    let isHeard = false
    const say = (): void => {
      if (isHeard || (this.isKnown(id) && !this.#isOpen(id))) return
      this.#shop.world.after(this.#shop.dice.between(2_000, 5_000), say)
      if (!this.#shop.auditor.runs.has(id)) {
        // What is cleaned up takes along what waits for a run that is not there.
        if (this.#shop.disk.faults.cleaned > 0 || this.#shop.dice.chance(0.5)) return
        return this.call(`sends ${sent} to ${id} early`, async (runtime) => {
          await runtime.send(id, number, sent, { id: String(sent), early: true })
          isHeard = true
        })
      }
      this.call(`sends ${sent} to ${id}`, async (runtime) => {
        await runtime.send(id, number, sent, { id: String(sent) })
        isHeard = true
      })
    }
    say()
  }

  isKnown(id: string): boolean {
    return this.#shop.auditor.runs.has(id) || this.#shop.auditor.gone.has(id)
  }

  #isOpen(id: string): boolean {
    const seen = this.#shop.auditor.runs.get(id)
    return seen !== undefined && !ended(seen)
  }

  #cancel(wish: Wish): void {
    const retry = (): unknown => this.#shop.world.after(2_000, () => this.#cancel(wish))
    if (!this.#shop.auditor.runs.has(wish.id)) return void retry()
    wish.cancelled = true
    this.call(`cancels ${wish.id}`, (runtime) => runtime.cancel(wish.id), retry)
  }

  /** People look at what waits for them. */
  look(): void {
    for (const [runId, { row }] of this.#shop.auditor.runs) {
      const { waiting } = row
      if (!waiting) continue
      if (waiting.kind === 'approval') this.#answer(runId, waiting)
      if (waiting.kind === 'in-doubt') this.#resolve(runId, waiting)
      if (waiting.kind === 'quarantined')
        this.call(`releases ${runId}`, (runtime) => runtime.unquarantine(runId, { by: 'ana' }))
    }
  }

  /** Of a call that may run out they do not always say something, and not always yes. */
  #answer(runId: string, { id, until }: { readonly id: string; readonly until?: number }): void {
    if (until !== undefined && this.#shop.dice.chance(0.8)) return
    if (until !== undefined && this.#shop.dice.chance(0.3))
      this.#say(`refuses ${id} of ${runId}`, (runtime) => runtime.reject(runId, id, { by: 'ben' }))
    else this.#say(`approves ${id} of ${runId}`, (runtime) => runtime.approve(runId, id, { by: 'ana' }))
  }

  /** They say what they see now, whenever it arrives, and nothing of what somebody is still about to do. */
  #resolve(runId: string, { key, id }: { readonly key: string; readonly id: string }): void {
    if (this.#shop.isUnderWay(`${runId}/${key}`)) return
    const line = this.#shop.ledger.lines().find((line) => line.endsWith(` ${runId}/${key}`))
    const result = line?.split(' ').slice(0, 2).join(' ')
    const resolution = result === undefined ? ({ happened: false } as const) : ({ happened: true, result } as const)
    this.#say(`resolves ${id} of ${runId}`, (runtime) => runtime.settleDoubt(runId, id, resolution, 'ana'))
  }

  /** A person's word may take its time: by then, something else may be asked. */
  #say(what: string, call: (runtime: Runtime) => Promise<unknown>): void {
    if (!this.#shop.dice.chance(this.#shop.disk.faults.late)) return this.call(what, call)
    this.#shop.world.after(this.#shop.dice.between(500, 15_000), () => this.call(`${what}, late`, call))
  }

  /** Somebody has a child run done again from its beginning, and its parent go on with that. */
  rewind(): void {
    const children = [...this.#shop.auditor.runs.values()].filter(
      (seen) => seen.row.parentId !== null && seen.row.kind !== 'workflow' && !ended(seen),
    )
    if (children.length === 0) return
    const { id, parentId } = this.#shop.dice.pick(children).row
    const fork = `${id}+${++this.#forks}`
    this.call(`has ${parentId} go on with ${fork}`, async (runtime) => {
      await runtime.fork(id, { at: 1, id: fork, effects: 'live' })
      await runtime.rewind(parentId ?? '', { from: id, to: fork, by: 'ana' })
    })
  }

  /** Somebody does what is done already, or cannot be done. */
  meddle(): void {
    const wish = this.#shop.dice.pick(this.wishes)
    const { id, story } = wish
    if (!this.#shop.auditor.runs.has(id)) return
    switch (this.#shop.dice.count(0, 4)) {
      case 0:
        return this.begun(wish)
      case 1:
        return this.call(`resumes ${id}`, async (runtime) => this.#follow(id, await runtime.resume(id)))
      case 2:
        return this.call(`starts ${id} otherwise`, async (runtime) => {
          await runtime.start(story.definition, 'otherwise', { id })
          // One that was deleted meanwhile begins anew with whatever it is given.
          if (!this.#shop.isAnew(id)) this.#shop.complain(`${id} was started with another input`)
        })
      case 3:
        return this.call(`replays ${id}`, async (runtime) => this.#shop.compare(await runtime.replay(id)))
      default:
        return this.look()
    }
  }

  /** Has a process do something for somebody outside; what it throws must be of Reprise. */
  call(what: string, call: (runtime: Runtime) => Promise<unknown>, retry: () => unknown = () => undefined): void {
    const node = this.#shop.awake()
    if (!node) return void retry()
    const { process, runtime } = node
    this.#shop.world.note(`${process.name} ${what}`)
    call(runtime).then(
      () => this.#shop.world.sound(),
      (error: unknown) => {
        this.#shop.world.note(`${process.name} could not: ${messageOf(error)}`)
        if (!RepriseError.is(error)) this.#shop.complain(`${process.name} ${what}: ${String(error)}`)
        retry()
      },
    )
  }
}
