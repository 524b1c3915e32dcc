import { addUsed, type Entry, type EntryOf, NO_TOTALS, type Used } from '@reprise/core'
import { oneLine, short } from '../show/text.ts'
import { sayReplyUsed, usedBy } from '../show/used.ts'
import { begun, isOver, put, type Step } from './step.ts'

/** What a run has done and is at, as its entries tell one after the other. */
export class Progress {
  /** In the order in which they began. */
  readonly steps: Step[] = []
  /** What the run itself has used. */
  used: Used = NO_TOTALS
  /** The run that it goes on as. */
  continuedAs: string | undefined
  /** The entry that ended it. */
  ending: EntryOf<'run.completed' | 'run.failed' | 'run.cancelled'> | undefined
  /** When the last entry was written. */
  lastAt = 0
  readonly #byKey = new Map<string, Step>()
  #agent = ''
  #model = ''
  #turn: Step | undefined
  #turns = 0

  /** Whether runs of its own may begin without an entry of it: while calls are under way. */
  get mayBegin(): boolean {
    return this.#turn?.steps.some((call) => !isOver(call)) ?? false
  }

  tell(entry: Entry): void {
    this.lastAt = entry.at
    // What a fork took over was used by the run that it comes from.
    this.used = entry.kind === 'run.forked' ? NO_TOTALS : addUsed(this.used, { ...NO_TOTALS, ...usedBy(entry) })
    if ('card' in entry.body) {
      this.#agent = entry.body.card.agent
      this.#model = entry.body.card.model
    }
    this.#take(entry)
  }

