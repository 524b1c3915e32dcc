import type { HistoryItem, ModelReply, RunEvent } from '@reprise/core'
import { isStep, tellStep } from '../show/progress.ts'
import { short } from '../show/short.ts'

const YOU = 'you: '
const DESK = 'desk: '

/** Tells what happens in a conversation: words as they come, and a line for each thing that the agent does. */
export class Teller {
  readonly #write: (text: string) => void
  /** The newest entry that was told of each run: a run that is taken up again is not told from its beginning. */
  readonly #told = new Map<string, number>()
  /** The arguments of calls as the model gave them, by the keys of the calls. */
  readonly #arguments = new Map<string, string>()
  /** Characters that were written of the answer that is coming. */
  #written = 0

  /** @param write puts a text out as it is. */
  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** @param isTyped whether the customer's words stand on the screen already. */
  event(event: RunEvent, isTyped: boolean): void {
    if (event.kind === 'text.delta') return this.#delta(event)
    if (event.kind === 'attempt.discarded') return this.#breakOff()
    if (!('seq' in event) || event.seq <= (this.#told.get(event.runId) ?? -1)) return
    this.#told.set(event.runId, event.seq)
    if (event.kind === 'run.started') {
      if (!isTyped) this.line(`${YOU}${wordsOf(event.body.input)}`)
    } else if (event.kind === 'model.replied') this.#replied(event.key, event.body.reply)
    else this.#step(event)
  }

  /** What was said before, one line for each message. */
  said({ item }: HistoryItem): void {
    if (item.kind === 'user' && !isMemory(item.text)) this.line(`${YOU}${item.text}`)
    if (item.kind === 'assistant' || item.kind === 'refusal') this.line(`${DESK}${item.text}`)
  }

  /** A line by itself. */
  line(text: string): void {
    this.#breakOff()
    this.#write(`${text}\n`)
  }

  #delta({ offset, delta }: RunEvent & { kind: 'text.delta' }): void {
    // Whoever came late has the rest when the reply is whole.
    if (offset !== this.#written) return
    this.#write(this.#written === 0 ? `${DESK}${delta}` : delta)
    this.#written += delta.length
  }

  #breakOff(): void {
    if (this.#written > 0) this.#write(' [broken off]\n')
    this.#written = 0
  }

  #replied(key: string, { items }: ModelReply): void {
    const text = items
      .flatMap((item) => (item.kind === 'assistant' || item.kind === 'refusal' ? [item.text] : []))
      .join('')
    if (text !== '') this.#write(`${this.#written === 0 ? DESK : ''}${text.slice(this.#written)}\n`)
    this.#written = 0
    const calls = items.filter((item) => item.kind === 'call')
    for (const [at, call] of calls.entries()) this.#arguments.set(`${key}/call:${at}`, call.arguments)
  }

  #step(event: RunEvent): void {
    const told = this.#tell(event)
    if (told !== undefined) this.line(`  ${told}`)
  }

  #tell(event: RunEvent): string | undefined {
    if (event.kind === 'call.judged')
      return event.body.allowed ? undefined : `x ${event.body.name} is refused: ${reasonOf(event.body.told)}`
    if (event.kind === 'call.returned')
      return `+ ${this.#call(event.key, event.body.name)} -> ${short(JSON.stringify(event.body.result))}`
    if (event.kind === 'approval.asked')
      return `? ${this.#call(event.key, event.body.name)} waits for somebody to allow it: /approve, or /reject WHY`
    if (event.kind === 'approval.given')
      return `! ${event.body.name} is ${event.body.approved ? 'allowed' : 'refused'} by ${event.body.by}`
    if (event.kind === 'memory.read')
      return event.body.text === undefined
        ? undefined
        : `= what is known of the customer: ${event.body.keys.join(', ')}`
    return isStep(event) ? tellStep(event) : undefined
  }

  #call(key: string, name: string): string {
    return `${name} ${short(this.#arguments.get(key) ?? '')}`
  }
}

/** What the model is told, without the words that it begins with each time. */
function reasonOf(told = ''): string {
  return short(
    told.replace(/^Not executed: /, '').replace(/^a rule does not allow .* as the conversation stands\. /, ''),
  )
}

/** What the runtime tells the model of the customer stands among the customer's words, and the customer has not said it. */
function isMemory(text: string): boolean {
  return text.startsWith('What is known about the user from earlier conversations.')
}

function wordsOf(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input)
}
