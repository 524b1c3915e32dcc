import type { Outcome, RunHandle, RunRow, Session } from '@reprise/core'
import type { DeskRuntime } from '../open-desk.ts'
import type { Teller } from './teller.ts'
import type { Wish } from './wish.ts'

/** Who decides about refunds here: whoever is at the keyboard. */
const STAFF = 'the shop'

/** How many lines are shown of what was said before. */
const LAST = 6

/** A conversation of one customer with the desk. All of it is in the store: it can be left and taken up at any moment. */
export class Conversation {
  readonly #runtime: DeskRuntime
  readonly #session: Session<string>
  readonly #teller: Teller
  /** What was sent from here, whose answers nobody has seen yet. */
  readonly #sent = new Map<string, RunHandle<string>>()
  readonly #showsWords: boolean

  /** @param showsWords whether the customer's words are to be written, too: a terminal shows them while they are typed. */
  constructor(runtime: DeskRuntime, session: Session<string>, teller: Teller, showsWords: boolean) {
    this.#runtime = runtime
    this.#session = session
    this.#teller = teller
    this.#showsWords = showsWords
  }

  /** Shows the last of what was said, and goes on with what was under way. */
  async takeUp(): Promise<boolean> {
    const rows = await this.#session.runs()
    if (rows.length > 0) await this.#show(LAST)
    return this.#goOn(rows)
  }

  /**
   * Does what a line says, as far as it goes.
   *
   * @returns false when this process cannot go on.
   */
  async perform(wish: Exclude<Wish, { kind: 'quit' }>): Promise<boolean> {
    switch (wish.kind) {
      case 'say':
        return this.#say(wish)
      case 'approve':
      case 'reject':
        return this.#decide(wish)
      case 'history':
        await this.#show()
        return true
      case 'unclear':
        this.#teller.line(wish.why)
        return true
      case 'nothing':
        return true
      default:
        return wish satisfies never
    }
  }

  async #say({ id, text }: Wish & { kind: 'say' }): Promise<boolean> {
    const run = await this.#session.send(text, id === undefined ? {} : { id })
    const rows = await this.#session.runs()
    if (rows.find((row) => row.id === run.id)?.endedAt === null) this.#sent.set(run.id, run)
    return this.#goOn(rows)
  }

  /** Goes on with what has not ended, one turn after the other, until somebody is asked. */
  async #goOn(rows: readonly RunRow[]): Promise<boolean> {
    const open = rows.filter(({ endedAt }) => endedAt === null)
    for (const [at, { id }] of open.entries()) {
      const outcome = await this.#follow(id)
      if (outcome.kind === 'waiting') return this.#rest(outcome, open.length - at - 1)
      if (outcome.kind === 'cancelled') this.#teller.line(`This was cancelled: ${outcome.reason}`)
      else if (outcome.kind !== 'completed')
        this.#teller.line(`This ended as ${outcome.kind}: ${outcome.error.message}`)
    }
    return true
  }

  async #follow(id: string): Promise<Outcome> {
    const sent = this.#sent.get(id)
    const run = sent ?? (await this.#runtime.resume(id))
    for await (const event of run) this.#teller.event(event, sent !== undefined && !this.#showsWords)
    return run.outcome()
  }

  #rest({ waiting }: Outcome & { kind: 'waiting' }, behind: number): boolean {
    if (behind > 0)
      this.#teller.line(`  = ${behind} more ${behind === 1 ? 'message waits' : 'messages wait'} behind that`)
    if (waiting.kind !== 'interrupted') return true
    if (waiting.error.code !== 'runtime_stopped') this.#teller.line(`This cannot go on here: ${waiting.error.message}`)
    return false
  }

  async #decide(wish: Wish & { kind: 'approve' | 'reject' }): Promise<boolean> {
    const open = (await this.#session.runs()).find(({ endedAt }) => endedAt === null)
    const ask = open?.waits.find((wait) => wait.kind === 'approval')
    if (!open || !ask || (wish.id !== undefined && open.id !== `${this.#session.id}/${wish.id}`)) {
      this.#teller.line('Nothing waits for a decision.')
      return true
    }
    const by = STAFF
    if (wish.kind === 'approve') await this.#runtime.approve(open.id, ask.id, { by })
    else await this.#runtime.reject(open.id, ask.id, { by, reason: wish.reason })
    return this.#goOn(await this.#session.runs())
  }

  /** @param last how many messages, all where it is left out. */
  async #show(last = Infinity): Promise<void> {
    const open = new Set((await this.#session.runs()).filter(({ endedAt }) => endedAt === null).map(({ id }) => id))
    const said = (await this.#session.history()).filter(({ runId, item }) => {
      return !open.has(runId) && ['user', 'assistant', 'refusal'].includes(item.kind)
    })
    for (const one of said.slice(-last)) this.#teller.said(one)
  }
}