  #take(entry: Entry): void {
    const { at, key } = entry
    switch (entry.kind) {
      case 'run.started':
        if ('card' in entry.body) this.#ask(at)
        return
      case 'model.replied':
        return this.#replied(entry)
      case 'model.failed':
        return this.#modelFailed(entry)
      case 'model.asked':
        if (this.#turn) this.#turn.note = 'the service works on it'
        return
      case 'call.judged':
        if (!entry.body.allowed) this.#settle(key, 'failed', at, `refused: ${short(entry.body.told ?? '')}`)
        return
      case 'approval.asked':
        return this.#set(key, 'waiting', at, 'for somebody to allow it', entry.body.until ?? null)
      case 'approval.given':
        if (entry.body.approved) return this.#set(key, 'busy', at)
        return this.#settle(key, 'failed', at, `refused by ${oneLine(entry.body.by)}`)
      case 'answer.asked':
        return this.#set(key, 'waiting', at, 'for somebody to answer it', entry.body.until ?? null)
      case 'call.intended':
        return this.#set(key, 'busy', at)
      case 'call.returned':
        return this.#settle(key, 'done', at)
      case 'call.failed':
      case 'step.failed':
        return this.#failed(entry)
      case 'call.doubted':
        return this.#set(key, 'waiting', at, 'in doubt: it may or may not have happened')
      case 'call.resolved':
        if (!entry.body.happened) return this.#set(key, 'busy', at, 'it did not happen')
        return this.#settle(key, 'done', at, `it happened, says ${oneLine(entry.body.by)}`)
      case 'handoff.made':
        return this.#settle(key, 'done', at, `${oneLine(entry.body.to)} takes over`)
      case 'output.judged':
        this.#add(begun(key, 'answer', at), 'failed', at, `sent back: ${short(entry.body.told)}`)
        return this.#ask(at)
      case 'step.returned':
      case 'timer.fired':
        return this.#set(key, 'done', at)
      case 'child.started':
        return this.#set(key, 'busy', at, oneLine(entry.body.runId))
      case 'run.rewound':
        return this.#set(
          key,
          'busy',
          at,
          `goes on with ${oneLine(entry.body.to)} instead, says ${oneLine(entry.body.by)}`,
        )
      case 'child.ended': {
        const { runId, ending } = entry.body
        return this.#set(key, ending.kind === 'completed' ? 'done' : 'failed', at, `${oneLine(runId)} ${ending.kind}`)
      }
      case 'timer.set':
        return this.#set(key, 'waiting', at, '', entry.body.until)
      case 'message.received':
        return this.#add(begun(key, `signal ${oneLine(entry.body.signal)}`, at), 'done', at)
      case 'race.won':
        return this.#won(entry)
      case 'run.completed':
      case 'run.failed':
      case 'run.cancelled':
        return this.#end(entry)
      case 'history.compacted':
      case 'run.waiting':
      case 'run.forked':
      case 'run.quarantined':
      case 'run.released':
      case 'definition.changed':
      case 'history.joined':
      case 'memory.read':
        return
      default:
        entry satisfies never
    }
  }

  /** The model is asked from now on, as far as anybody can tell. */
  #ask(at: number): void {
    this.#turn = begun(`turn ${this.#turns}`, `turn ${this.#turns} ${oneLine(this.#agent)}`, at)
    this.#turn.note = oneLine(this.#model)
    this.#turns += 1
    this.steps.push(this.#turn)
  }

  #replied({ key, at, attempt, body: { reply, summary } }: EntryOf<'model.replied'>): void {
    if (summary) return this.#set(key, 'done', at, sayReplyUsed(reply))
    if (!this.#turn || isOver(this.#turn)) this.#ask(at)
    if (!this.#turn) return
    const cut = reply.finish === 'stop' ? '' : `cut short (${reply.finish}), `
    const tries = attempt > 1 ? `, attempt ${attempt}` : ''
    put(this.#turn, cut ? 'failed' : 'done', at, `${cut}${sayReplyUsed(reply)}${tries}`)
    let calls = 0
    for (const item of cut ? [] : reply.items) {
      if (item.kind !== 'call') continue
      const call = begun(`${key}/call:${calls++}`, `${oneLine(item.name)} ${short(item.arguments)}`, at)
      this.#turn.steps.push(call)
      this.#byKey.set(call.key, call)
    }
  }

  #modelFailed({ key, at, attempt, body: { error, retryAt, summary } }: EntryOf<'model.failed'>): void {
    if (summary) return this.#set(key, retryAt === null ? 'failed' : 'again', at, oneLine(error.code), retryAt)
    if (!this.#turn || isOver(this.#turn)) this.#ask(at)
    if (!this.#turn) return
    const note = `${oneLine(error.code)}${attempt > 1 ? `, attempt ${attempt}` : ''}`
    put(this.#turn, retryAt === null ? 'failed' : 'again', at, note, retryAt)
  }

  #failed({ kind, key, at, attempt, body: { error, retryAt } }: EntryOf<'call.failed' | 'step.failed'>): void {
    const note = `${oneLine(error.code)}${attempt > 1 ? `, attempt ${attempt}` : ''}`
    if (retryAt !== null) this.#set(key, 'again', at, note, retryAt)
    else if (kind === 'call.failed') this.#settle(key, 'failed', at, note)
    else this.#set(key, 'failed', at, note)
  }

  /** What the branches that have lost were at goes on no more. */
  #won({ key, at, body: { branch } }: EntryOf<'race.won'>): void {
    const lost = this.steps.filter((step) => step.key.startsWith(`${key}/branch:`) && !isOver(step))
    for (const step of lost)
      if (!step.key.startsWith(`${key}/branch:${branch}/`)) put(step, 'done', at, 'lost the race')
    this.#add(begun(key, oneLine(key), at), 'done', at, `won by branch ${branch}`)
  }

  #end(entry: EntryOf<'run.completed' | 'run.failed' | 'run.cancelled'>): void {
    this.ending = entry
    if (entry.kind === 'run.completed') this.continuedAs = entry.body.continuedAs
    // A turn that was under way has not come to its end.
    for (const step of [...this.steps, ...(this.#turn?.steps ?? [])])
      if (!isOver(step)) put(step, entry.kind === 'run.completed' ? 'done' : 'failed', entry.at, 'broken off')
  }

  /** Changes a step, which begins with that where it was not there. */
  #set(key: string, standing: Step['standing'], at: number, note = '', until: number | null = null): void {
    const step = this.#byKey.get(key)
    if (step) put(step, standing, at, note, until)
    else this.#add(begun(key, oneLine(key), at), standing, at, note, until)
  }

  #add(step: Step, standing: Step['standing'], at: number, note = '', until: number | null = null): void {
    put(step, standing, at, note, until)
    this.#byKey.set(step.key, step)
    this.steps.push(step)
  }

  /** Ends a call: after the last of a turn the model is asked again. */
  #settle(key: string, standing: 'done' | 'failed', at: number, note = ''): void {
    this.#set(key, standing, at, note)
    if (this.#turn?.steps.some((call) => call.key === key) && this.#turn.steps.every(isOver)) this.#ask(at)
  }
}
