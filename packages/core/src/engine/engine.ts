// All that the engine stands on, as one object. runtime/assemble.ts makes it, once a runtime; every file of this folder
// that needs the store, the model, the clock or chance is given it, and reaches for nothing else. So a test can give
// its own, and a replay needs none of it.
import type { Clock, Logger, Random } from '../contracts/clock.ts'
import type { RunEvent } from '../contracts/event.ts'
import type { Model } from '../contracts/model.ts'
import type { AskWait } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Owners } from '../contracts/owners.ts'
import type { Store } from '../contracts/store.ts'
import type { OnError } from '../define/tool.ts'
import type { Secrets } from '../journal/secrets.ts'
import type { Chains } from './chains.ts'
import type { Children } from './children.ts'
import type { Committer } from './commit/committer.ts'
import type { Few } from './few.ts'
import type { TurnLimiter } from './turn-limiter.ts'

/** What the engine stands on: ordinary dependencies, so that a test can give its own. */
export interface Engine {
  readonly store: Store
  readonly committer: Committer
  readonly turns: TurnLimiter
  readonly model: Model
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly services: unknown
  readonly children: Children
  /** What turns of sessions go on from. */
  readonly chains: Chains
  readonly owners: Owners
  /** What a lineage keeps secret, as far as it is known here. */
  readonly secretsOf: (lineageId: string) => Secrets
  /** The name under which this runtime owns runs. */
  readonly owner: string
  /** How long what is under way may go on when the runtime is closed, in milliseconds. */
  readonly closeGraceMs: number
  /** How deep runs nest at most. */
  readonly maxDepth: number
  /** Of what is aborted when its time is over. */
  readonly few: Few
  /** Whether stacks of what tools, steps and workflows throw are kept in journals. */
  readonly recordStacks: boolean
  /** What a model is told of an error that is no ToolError, where its tool does not say. */
  readonly onError: OnError | undefined
  /** A beat that no run of this owner had before: whoever watches it sees that it lives. */
  readonly nextHeartbeat: () => number
  /**
   * Makes sure that a run is still this runtime's, where nothing has shown that for a while: whoever lost it in the
   * meantime is told before it begins another effort (invariant 8). Undefined where there is nothing to wait for.
   *
   * @param ownedAt when a write of the run has shown it last, on the monotonic clock.
   * @throws StoreError when the store does not answer.
   */
  readonly fence: (runId: string, ownedAt: number) => Promise<void> | undefined
  /** Tells whoever wants to know of it that somebody is asked about a call; undefined where nobody does. */
  readonly tellAsk: ((row: RunRow, wait: AskWait) => Promise<void>) | undefined
  /** Tells those who listen. Never throws. */
  readonly emit: (event: RunEvent) => void
}
