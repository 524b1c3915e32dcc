// What a journal of an agent or a team says was used and went wrong, in all and by agent. Pure. Of a fork, what it has
// taken over counts too: who goes through the whole conversation again is held against the whole.
import type { Entry, EntryBodies } from '../../contracts/entry.ts'
import type { Used } from '../../contracts/totals.ts'
import { blockedEffectOf } from '../../journal/blocked-effect.ts'
import { addSpent, addUsed, NO_TOTALS } from '../../journal/totals.ts'

/** What one side used and got wrong. */
export interface BacktestFigures {
  /** Turns, calls that returned, tokens and money. Unknown prices are counted apart (`unpriced`). */
  readonly used: Used
  /** Calls that rules refused. */
  readonly refused: number
  /** Answers that were sent back, since they broke the output's schema or a condition of it. */
  readonly sentBack: number
  /** Calls that could not be run as the model wrote them: unknown tools, broken arguments. */
  readonly unusable: number
  /**
   * How long each reply took, in milliseconds. Of the recording: between the times of its entry and of the one before it, so
   * with what the process did in between, without waits before retries. Of the candidate: by the runtime's clock, around
   * the ask.
   */
  readonly latencyMs: readonly number[]
}

const NONE: BacktestFigures = { used: NO_TOTALS, refused: 0, sentBack: 0, unusable: 0, latencyMs: [] }

/** The figures of a journal. */
export interface JournalFigures extends BacktestFigures {
  /** The models that were asked, by the names that agents have. */
  readonly models: readonly string[]
  /** The agent that held it last; null where none did. */
  readonly lastAgent: string | null
  /** The share of each agent that held the run. */
  readonly byAgent: Readonly<Record<string, BacktestFigures>>
}

/** Adds up a journal. */
export function figuresOf(entries: readonly Entry[]): JournalFigures {
  const shares = new Map<string, Counting>()
  const models = new Set<string>()
  let own = new Counting()
  let lastAgent: string | null = null
  let model = ''
  let begun = 0
  for (const entry of entries) {
    if ('card' in entry.body) {
      const { card } = entry.body
      own = shares.get(card.agent) ?? new Counting()
      shares.set(card.agent, own)
      lastAgent = card.agent
      model = card.model
    }
    if (entry.kind === 'model.replied' || entry.kind === 'model.failed') models.add(model)
    own.hear(entry, begun)
    // That the service accepted an ask is written when it had been sent.
    if (entry.kind !== 'model.asked')
      begun = entry.kind === 'model.failed' ? (entry.body.retryAt ?? entry.at) : entry.at
  }
  const byAgent = Object.fromEntries([...shares].map(([agent, share]) => [agent, share.figures]))
  const all = Object.values(byAgent).reduce(addFigures, NONE)
  return { ...all, models: [...models], lastAgent, byAgent }
}

class Counting {
  #used: Used = NO_TOTALS
  #refused = 0
  #sentBack = 0
  #unusable = 0
  readonly #latencyMs: number[] = []

  get figures(): BacktestFigures {
    const wrong = { refused: this.#refused, sentBack: this.#sentBack, unusable: this.#unusable }
    return { used: this.#used, ...wrong, latencyMs: this.#latencyMs }
  }

  /** @param begun when what the entry says may have begun, in milliseconds since 1970. */
  hear(entry: Entry, begun: number): void {
    if (entry.kind === 'model.replied') {
      this.#used = { ...addSpent(this.#used, entry.body.reply), turns: this.#used.turns + 1 }
      this.#latencyMs.push(Math.max(0, entry.at - begun))
    }
    if ('spent' in entry.body && entry.body.spent) this.#used = addSpent(this.#used, entry.body.spent)
    if (hasReturned(entry)) this.#used = { ...this.#used, calls: this.#used.calls + 1 }
    if (entry.kind === 'call.judged' && !entry.body.allowed) this.#refused++
    if (entry.kind === 'output.judged') this.#sentBack++
    if (entry.kind === 'call.failed' && isUnusable(entry.body)) this.#unusable++
  }
}

function hasReturned(entry: Entry): boolean {
  return entry.kind === 'call.returned' || (entry.kind === 'call.resolved' && entry.body.happened)
}

/** Whether a call could not be run as the model wrote it. */
export function isUnusable({ asked, error }: EntryBodies['call.failed']): boolean {
  return asked === undefined && blockedEffectOf(error) === undefined
}

function addFigures(one: BacktestFigures, other: BacktestFigures): BacktestFigures {
  return {
    used: addUsed(one.used, other.used),
    refused: one.refused + other.refused,
    sentBack: one.sentBack + other.sentBack,
    unusable: one.unusable + other.unusable,
    latencyMs: [...one.latencyMs, ...other.latencyMs],
  }
}
