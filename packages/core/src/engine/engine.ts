import type { Clock, Logger, Random } from '../contracts/clock.ts'
import type { RunEvent } from '../contracts/event.ts'
import type { Model } from '../contracts/model.ts'
import type { Store } from '../contracts/store.ts'
import type { Children } from './children.ts'
import type { Committer } from './committer.ts'

/** What the engine stands on: ordinary dependencies, so that a test can give its own. */
export interface Engine {
  readonly store: Store
  readonly committer: Committer
  readonly model: Model
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly services: unknown
  readonly children: Children
  /** The name under which this runtime owns runs. */
  readonly owner: string
  /** Tells those who listen. Never throws. */
  readonly emit: (event: RunEvent) => void
}
